"""What was asked for: names, addresses, paths and streams in every shape, and the disk first."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.fetching import fetch as fetch_module
from mnist_tool.dataset.fetching.fetch import choose_clocks, fetch
from mnist_tool.dataset.fetching.report import FetchReport
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.errors import FetchError, SettingError
from tests.dataset.conftest import Doing
from tests.faults import tiny
from tests.trace_fetch import trace_fetch

pytestmark = pytest.mark.usefixtures("tiny_registered")


def bring(sources: Any = None, **options: Any) -> FetchReport:
    """Fetch the tiny data set into ``root``."""
    return fetch("root", dataset="tiny", sources=sources, clocks=tiny.CLOCKS, **options)


@pytest.mark.skipif(sys.gettrace() is not None, reason="what measures coverage is in the way")
def test_four_files_from_a_mirror_take_a_short_way() -> None:
    """What other forms, carriers, rows and sources of one's own need lies beside it."""
    way = trace_fetch()
    files = {Path(file).stem for file in way.files}
    beside = {"carried", "datafile", "row", "own", "pictures", "matching", "values", "judgement"}
    assert not files & beside
    # The race may end a moment before the thread that brought the last file, and gives that up.
    late = {"give_up", "state", "errors"}
    steps = [c for c in way.functions if not late & {c.co_name, Path(c.co_filename).stem}]
    assert len(files - late) <= 15
    assert len(steps) <= 80  # or 79: the rate is looked at only where time has passed
    assert way.depth <= 7


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


@pytest.mark.parametrize("given", [None, (), []])
def test_nothing_named_means_what_is_registered(given: Any) -> None:
    """In its order; a name means that one alone."""
    asked: list[str] = []

    def nothing(worker: Any) -> None:
        with worker.attempt("here", "x"):
            pass

    named = tuple(
        Doing(name, turns=(nothing,), asked=asked, refuses=name == "one") for name in ("one", "two")
    )
    DATASETS["tiny"] = tiny.register().__class__("tiny", "Tiny", "Tiny", tiny.FILES, named)
    with pytest.raises(FetchError):
        bring(given)
    assert asked == ["one", "two"]
    with pytest.raises(FetchError):
        bring("two")
    assert asked == ["one", "two", "two"]
    with pytest.raises(FetchError):
        bring(given, mirror=True)
    assert asked == ["one", "two", "two", "two"]


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
        [source] = fetch_module._choose(DATASETS["mnist"], scheme + rest or "x", mirror=False)
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


def test_a_mirror_and_named_sources_exclude_each_other(archive: Path) -> None:
    """Both say where to look."""
    with pytest.raises(SettingError, match="not both"):
        bring(str(archive), mirror=True)


def test_a_data_set_without_sources_is_taken_where_it_lies(archive: Path) -> None:
    """The disk is looked at before anybody asks where else to look."""
    DATASETS["tiny"] = Dataset("tiny", "Tiny", "Tiny", tiny.FILES)
    with pytest.raises(FetchError, match="0 of 4"):
        bring()
    with pytest.raises(SettingError, match="no source") as caught:
        bring("ossci")
    assert caught.value.hint == "Give a URL or an existing path."
    bring(str(archive))
    assert {file.state for file in bring().files} == {"present"}


def test_what_lies_about_is_used_and_nothing_hidden(archive: Path) -> None:
    """An archive in the root completes it; under a hidden name nobody looks."""
    Path("root").mkdir()
    archive.rename("root/.x.tar")
    with pytest.raises(FetchError):
        bring(offline=True)
    Path("root/.x.tar").rename("root/x.tar")
    assert {file.source for file in bring(offline=True).files} == {"local"}
    assert {path.name for path in Path("root").iterdir()} == {"x.tar", "Tiny"}


def test_a_failed_fetch_leaves_no_folder_and_tells_every_try() -> None:
    """Those who asked for the attempts get them also when it fails."""
    attempts: list[Any] = []
    Path("page").write_text("<html>")
    with pytest.raises(FetchError) as caught:
        bring(["page", io.BytesIO(b"")], attempts=attempts)
    assert [attempt.source for attempt in attempts] == ["local", "stdin"]
    assert sorted(a.source for a in caught.value.attempts) == ["local", "stdin"]
    assert caught.value.missing == list(tiny.CONTENT)
    assert list(Path().iterdir()) == [Path("page")]


def test_clocks_come_from_options_then_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither a connection nor the next source is waited for longer than for a byte."""
    monkeypatch.setenv("MNIST_TOOL_GRACE", "7")
    clocks = choose_clocks(timeout=2.0, deadline=5.0)
    assert (clocks.timeout, clocks.connect_timeout, clocks.patience) == (2, 2, 2)
    assert (clocks.grace, clocks.deadline, clocks.lock_wait) == (7, 5, 120)
