"""A fetch: the disk first, what was asked for, and the race over sources that do as told."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.bytes import archives
from mnist_tool.dataset.fetching import fetch as fetch_module
from mnist_tool.dataset.fetching.fetch import choose_clocks, fetch, race
from mnist_tool.dataset.fetching.report import FetchReport
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.fetching.worker import Worker
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.dataset.sources.base import Receiver
from mnist_tool.errors import FetchError, SettingError, SourceError, StorageError
from tests.dataset.conftest import Doing
from tests.faults import tiny
from tests.trace_fetch import trace_fetch

Turn = Callable[[Receiver], Any]

pytestmark = pytest.mark.usefixtures("tiny_registered")


def bring(sources: Any = None, **options: Any) -> FetchReport:
    """Fetch the tiny data set into ``root``."""
    return fetch("root", dataset="tiny", sources=sources, clocks=tiny.CLOCKS, **options)


@pytest.mark.skipif(sys.gettrace() is not None, reason="what measures coverage is in the way")
def test_four_files_from_a_mirror_take_a_short_way() -> None:
    """What other forms, carriers, rows and sources of one's own need lies beside it.

    So does what recognises a body: that of a registered SHA-256 is known.
    """
    way = trace_fetch()
    files = {Path(file).stem for file in way.files}
    beside = {"carried", "datafile", "row", "own", "pictures", "matching", "values", "judgement"}
    assert not files & (beside | {"archives", "kinds"})
    # The race may end a moment before the thread that brought the last file, and gives that up.
    late = {"give_up", "state", "errors"}
    steps = [c for c in way.functions if not late & {c.co_name, Path(c.co_filename).stem}]
    assert len(files - late) <= 11
    assert len(steps) <= 75  # or 74: the rate is looked at only where time has passed
    assert way.depth <= 7


@pytest.fixture
def archive() -> Path:
    """Everything in one file of the current folder."""
    path = Path("x.tar")
    path.write_bytes(tiny.tar(tiny.CONTENT, "w"))
    return path


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


# ---- the race ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_pauses(state: Fetch) -> Iterator[None]:
    """Pauses that are in order, and not worth waiting for; nobody is silent for long."""
    state.clocks = replace(tiny.CLOCKS, backoff=1e-4)
    yield
    state.ended = True


def fails(outcome: str, retry_after: float | None = None) -> Turn:
    """An attempt that ends with this outcome."""

    def turn(receiver: Receiver) -> None:
        with receiver.attempt("here", "x") as attempt:
            attempt.retry_after = retry_after
            raise SourceError("no", outcome=outcome, hint="")

    return turn


def delivers(receiver: Receiver, *names: str) -> None:
    """An attempt that brings these files, or all."""
    with receiver.attempt("here", "all") as attempt:
        for name in names or tiny.CONTENT:
            receiver.unpack(attempt, io.BytesIO(tiny.CONTENT[name]), name)


def stuck(until: threading.Event, late: Fetch | None = None) -> Turn:
    """A source that is silent until the event, and then fails; the time of a fetch may be up."""

    def turn(receiver: Receiver) -> None:
        with receiver.attempt("here", "x") as attempt:
            with attempt.waiting():
                if late is not None:
                    late.deadline = 0.0
                assert until.wait(60)
            raise SourceError("the socket ended", outcome="reset", hint="")

    return turn


def outcomes(state: Fetch) -> list[tuple[str, str]]:
    """Return who had which outcome, in the order of the record."""
    return [(attempt.source, attempt.outcome) for attempt in state.attempts]


def test_every_source_is_asked_before_one_is_asked_again(state: Fetch) -> None:
    """In order; and again only those whose failure may pass, three times altogether."""
    asked: list[str] = []
    again, never = fails("reset"), fails("status")
    sources = [Doing("a", turns=(again,), asked=asked), Doing("b", turns=(never,), asked=asked),
               Doing("c", turns=(again,), asked=asked)]  # fmt: skip
    race(state, sources)
    assert asked[:3] == ["a", "b", "c"]
    assert sorted(asked[3:]) == ["a", "a", "c", "c"]
    assert state.wanted == list(tiny.FILES)


def test_a_source_that_was_asked_again_may_complete_the_data(state: Fetch) -> None:
    """The others are not asked any more."""
    asked: list[str] = []
    sources = [Doing("a", turns=(fails("busy"), delivers), asked=asked),
               Doing("b", turns=(fails("dns"),), asked=asked)]  # fmt: skip
    race(state, sources)
    assert asked == ["a", "b", "a"]
    assert state.wanted == []
    assert outcomes(state) == [("a", "busy"), ("b", "dns"), ("a", "ok")]


def test_nobody_is_asked_before_the_pause_that_the_server_wants(
    state: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As told to the one who waits; a pause beyond the deadline is not begun."""
    slept: list[float] = []
    monkeypatch.setattr(fetch_module.time, "sleep", lambda pause: (slept.append(pause), skip())[1])
    clock = time.monotonic
    ahead = [0.0]
    monkeypatch.setattr(fetch_module.time, "monotonic", lambda: clock() + ahead[0])

    def skip() -> None:
        ahead[0] += slept[-1]

    race(state, [Doing("a", turns=(fails("busy", 20.0), fails("busy", 29.0), delivers))])
    assert state.wanted == []
    assert len(slept) == 2
    assert 15 < slept[0] <= 20
    assert 24 < slept[1] <= 29


