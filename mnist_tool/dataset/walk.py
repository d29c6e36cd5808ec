"""Walk over the sources: the next where one fails or is silent, again where that helps."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Sequence

from mnist_tool.dataset.carriers import Carrier
from mnist_tool.dataset.errand import FASTER, Errand, Visit
from mnist_tool.errors import SourceError

__all__ = ["walk"]

TURNS = 3
# How often the sources at work are looked at.
LOOK = 0.1
# How long a source that is no longer needed may take to put its temporary file away.
LEAVE = 5.0
# After its own deadline a source that still lives has had the time to say so itself.
MARGIN = 1.0

LATE = SourceError("time ran out", outcome="deadline", hint="Allow more with --deadline.")
# By Ctrl-C, or because the disk refuses: no source is to blame.
INTERRUPTED = SourceError("the fetch ended before it was done", outcome="interrupted",
                          hint="Fetch again to go on.")  # fmt: skip


def walk(carriers: Sequence[Carrier], errand: Errand) -> None:
    """Ask sources until nothing is wanted any more.

    All are asked once without waiting. Those whose failure may pass (a reset, a truncated body, a
    busy server) are asked again after a pause that doubles, or as long as the server said.

    Parameters
    ----------
    carriers : sequence of Carrier
        In the order in which they are asked.
    errand : Errand
        What is wanted; collects the attempts.

    Raises
    ------
    StorageError
        If the disk or the folder refuses; no other source could help.
    """
    due: list[tuple[float, Carrier]] = [(0.0, carrier) for carrier in carriers]
    pauses = [errand.clocks.backoff * 2**turn for turn in range(TURNS - 1)]
    turns = dict.fromkeys(carriers, 0)
    while due and errand.wanted():
        first = min(moment for moment, _ in due)
        if not _sleep_until(first, errand):
            return
        now = [carrier for moment, carrier in due if moment <= time.monotonic()]
        due = [(moment, carrier) for moment, carrier in due if carrier not in now]
        for run in _Race(now, errand).run():
            turn = turns[run.carrier]
            turns[run.carrier] += 1
            wait = run.asks_for_another()
            if wait is not None and turn < len(pauses):
                pause = max(wait, pauses[turn] * random.uniform(0.5, 1.5))
                due.append((time.monotonic() + pause, run.carrier))


def _sleep_until(moment: float, errand: Errand) -> bool:
    """Wait for the next turn; return whether there is time for one."""
    if moment > errand.deadline:
        return False
    wait = moment - time.monotonic()
    if wait > 0:
        errand.progress.note(f"asking again in {wait:.1f} s")
        time.sleep(wait)
    return True


class _Run:
    """One source at work in a thread of its own."""

    def __init__(
        self, carrier: Carrier, errand: Errand, news: threading.Event, patience: float
    ) -> None:
        self.carrier = carrier
        self.visit = Visit(carrier.name)
        self.finished = False
        self.error: BaseException | None = None
        self._began = time.monotonic()
        self._errand = errand
        self._news = news
        self._patience = patience
        threading.Thread(target=self._work, name=carrier.name, daemon=True).start()

    def _work(self) -> None:
        try:
            self.carrier.bring(self._errand, self.visit)
        except BaseException as error:
            self.error = error
        finally:
            self.finished = True
            self._news.set()

    def patience_left(self) -> float:
        """Seconds of silence until this source no longer keeps the next one from starting."""
        if self.finished:
            return 0.0
        return max(0.0, self._patience - self.visit.pulse.silence())

    def overdue(self) -> SourceError | None:
        """Return why nobody should wait for this source any longer, if that is so."""
        clocks, silence = self._errand.clocks, self.visit.pulse.silence()
        if silence > clocks.answer:
            return SourceError(
                f"no answer in {silence:.0f} s",
                outcome="timeout",
                hint="Allow more with --timeout.",
            )
        if silence and time.monotonic() > self._began + clocks.source + MARGIN:
            return SourceError(f"not done in {clocks.source:g} s", outcome="deadline",
                               hint="Allow more with --source-deadline.")  # fmt: skip
        return None

    def give_up(self, error: SourceError) -> None:
        """Wait no longer; the thread ends by itself when its socket does."""
        self.finished = True
        self._errand.give_up(self.visit, error)

    def asks_for_another(self) -> float | None:
        """Return the seconds after which another turn may help, ``None`` if it cannot."""
        waits = [attempt.retry_after or 0.0 for attempt in self.visit.attempts if attempt.again]
        return min(waits) if waits else None


class _Race:
    """One turn over the sources; several run only while the earlier ones are silent."""

    def __init__(self, carriers: Sequence[Carrier], errand: Errand) -> None:
        self._queue = deque(carriers)
        self._errand = errand
        self._news = threading.Event()
        self._runs: list[_Run] = []

    def run(self) -> list[_Run]:
        """Run until nothing is wanted, no source is left, or time is up."""
        try:
            while self._errand.wanted() and (self._queue or self._working()):
                if time.monotonic() >= self._errand.deadline:
                    break
                self._step()
        finally:
            self._end()
        self._raise_errors()
        return self._runs

    def _working(self) -> list[_Run]:
        return [run for run in self._runs if not run.finished]

    def _step(self) -> None:
        for run in self._working():
            if error := run.overdue():
                run.give_up(error)
        left = max((run.patience_left() for run in self._runs), default=0.0)
        if self._queue and left <= 0:
            # Where several are silent it is the network that is: each further one gets half the
            # time, and all together no more than twice the patience.
            patience = self._errand.clocks.patience / 2 ** len(self._working())
            self._runs.append(_Run(self._queue.popleft(), self._errand, self._news, patience))
        else:
            self._news.wait(LOOK)
            self._news.clear()
        self._raise_errors()

    def _end(self) -> None:
        """Tell whoever is still at work that it is over, and note who was not asked."""
        working = self._working()
        if working:
            self._errand.settle(LEAVE, self._reason())
        reason = self._reason()
        for run in working:
            run.give_up(reason)
        if reason is LATE:
            for carrier in self._queue:
                self._errand.skip(carrier.name, carrier.location)

    def _reason(self) -> SourceError:
        """Return why nobody waits any longer for those who are still at work."""
        if not self._errand.wanted():
            return FASTER
        return LATE if time.monotonic() >= self._errand.deadline else INTERRUPTED

    def _raise_errors(self) -> None:
        for run in self._runs:
            if run.error is not None:
                raise run.error
