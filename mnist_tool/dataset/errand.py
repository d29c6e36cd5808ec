"""One fetch in progress: what is still wanted, and a record of every attempt to get it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone

from mnist_tool.dataset.archive import Deposit
from mnist_tool.dataset.download import MAX_RETRY_AFTER, RETRY_OUTCOMES, Cancelled, Clocks
from mnist_tool.dataset.provenance import Origin
from mnist_tool.dataset.registry import DataFile
from mnist_tool.dataset.store import Readable, Store
from mnist_tool.errors import SourceError
from mnist_tool.progress import Progress

__all__ = ["Attempt", "Errand"]


@dataclass
class Attempt:
    """One try to get something from one source.

    Parameters
    ----------
    source : str
        Name of the source.
    location : str
        Address or path, without credentials.
    what : str
        The file or the archive asked for.
    started : str
        When, ISO 8601 in UTC.
    seconds : float
        How long it took.
    received : int
        Bytes over the wire.
    status : int or None
        HTTP status, if it came to that.
    outcome : str
        ``"ok"``, or what stopped it: ``dns``, ``refused``, ``timeout``, ``slow``, ``deadline``,
        ``closed``, ``reset``, ``truncated``, ``busy``, ``status``, ``redirect``, ``tls``,
        ``proxy``, ``content``, ``too-large``, ``index``, ``missing``, ``unexpected``, ``usage``,
        ``cancelled`` (another source was faster) or ``not-tried``.
    message, hint : str
        In words, and what would help; empty when it worked.
    delivered : list of str
        Names of the files it brought.
    retry_after : float or None
        Seconds the server asked to wait.
    page : str or None
        SHA-256 of the web page that came instead; equal ones from several hosts mean a portal.
    """

    source: str
    location: str
    what: str
    started: str = ""
    seconds: float = 0.0
    received: int = 0
    status: int | None = None
    outcome: str = "ok"
    message: str = ""
    hint: str = ""
    delivered: list[str] = field(default_factory=list)
    retry_after: float | None = None
    page: str | None = None

    @property
    def again(self) -> bool:
        """Whether the same question may be answered better a little later."""
        patient = self.retry_after is None or self.retry_after <= MAX_RETRY_AFTER
        return self.outcome in RETRY_OUTCOMES and patient


class Errand:
    """What all sources of one fetch share; safe to use from several threads.

    Parameters
    ----------
    store : Store
        Where files go.
    wanted : list of DataFile
        What is needed.
    clocks : Clocks
        The limits of patience.
    progress : Progress
        Told of bars and news.
    """

    def __init__(
        self, store: Store, wanted: list[DataFile], clocks: Clocks, progress: Progress
    ) -> None:
        self.store = store
        self.clocks = clocks
        self.progress = progress
        self.attempts: list[Attempt] = []
        self.origins: dict[str, Origin] = {}
        self.stop = threading.Event()
        self.deadline = time.monotonic() + clocks.total
        self._wanted = list(wanted)
        self._lock = threading.Lock()

    def wanted(self) -> list[DataFile]:
        """Return what is still needed."""
        with self._lock:
            return list(self._wanted)

    def done(self) -> bool:
        """Return whether nothing is needed any more, or nobody waits for it."""
        return self.stop.is_set() or not self.wanted()

    def deposit_from(self, attempt: Attempt) -> Deposit:
        """Return the function that takes plain IDX bytes on behalf of an attempt."""
        origin = Origin(attempt.source, attempt.location)

        def deposit(stream: Readable) -> DataFile | None:
            file = self.store.deposit(stream, self.wanted(), origin)
            if file is not None:
                attempt.delivered.append(file.name)
                with self._lock:
                    self._wanted = [other for other in self._wanted if other is not file]
                    self.origins[file.name] = origin
            return file

        return deposit

    @contextmanager
    def attempt(self, source: str, location: str, what: str) -> Iterator[Attempt]:
        """Record one attempt; a `SourceError` inside ends it and goes no further."""
        record = Attempt(source, location, what, datetime.now(timezone.utc).isoformat())
        began = time.monotonic()
        try:
            yield record
        except SourceError as error:
            record.outcome, record.message, record.hint = error.outcome, error.message, error.hint
            self.progress.note(f"{source}: {what}: {error.message}")
        except Cancelled:
            record.outcome, record.message = "cancelled", "another source was faster"
        finally:
            record.seconds = round(time.monotonic() - began, 3)
            with self._lock:
                self.attempts.append(record)

    def skip(self, source: str, location: str) -> None:
        """Record that a source was not tried because time ran out."""
        record = Attempt(
            source, location, "", outcome="not-tried", message="time ran out before it"
        )
        record.hint = "Allow more with MNIST_TOOL_DEADLINE."
        with self._lock:
            self.attempts.append(record)
