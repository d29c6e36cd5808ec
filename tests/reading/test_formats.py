"""What is not opened is named by its bytes, whatever the file is called."""

from __future__ import annotations

import os

import pytest

from mnist_tool.errors import ImageError
from mnist_tool.reading.picture import read_grey
from tests.reading.files import EPS, STRANGERS


@pytest.mark.parametrize(("content", "what"), STRANGERS.items(), ids=str)
def test_what_is_not_opened_is_named(content, what):
    """By its bytes, with what to do."""
    with pytest.raises(ImageError, match=f"here.png is .*{what}") as caught:
        read_grey(content, "here.png")
    assert caught.value.hint


def test_ghostscript_is_never_started(tmp_path, monkeypatch):
    """Whatever the file is called; the program that Pillow would start is first in the path."""
    started = tmp_path / "started"
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {started}\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for name in ("evil.eps", "evil.png"):
        with pytest.raises(ImageError, match="an EPS file"):
            read_grey(EPS, name)
    assert not started.exists()
