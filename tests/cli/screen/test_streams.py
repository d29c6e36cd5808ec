"""Nothing is hidden, however wide a terminal says it is."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from typing import Any

import pytest

from mnist_tool.cli.screen import streams

Run = Callable[..., Any]


@pytest.mark.parametrize("size", ["0", "1", "-7", "wide", "", "²", "9" * 5000])
def test_a_width_that_is_none_is_forgotten(size: str, run_process: Run) -> None:
    """`COLUMNS=0` and others hide nothing: the page is the one of a terminal without a size."""
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    usual = run_process("sources", env=plain)
    assert "cvdf" in usual.stdout
    assert run_process("sources", env=plain | {"COLUMNS": size, "LINES": size}) == usual


def test_a_narrow_page_is_complete(run_process: Run) -> None:
    """Words that are wider than their column go on in the next line."""
    pages = [
        "".join(
            run_process("fetch", "--help", env=os.environ | {"COLUMNS": columns}).stdout.split()
        )
        for columns in ("20", "200")
    ]
    assert sorted(pages[0]) == sorted(pages[1])


def test_a_reader_that_leaves_on_windows_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the pipe answers with "Invalid argument" instead, and the work goes on as well."""

    class Left(io.StringIO):
        def write(self, text: str, /) -> int:
            raise OSError(errno.EINVAL, "Invalid argument")

    left: list[int] = []
    monkeypatch.setattr(streams, "discard", left.append)
    console = streams.PatientConsole(file=Left())
    with pytest.raises(OSError, match="Invalid"):
        console.print("a")
    monkeypatch.setattr(streams.os, "name", "nt")
    streams.PatientConsole(file=Left()).print("a")
    assert left == [1]


def test_what_windows_refuses_of_a_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that it takes for none is something else than a reader that has left."""
    monkeypatch.setattr(streams.os, "name", "nt")
    assert not streams.has_left(OSError(errno.EINVAL, "Invalid argument", "a:b"))
    assert not streams.has_left(OSError(errno.ENOSPC, "full"))
    assert streams.has_left(BrokenPipeError(errno.EPIPE, "gone"))
