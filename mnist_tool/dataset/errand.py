"""One fetch in progress: what is still wanted, and a record of every attempt to get it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone

from mnist_tool.dataset.archive import Deposit
from mnist_tool.dataset.clocks import Clocks, Pulse
from mnist_tool.dataset.content import Readable
from mnist_tool.dataset.download import MAX_RETRY_AFTER, Cancelled
from mnist_tool.dataset.outcomes import RETRY_OUTCOMES
from mnist_tool.dataset.provenance import Origin
from mnist_tool.dataset.registry import DataFile
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SourceError, StorageError
from mnist_tool.progress import Progress

__all__ = ["FASTER", "Attempt", "Errand", "Visit", "timestamp"]

FASTER = SourceError("another source was faster", outcome="cancelled", hint="")
# What is nobody's failure is recorded but not told.
BLAMELESS = {"cancelled", "interrupted"}


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
        ``storage`` (it came, but the disk refuses), ``cancelled`` (another source was faster),
        ``interrupted`` (the whole fetch ended meanwhile: Ctrl-C, SIGTERM, a full disk) or
        ``not-tried``.
    message, hint : str
        In words, and what would help; empty when it worked.
    delivered : list of str
        Names of the files it brought.
    retry_after : float or None
        Seconds the server asked to wait.
    page : str or None
        What tells one web page from another, if one came instead of data; equal ones from several
        hosts mean a login portal.
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


def timestamp() -> str:
    """Return the time of day, ISO 8601 in UTC."""
    return datetime.now(timezone.utc).isoformat()


class Visit:
    """One turn at one source, as the walk sees it from outside.

    Parameters
    ----------
    source : str
        Name of the source.

    Attributes
    ----------
    pulse : Pulse
        Whether the network lives.
    attempts : list of Attempt
        Those of this visit that have ended.
    open : Attempt or None
        The one under way.
    given_up : bool
        Set from outside when nobody waits for it any more.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.pulse = Pulse()
        self.attempts: list[Attempt] = []
        self.open: Attempt | None = None
        self.given_up = False


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
        self._at_the_disk = 0
        self._stopped_by = FASTER

    def wanted(self) -> list[DataFile]:
        """Return what is still needed."""
        with self._lock:
            return list(self._wanted)

    def done(self) -> bool:
        """Return whether nothing is needed any more, or nobody waits for it."""
        return self.stop.is_set() or not self.wanted()

    # ---- taking files ------------------------------------------------------------------------

    def deposit_for(
        self, visit: Visit, attempt: Attempt, *, name_strangers: bool = True
    ) -> Deposit:
        """Return the function that takes plain IDX bytes on behalf of an attempt.

        With `name_strangers` it raises what a registered file is that nobody wants, as long as the
        attempt has brought nothing better.
        """

        def deposit(stream: Readable, member: str) -> DataFile | None:
            origin = Origin(attempt.source, attempt.location, member)
            stoppable = _Stoppable(stream, lambda: self.stop.is_set() or visit.given_up)
            with self.at_the_disk():
                file = self.store.deposit(
                    stoppable, self.wanted(), origin,
                    name_strangers=name_strangers and not attempt.delivered,
                )  # fmt: skip
            if file is not None:
                with self._lock:
                    attempt.delivered.append(file.name)
                    self._wanted = [other for other in self._wanted if other is not file]
                    self.origins[file.name] = origin
            return file

        return deposit

    @contextmanager
    def at_the_disk(self) -> Iterator[None]:
        """Let nobody end the process before the block has put its files away; see `settle`."""
        with self._lock:
            self._at_the_disk += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_the_disk -= 1

    def settle(self, seconds: float, reason: SourceError) -> None:
        """Stop whoever is still at work, and wait until nobody has a temporary file open."""
        self._stopped_by = reason
        self.stop.set()
        until = time.monotonic() + seconds
        while self._at_the_disk and time.monotonic() < until:
            time.sleep(0.005)

    # ---- the record --------------------------------------------------------------------------

    @contextmanager
    def attempt(
        self, visit: Visit, location: str, what: str, *, asked_for: bool = True
    ) -> Iterator[Attempt]:
        """Record one attempt; a `SourceError` inside ends it and goes no further.

        What nobody has asked for only counts if it brings something, or if the disk refuses it.
        """
        record = Attempt(visit.source, location, what, timestamp())
        began = time.monotonic()
        visit.open = record
        try:
            yield record
        except SourceError as error:
            self._end(visit, record, began, error)
        except StorageError as error:
            refused = SourceError(error.message, outcome="storage", hint=error.hint)
            self._end(visit, record, began, refused)
            raise
        except Cancelled:
            self._end(visit, record, began, self._stopped_by)
        else:
            if asked_for or record.delivered:
                self._end(visit, record, began, None)
            else:
                visit.open = None

    def _end(self, visit: Visit, record: Attempt, began: float, error: SourceError | None) -> None:
        with self._lock:
            if visit.open is not record:  # given up meanwhile, and recorded then
                return
            visit.open = None
            if error is not None and error.outcome == "cancelled" and record.delivered:
                error = None  # what nobody waits for any more is only the end of its work
            record.seconds = round(time.monotonic() - began, 3)
            if error is not None:
                record.outcome, record.message = error.outcome, error.message
                record.hint = error.hint
            visit.attempts.append(record)
            self.attempts.append(record)
        if error is not None and error.outcome not in BLAMELESS:
            self.progress.note(f"{record.source}: {record.what}: {error.message}")

    def give_up(self, visit: Visit, error: SourceError) -> None:
        """End a visit's open attempt from outside; its thread may take long to notice."""
        visit.given_up = True
        record = visit.open
        if record is not None:
            began = datetime.fromisoformat(record.started)
            passed = (datetime.now(timezone.utc) - began).total_seconds()
            self._end(visit, record, time.monotonic() - passed, error)

    def skip(self, source: str, location: str) -> None:
        """Record that a source was not tried because time ran out."""
        record = Attempt(
            source, location, "", timestamp(), outcome="not-tried", message="time ran out before it"
        )
        record.hint = "Allow more with --deadline."
        with self._lock:
            self.attempts.append(record)


class _Stoppable:
    """A stream that ends with `Cancelled` as soon as nobody waits for it."""

    def __init__(self, stream: Readable, stopped: Callable[[], bool]) -> None:
        self._stream = stream
        self._stopped = stopped

    def read(self, size: int, /) -> bytes:
        if self._stopped():
            raise Cancelled
        return self._stream.read(size)