def test_a_pause_beyond_the_deadline_is_not_begun(state: Fetch) -> None:
    """Who must not be asked before the end is not waited for."""
    state.deadline = time.monotonic() + 20
    race(state, [Doing("a", turns=(fails("busy", 29.0), delivers))])
    assert outcomes(state) == [("a", "busy")]


def test_the_next_source_starts_beside_a_silent_one(state: Fetch) -> None:
    """Whoever still waits when all is there was beaten, and is recorded once, however it ends."""
    state.clocks = replace(state.clocks, patience=0.01)
    over = threading.Event()
    race(state, [Doing("slow", turns=(stuck(over),)), Doing("fast", turns=(delivers,))])
    assert outcomes(state) == [("fast", "ok"), ("slow", "cancelled")]
    over.set()
    _join("slow")
    assert outcomes(state) == [("fast", "ok"), ("slow", "cancelled")]


def _join(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(60)


def test_a_source_that_speaks_is_waited_for(state: Fetch) -> None:
    """Only silence of the network counts; work of our own does not."""
    state.clocks = replace(state.clocks, patience=1e-6)
    asked: list[str] = []

    def busy(receiver: Receiver) -> None:
        time.sleep(0.02)
        delivers(receiver)

    race(
        state, [Doing("a", turns=(busy,), asked=asked), Doing("b", turns=(delivers,), asked=asked)]
    )
    assert asked == ["a"]


def test_the_deadline_ends_everything(state: Fetch) -> None:
    """Who is at work is given up, who was not asked is on record as such."""
    over = threading.Event()
    race(state, [Doing("slow", turns=(stuck(over, state),)), Doing("late", turns=(delivers,))])
    assert outcomes(state) == [("slow", "deadline"), ("late", "not-tried")]
    assert all(attempt.message and attempt.hint for attempt in state.attempts)
    over.set()
    _join("slow")
    assert len(state.attempts) == 2


def test_without_time_nobody_is_asked(state: Fetch) -> None:
    """A deadline that has passed already."""
    state.deadline = 0.0
    race(state, [Doing("a", turns=(delivers,)), Doing("b", turns=(delivers,))])
    assert outcomes(state) == [("a", "not-tried"), ("b", "not-tried")]


def test_what_one_brought_the_next_is_not_asked_for(state: Fetch) -> None:
    """Each goes on with what is still wanted."""
    first, *rest = tiny.CONTENT
    seen: list[str] = []

    def second(receiver: Receiver) -> None:
        seen.extend(file.name for file in receiver.wanted())
        delivers(receiver)

    race(state, [Doing("a", turns=(lambda w: delivers(w, first),)), Doing("b", turns=(second,))])
    assert seen == rest
    assert {name: origin.source for name, origin in state.origins.items()} == {
        first: "a", **dict.fromkeys(rest, "b"),
    }  # fmt: skip


@pytest.mark.parametrize("error", [ZeroDivisionError("ours"), StorageError("full", hint="")])
def test_a_fault_of_ours_comes_out_in_the_caller(state: Fetch, error: Exception) -> None:
    """Whatever a receiver's thread raises; no other source is asked then."""

    def breaks(receiver: Receiver) -> None:
        with receiver.attempt("here", "x"):
            raise error

    asked: list[str] = []
    with pytest.raises(type(error), match=str(error)):
        race(state, [Doing("a", turns=(breaks,), asked=asked),
                     Doing("b", turns=(delivers,), asked=asked)])  # fmt: skip
    assert asked == ["a"]


class Halting(io.BytesIO):
    """A stream that says when half of it was read, and goes on when it may."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.half, self.go = threading.Event(), threading.Event()
        self._size = len(content)

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > self._size // 2:
            self.half.set()
            assert self.go.wait(60)
        return super().read(min(size or 0, 5000))


def test_ctrl_c_in_the_middle_of_a_file_leaves_nothing(
    state: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race waits until the temporary file is put away, and says who was interrupted."""
    name = "train-images-idx3-ubyte"
    stream, lock, real_start = Halting(tiny.CONTENT[name]), threading.RLock(), Worker.start

    class Awaited:
        """The worker's lock, which lets the stream go on when the race waits for it."""

        __enter__, __exit__, release = lock.__enter__, lock.__exit__, lock.release

        def acquire(self, timeout: float) -> bool:
            stream.go.set()
            return lock.acquire(timeout=timeout)

    def start(self: Any, patience: float) -> None:
        self.at_the_disk = Awaited()
        real_start(self, patience)

    def interrupted(*_: float) -> bool:
        assert stream.half.wait(60)
        assert any(".part" in path.name for path in state.store.raw.iterdir())
        raise KeyboardInterrupt

    def bring(receiver: Receiver) -> None:
        with receiver.attempt("here", "x") as attempt:
            receiver.unpack(attempt, stream, "x")

    monkeypatch.setattr(archives, "ASKED_EVERY", 1000)
    monkeypatch.setattr(Worker, "start", start)
    monkeypatch.setattr(state.news, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        race(state, [Doing("a", turns=(bring,))])
    assert list(state.store.raw.iterdir()) == []
    _join("a")
    assert outcomes(state) == [("a", "interrupted")]


def test_who_was_given_up_records_nothing_more(state: Fetch) -> None:
    """Also not an attempt that it begins afterwards."""
    over = threading.Event()

    def stubborn(receiver: Receiver) -> None:
        stuck(over, state)(receiver)
        fails("dns")(receiver)
        delivers(receiver)

    race(state, [Doing("a", turns=(stubborn,))])
    over.set()
    _join("a")
    assert outcomes(state) == [("a", "deadline")]
