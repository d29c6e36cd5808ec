"""The record of attempts, and which of them are worth another try."""

from __future__ import annotations

import email.utils
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mnist_tool.dataset.carriers import Leftovers
from mnist_tool.dataset.download import MAX_RETRY_AFTER, Cancelled, _retry_after
from mnist_tool.dataset.errand import FASTER, Attempt, Errand, Visit
from mnist_tool.dataset.outcomes import RETRY_OUTCOMES
from mnist_tool.dataset.partials import Partial
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SourceError
from mnist_tool.progress import Silent
from tests.faults import tiny
from tests.faults.conftest import Run
from tests.faults.server import Server


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    """A fetch of the tiny data set that has just begun."""
    return Errand(Store(tmp_path, tiny.TINY), list(tiny.FILES), tiny.CLOCKS, Silent())


@pytest.mark.parametrize("delivers", [True, False])
def test_who_brought_the_last_file_was_not_too_slow(errand: Errand, delivers: bool) -> None:
    """The walk may end between a file's arrival and the end of the attempt that brought it."""
    visit = Visit("first")
    with errand.attempt(visit, "here", "x.gz") as attempt:
        if delivers:
            name = tiny.FILES[1].name
            errand.deposit_for(visit, attempt)(io.BytesIO(tiny.CONTENT[name]), name)
        errand.give_up(visit, FASTER)
    assert [a.outcome for a in errand.attempts] == ["ok" if delivers else "cancelled"]


def test_an_attempt_is_recorded_once(errand: Errand) -> None:
    """Whoever is given up from outside does not report again when its socket ends."""
    visit = Visit("slow")
    with errand.attempt(visit, "here", "x.gz"):
        errand.give_up(visit, SourceError("silent", outcome="timeout", hint="wait"))
        raise SourceError("the socket ended", outcome="reset", hint="")
    assert [(a.outcome, a.message) for a in errand.attempts] == [("timeout", "silent")]


def test_who_is_stopped_says_what_for(errand: Errand) -> None:
    """Only when all files are there was another source faster."""
    reason = SourceError("time ran out", outcome="deadline", hint="wait")
    errand.settle(0, reason)
    with errand.attempt(Visit("slow"), "here", "x.gz"):
        raise Cancelled
    assert [(a.outcome, a.message) for a in errand.attempts] == [("deadline", "time ran out")]


def test_looking_at_a_leftover_ends_when_nobody_waits(errand: Errand, tmp_path: Path) -> None:
    """Whoever is given up puts an end to its work, and `Cancelled` goes no further."""
    tiny.laid_down(tmp_path, tiny.PACKED)
    visit = Visit("local")
    visit.given_up = True
    Leftovers([tmp_path]).bring(errand, visit)
    assert {attempt.outcome for attempt in errand.attempts} == {"cancelled"}
    assert tiny.bad_things(tmp_path) == []


@pytest.mark.parametrize("outcome", ["closed", "reset", "truncated", "busy", "content", "status"])
def test_what_is_asked_again(outcome: str) -> None:
    """Only what may pass, and only where the server does not want a longer pause."""
    for wait, patient in ((None, True), (MAX_RETRY_AFTER, True), (MAX_RETRY_AFTER + 1, False)):
        attempt = Attempt("m", "here", "x.gz", outcome=outcome, retry_after=wait)
        assert attempt.again == (outcome in RETRY_OUTCOMES and patient)


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
    """Discarding what was used up counts as work at the disk, for which `settle` waits."""
    at_work = [0]
    seen: list[int] = []
    real_disk, real_discard = Errand.at_the_disk, Partial.discard

    @contextmanager
    def at_the_disk(self: Errand) -> Iterator[None]:
        with real_disk(self):
            at_work[0] += 1
            yield
            at_work[0] -= 1

    def discard(self: Partial) -> None:
        seen.append(at_work[0])
        real_discard(self)

    monkeypatch.setattr(Errand, "at_the_disk", at_the_disk)
    monkeypatch.setattr(Partial, "discard", discard)
    assert fetch().exit_code == 0
    assert len(seen) == len(mirror.requests)
    assert min(seen) > 0
