"""`doctor --explain`: from a file or a pipe to cause, remedy and source."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

TEXT = "Traceback (most recent call last):\nImportError: No module named 'torch._six'\n"


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the command something on standard input."""

    def feed(content: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return feed


def test_a_piped_traceback_is_answered(pipe: Any, run_tool: Any) -> None:
    """Cause, the commands for the interpreter at hand, and where it was seen."""
    pipe(TEXT.encode())
    done = run_tool("doctor", "--explain", "-")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("cause: torchvision 0.14 and older need torch._six")
    assert lines[1].startswith(f"fix: {sys.executable} -m pip install --upgrade torch")
    assert lines[-1].startswith("source: https://github.com/pytorch/pytorch/issues/")


def test_a_file_is_answered_in_json(tmp_path: Path, run_tool: Any) -> None:
    """For scripts: each part by its name."""
    path = tmp_path / "log.txt"
    path.write_bytes(b"\x1b[31m" + TEXT.encode() + b"\x1b[0m")
    done = run_tool("doctor", "--explain", str(path), "--json")
    data = done.json["data"]
    assert done.exit_code == 0
    assert (data["known"], data["name"]) == (True, "torch-six")
    assert data["said"] == "ImportError: No module named 'torch._six'"
    assert data["fix"][0].endswith("--upgrade torch torchvision")
    assert data["source"].startswith("https://")


def test_an_unknown_text_is_shown_whole_without_a_remedy(pipe: Any, run_tool: Any) -> None:
    """Exit code 1, as for every answer that is "no"."""
    pipe(b"OddError: first line\nsecond line\n")
    done = run_tool("doctor", "--explain", "-")
    assert done.exit_code == 1
    assert "OddError: first line\nsecond line\n" in done.stdout
    assert "no known cause" in done.stdout
    assert "search: https://" in done.stdout
    assert "fix:" not in done.stdout


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_no_text_is_a_mistake(content: bytes, pipe: Any, run_tool: Any) -> None:
    """Not an unknown one."""
    pipe(content)
    assert run_tool("doctor", "--explain", "-").exit_code == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, run_tool: Any) -> None:
    """A missing one, and a folder."""
    for path in (tmp_path / "none", tmp_path):
        done = run_tool("doctor", "--explain", str(path))
        assert done.exit_code == 2
        assert str(path) in done.stderr


def test_it_goes_with_nothing_that_examines(run_tool: Any) -> None:
    """It looks at the text alone."""
    done = run_tool("doctor", "--explain", "-", "--fix")
    assert done.exit_code == 2
    assert "--explain" in done.stderr
