"""What is not opened is named by its bytes, whatever the file is called."""

from __future__ import annotations

import os
import sys

import pytest
from PIL import Image

from mnist_tool.errors import ImageError
from mnist_tool.reading.picture import read_grey
from tests.reading.files import EPS, STRANGERS
from tests.reading.pictures import NEAR, encoded, far, large


@pytest.mark.parametrize(("content", "what"), STRANGERS.items(), ids=str)
def test_what_is_not_opened_is_named(content, what, monkeypatch):
    """By its bytes, with what to do."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=f"here.png is .*{what}") as caught:
        read_grey(content, "here.png")
    assert caught.value.hint


def test_heic_is_read_where_its_package_is(monkeypatch):
    """As phones save their photos; where it is not installed, the package is named."""
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    content = encoded(Image.fromarray(large()).convert("RGB"), "HEIF", quality=90)
    assert far(read_grey(content, "it"), large()) < NEAR
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="a HEIC picture") as caught:
        read_grey(content, "it")
    assert "pillow-heif" in caught.value.hint


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
