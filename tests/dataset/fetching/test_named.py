"""What is meant: names, addresses, paths and streams in every shape."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.fetching.named import sources_named
from mnist_tool.dataset.fetching.report import FetchReport
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import SettingError
from tests.faults import tiny

pytestmark = pytest.mark.usefixtures("tiny_registered")


def bring(sources: Any = None, **options: Any) -> FetchReport:
    """Fetch the tiny data set into ``root``."""
    return fetch("root", dataset="tiny", sources=sources, clocks=tiny.CLOCKS, **options)


@pytest.fixture
def archive() -> Path:
    """Everything in one file of the current folder."""
    path = Path("x.tar")
    path.write_bytes(tiny.tar(tiny.CONTENT, "w"))
    return path


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("shape", ["text", "path", "file", "stream", "bytes in memory"])
def test_one_source_alone_or_in_a_sequence(archive: Path, shape: str, many: bool) -> None:
    """A text is no sequence of letters, and a path none of its parts."""
    with archive.open("rb") as stream:
        given: Any = {
            "text": str(archive),
            "path": archive,
            "file": archive.absolute().as_uri(),
            "stream": stream,
            "bytes in memory": io.BytesIO(archive.read_bytes()),
        }[shape]
        report = bring([given] if many else given, offline=True)
    assert {file.state for file in report.files} == {"fetched"}
    for name, content in tiny.CONTENT.items():
        assert Path("root/Tiny/raw", name).read_bytes() == content
    again = bring(offline=True)
    assert {file.state for file in again.files} == {"present"}
    assert [file.location for file in again.files] == [file.location for file in report.files]


@pytest.mark.parametrize("given", [3, b"x.tar", io.StringIO("x"), [None], object()])
def test_what_is_no_source_is_a_setting(given: Any, archive: Path) -> None:
    """No foreign exception comes out of a worker's thread."""
    with pytest.raises(SettingError, match="stream of bytes"):
        bring(given)
    assert not Path("root").exists()


addresses = st.text("htps:/[]@.?#~x\\%0 \0\ud800", max_size=14)


@given(st.sampled_from(["", "file://", "http://", "https:", "~"]), addresses)
def test_any_text_is_a_source_or_a_setting(scheme: str, rest: str) -> None:
    """Nothing but our own error comes out, whatever was typed; nothing is looked into yet."""
    try:
        [source] = sources_named(DATASETS["mnist"], scheme + rest or "x")
    except SettingError:
        return
    assert source.kind in {"local", "files", "archive"}


@pytest.mark.parametrize(
    ("named", "word"),
    [("nowhere", "no file or folder"), ("ftp://host/x", "not ftp"), ("https://:8/", "no address"),
     ("http://h:0/", "no address"), ("file://[bad/x", "no file or folder")],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(named: str, word: str) -> None:
    """Before anything is made on the disk."""
    with pytest.raises(SettingError, match=word):
        bring(named)
    assert not Path("root").exists()
