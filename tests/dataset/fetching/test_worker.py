"""Workers: the record of their attempts, and what they put away."""

from __future__ import annotations

import gzip
import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.attempt import Cancelled
from mnist_tool.dataset.cache import Partial
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.fetching.worker import MARGIN, Worker
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.sources.local import Leftovers
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SourceError
from tests.dataset.conftest import Doing
from tests.faults import tiny
from tests.faults.rows import good
from tests.faults.server import Behaviour, Server


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


def test_two_may_bring_a_file_at_the_same_moment(
    state: Fetch, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have put it away, from equal bytes."""
    name = tiny.FILES[1].name
    other = Worker(state, worker.source)
    real = Store.put

    def put(store: Store, *arguments: Any, **options: Any) -> DataFile | None:
        monkeypatch.setattr(Store, "put", real)
        with other.attempt("there", "x.gz") as attempt:
            other.unpack(attempt, io.BytesIO(tiny.CONTENT[name]), name)
        return real(store, *arguments, **options)

    monkeypatch.setattr(Store, "put", put)
    with worker.attempt("here", "x.gz") as attempt:
        worker.unpack(attempt, io.BytesIO(tiny.CONTENT[name]), name)
    assert [(a.outcome, a.delivered) for a in state.attempts] == [("ok", [name])] * 2
    assert tiny.FILES[1] not in state.wanted
    recorded = state.store.record.origin(tiny.FILES[1])
    assert recorded == state.origins[name]


@pytest.mark.parametrize("stopped", [True, False])
def test_who_was_given_up_puts_nothing_away(
    state: Fetch, worker: Worker, tmp_path: Path, stopped: bool
) -> None:
    """Not even a whole .gz, which needs no looking into."""
    file, body = tiny.FILES[1], tmp_path / "body"
    body.write_bytes(gzip.compress(tiny.CONTENT[file.name]))
    with worker.attempt("here", "x.gz") as attempt:
        if stopped:
            worker.give_up(state.reason())
        worker._gunzip(attempt, body, file)
    assert (state.store.raw / file.name).exists() != stopped


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
    assert list(state.store.raw.iterdir()) == []


def test_nobody_ends_the_process_while_a_download_is_put_away(
    state: Fetch, serve: Callable[[Behaviour], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discarding what was used up counts as work at the disk, for which the race waits."""
    workers: list[Worker] = []
    free: list[bool] = []
    real_start, real_discard = Worker.start, Partial.discard

    def start(self: Worker, patience: float) -> None:
        workers.append(self)
        real_start(self, patience)

    def discard(self: Partial) -> None:
        with ThreadPoolExecutor() as other:  # the race is another thread too
            free.append(other.submit(workers[0].at_the_disk.acquire, blocking=False).result())
        real_discard(self)

    monkeypatch.setattr(Worker, "start", start)
    monkeypatch.setattr(Partial, "discard", discard)
    race(state, [Mirror("good", serve(good).url)])
    assert state.wanted == []
    assert free == [False] * len(tiny.FILES)


@pytest.mark.parametrize(
    ("silence", "work", "source_deadline", "outcome", "next_starts"),
    [
        (0.0, 14.9, 1000.0, None, False),
        (0.0, 15.0, 1000.0, None, True),
        (2.4, 0.0, 1000.0, None, False),
        (2.5, 0.0, 1000.0, None, True),
        (39.9, 0.0, 1000.0, None, True),
        (40.1, 0.0, 1000.0, "timeout", True),
        (0.0, 0.0, 0.0, "deadline", True),
    ],
)
def test_who_watches_a_source(
    state: Fetch,
    monkeypatch: pytest.MonkeyPatch,
    silence: float,
    work: float,
    source_deadline: float,
    outcome: str | None,
    next_starts: bool,
) -> None:
    """It is given up for what a socket's time-outs do not see, and keeps no other from serving."""
    worker = Worker(state, Doing())
    worker.clocks = Clocks(timeout=15, connect_timeout=5, source_deadline=source_deadline)
    worker.working, worker._patience = True, 2.5
    worker._began = time.monotonic() - MARGIN - 0.1
    with worker.attempt("here", "x") as attempt:
        monkeypatch.setattr(attempt, "silence_and_work", lambda: (silence, work))
        assert worker.watch() == next_starts
        assert worker.over() == (outcome is not None)
    assert [a.outcome for a in state.attempts] == [outcome or "ok"]


def test_a_source_on_this_disk_has_no_deadline(state: Fetch, worker: Worker) -> None:
    """Only what is asked over a network can keep us waiting for nothing."""
    worker.clocks = Clocks(source_deadline=0.0)
    worker._patience = 2.5
    with worker.attempt("here", "x"):
        worker.watch()
    assert [a.outcome for a in state.attempts] == ["ok"]


def test_a_file_that_cannot_help_is_not_asked_for_again(state: Fetch, worker: Worker) -> None:
    """In a later turn; one that may come is."""
    first, second, third, _ = tiny.FILES
    for file, outcome in ((first, "status"), (second, "reset")):
        with worker.attempt("here", "x", file=file):
            raise SourceError("no", outcome=outcome, hint="")
    state.wanted.remove(third)
    assert list(worker.wanted()) == [second, tiny.FILES[3]]


def test_what_nobody_has_asked_for_is_recorded_only_if_it_brings_something(
    state: Fetch, worker: Worker
) -> None:
    """A look at what lies about is no failure."""
    for content in (b"stranger", tiny.CONTENT[tiny.FILES[1].name]):
        with worker.attempt("here", "x", asked_for=False) as attempt:
            worker.unpack(attempt, io.BytesIO(content), "x")
    assert [a.delivered for a in state.attempts] == [[tiny.FILES[1].name]]


def test_only_what_is_somebodys_fault_is_told(
    state: Fetch, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, in one line with source and cause."""
    told: list[str] = []
    monkeypatch.setattr(state.progress, "note", told.append)
    for outcome, row in OUTCOMES.items():
        with worker.attempt("here", "x"):
            raise SourceError("no", outcome=outcome, hint="")
        assert told == ([] if row.fault == "nobody" else ["local: x: no"])
        told.clear()
