"""Workers: the record of their attempts, and which of them are worth another try."""

from __future__ import annotations

import email.utils
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mnist_tool.dataset.attempt import MAX_RETRY_AFTER, Attempt, Cancelled
from mnist_tool.dataset.cache import Partial
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.fetching.worker import Worker
from mnist_tool.dataset.network.download import _retry_after
from mnist_tool.dataset.network.outcomes import OUTCOMES
from mnist_tool.dataset.sources.local import Leftovers
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SourceError
from mnist_tool.progress import Silent
from tests.faults import tiny
from tests.faults.conftest import Run
from tests.faults.server import Server


@pytest.fixture
def state(tmp_path: Path) -> Fetch:
    """A fetch of the tiny data set that has just begun."""
    until = time.monotonic() + 1000
    store = Store(tmp_path, tiny.TINY)
    return Fetch(store, list(tiny.FILES), tiny.CLOCKS, Silent(), [], until)


@pytest.fixture
def worker(state: Fetch, tmp_path: Path) -> Worker:
    """A worker of it, at a source on this disk."""
    return Worker(state, Leftovers(paths=(tmp_path / "t10k-labels-idx1-ubyte.gz",)))


@pytest.mark.parametrize("delivers", [True, False])
def test_who_brought_the_last_file_was_not_too_slow(
    state: Fetch, worker: Worker, delivers: bool
) -> None:
    """The race may end between a file's arrival and the end of the attempt that brought it."""
    with worker.attempt("here", "x.gz") as attempt:
        if delivers:
            name = tiny.FILES[1].name
            worker.unpack(attempt, io.BytesIO(tiny.CONTENT[name]), name)
        worker.give_up(state.reason())
    assert [a.outcome for a in state.attempts] == ["ok" if delivers else "cancelled"]


def test_an_attempt_is_recorded_once(state: Fetch, worker: Worker) -> None:
    """Whoever is given up from outside does not report again when its socket ends."""
    with worker.attempt("here", "x.gz"):
        worker.give_up(SourceError("silent", outcome="timeout", hint="wait"))
        raise SourceError("the socket ended", outcome="reset", hint="")
    assert [(a.outcome, a.message) for a in state.attempts] == [("timeout", "silent")]


@pytest.mark.parametrize(
    ("late", "outcome", "message"),
    [
        (True, "deadline", "time ran out"),
        (False, "interrupted", "the fetch ended before it was done"),
    ],
)
def test_who_is_stopped_says_what_for(
    state: Fetch, worker: Worker, late: bool, outcome: str, message: str
) -> None:
    """Only when all files are there was another source faster."""
    state.ended = True
    state.deadline -= 2000 if late else 0
    with worker.attempt("here", "x.gz"):
        raise Cancelled
    assert [(a.outcome, a.message) for a in state.attempts] == [(outcome, message)]


def test_looking_at_leftovers_ends_when_nobody_waits(
    state: Fetch, worker: Worker, tmp_path: Path
) -> None:
    """Whoever is given up puts an end to its work, before the next file and within one."""
    tiny.laid_down(tmp_path, tiny.PACKED)
    worker.give_up(state.reason())
    worker.source.bring(worker)
    with worker.attempt("here", "x.gz", asked_for=False) as attempt:
        worker.unpack(attempt, io.BytesIO(tiny.PACKED["t10k-labels-idx1-ubyte.gz"]), "x.gz")
    assert {attempt.outcome for attempt in state.attempts} <= {"cancelled"}
    assert tiny.bad_things(tmp_path) == []
    assert not state.store.raw.exists()


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_asked_again(outcome: str) -> None:
    """Only what may pass, and only where the server does not want a longer pause."""
    passing = {"closed", "reset", "truncated", "busy"}
    for wait, patient in ((None, True), (MAX_RETRY_AFTER, True), (MAX_RETRY_AFTER + 1, False)):
        attempt = Attempt("m", "here", "x.gz", outcome=outcome, retry_after=wait)
        assert attempt.again == (outcome in passing and patient)


def test_a_pause_may_be_a_date() -> None:
    """Seconds until then; none if it has passed."""
    now = time.time()
    later = _retry_after(email.utils.formatdate(now + 1000, usegmt=True))
    assert later is not None
    assert 999 - (time.time() - now) <= later <= 1000
    assert _retry_after(email.utils.formatdate(now - 1000, usegmt=True)) == 0


def test_nobody_ends_the_process_while_a_download_is_put_away(
    fetch: Run, mirror: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discarding what was used up counts as work at the disk, for which the race waits."""
    at_work = [0]
    seen: list[int] = []
    real_putting_away, real_discard = Worker._putting_away, Partial.discard

    @contextmanager
    def putting_away(self: Worker) -> Iterator[None]:
        with real_putting_away(self):
            at_work[0] += 1
            yield
            at_work[0] -= 1

    def discard(self: Partial) -> None:
        seen.append(at_work[0])
        real_discard(self)

    monkeypatch.setattr(Worker, "_putting_away", putting_away)
    monkeypatch.setattr(Partial, "discard", discard)
    assert fetch().exit_code == 0
    assert len(seen) == len(mirror.requests)
    assert min(seen) > 0
