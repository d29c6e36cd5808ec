"""Walk over the sources: the next where one fails or is silent, again where that helps."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Sequence

from mnist_tool.dataset.carriers import Carrier
from mnist_tool.dataset.errand import Errand

__all__ = ["walk"]

TURNS = 3
# How long a source that is no longer needed may take to notice; its thread does not keep us.
LEAVE = 2.0


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
    asked = list(carriers)
    for turn in range(TURNS):
        if turn:
            asked = [carrier for carrier in asked if _worth_asking_again(carrier, errand)]
            if not asked or not _pause(asked, errand, turn):
                return
        _Race(asked, errand).run()
        if not errand.wanted():
            return


def _last_attempts(carrier: Carrier, errand: Errand) -> list[float | None]:
    """Return the requested waits of a carrier's failures that may pass."""
    own = [attempt for attempt in errand.attempts if attempt.source == carrier.name]
    latest = {attempt.what: attempt for attempt in own}
    return [attempt.retry_after for attempt in latest.values() if attempt.again]


def _worth_asking_again(carrier: Carrier, errand: Errand) -> bool:
    return bool(_last_attempts(carrier, errand))


def _pause(carriers: Sequence[Carrier], errand: Errand, turn: int) -> bool:
    """Wait before another turn; return whether there is time for one."""
    backoff = errand.clocks.backoff * 2 ** (turn - 1)
    asked_for = [wait or 0.0 for c in carriers for wait in _last_attempts(c, errand)]
    wait = max(min(asked_for), backoff * random.uniform(0.5, 1.5))
    if time.monotonic() + wait > errand.deadline:
        return False
    time.sleep(wait)
    return True


class _Run:
    """One source at work in a thread of its own."""

    def __init__(self, carrier: Carrier, errand: Errand, news: threading.Event) -> None:
        self.first_byte = threading.Event()
        self.finished = False
        self.error: BaseException | None = None
        self.began = time.monotonic()
        self._carrier = carrier
        self._errand = errand
        self._news = news
        self.thread = threading.Thread(target=self._work, name=carrier.name, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        try:
            self._carrier.bring(self._errand, self.first_byte)
        except BaseException as error:
            self.error = error
        finally:
            self.finished = True
            self._news.set()

    def patience_left(self, patience: float) -> float:
        """Seconds until this silent source no longer keeps the next one from starting."""
        if self.finished:
            return 0.0
        if self.first_byte.is_set():
            return float("inf")
        return max(0.0, self.began + patience - time.monotonic())


class _Race:
    """One turn over the sources; several run only while the earlier ones show no byte."""

    def __init__(self, carriers: Sequence[Carrier], errand: Errand) -> None:
        self._queue = deque(carriers)
        self._errand = errand
        self._news = threading.Event()
        self._runs: list[_Run] = []

    def run(self) -> None:
        """Run until nothing is wanted, no source is left, or time is up."""
        try:
            while self._errand.wanted() and (self._queue or self._working()):
                if time.monotonic() >= self._errand.deadline:
                    for carrier in self._queue:
                        self._errand.skip(carrier.name, carrier.location)
                    break
                self._step()
        finally:
            self._end()
        self._raise_errors()

    def _working(self) -> list[_Run]:
        return [run for run in self._runs if not run.finished]

    def _step(self) -> None:
        patience = self._errand.clocks.patience
        left = max((run.patience_left(patience) for run in self._runs), default=0.0)
        if self._queue and left <= 0:
            self._runs.append(_Run(self._queue.popleft(), self._errand, self._news))
            return
        # A first byte sets no event here, so look again now and then.
        self._news.wait(min(left if self._queue else 1.0, 1.0, self._time_left()))
        self._news.clear()
        self._raise_errors()

    def _time_left(self) -> float:
        return max(0.0, self._errand.deadline - time.monotonic())

    def _end(self) -> None:
        """Tell whoever is still at work that it is over, and let them tidy up."""
        working = self._working()
        if working:
            self._errand.stop.set()
        until = time.monotonic() + LEAVE
        for run in working:
            run.thread.join(max(0.0, until - time.monotonic()))

    def _raise_errors(self) -> None:
        for run in self._runs:
            if run.error is not None:
                raise run.error
