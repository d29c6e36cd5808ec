"""One fetch in progress: what is still wanted, and what all its workers share."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from mnist_tool.advice import allow_more
from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.record import Origin
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SourceError
from mnist_tool.progress import Progress

__all__ = ["REASONS", "Fetch"]

# Why nobody waits any longer for those who are still at work.
REASONS = {
    "cancelled": ("another source was faster", ""),
    "deadline": ("time ran out", f"{allow_more('deadline')}."),
    # By Ctrl-C, or because the disk refuses: no source is to blame.
    "interrupted": ("the fetch ended before it was done", "Fetch again to go on."),
}


@dataclass
class Fetch:
    """What all workers of one fetch share.

    Parameters
    ----------
    store : Store
        Where files go.
    cache : Path or None
        The user's folder for broken-off downloads, if there can be one.
    wanted : list of DataFile
        What is needed; a file that came is taken out.
    clocks : Clocks
        The limits of patience.
    progress : Progress
        Told of bars and news.
    attempts : list of Attempt
        Gets every try, in the order in which they end.
    deadline : float
        When to stop, on the clock of ``time.monotonic``.
    origins : dict of str to Origin
        Where each file came from that was brought.
    ended : bool
        Whether nobody waits for anything any more.
    lock : Lock
        Held by whoever changes a list or a dict of these.
    news : Event
        Set when a worker has finished.
    """

    store: Store
    cache: Path | None
    wanted: list[DataFile]
    clocks: Clocks
    progress: Progress
    attempts: list[Attempt]
    deadline: float
    origins: dict[str, Origin] = field(default_factory=dict)
    ended: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    news: threading.Event = field(default_factory=threading.Event)

    def reason(self) -> SourceError:
        """Return why nobody waits any longer for those who are still at work."""
        late = time.monotonic() >= self.deadline
        over = self.ended and self.wanted
        outcome = "cancelled" if not over else "deadline" if late else "interrupted"
        message, hint = REASONS[outcome]
        return SourceError(message, outcome=outcome, hint=hint)
