"""The limits of patience with a network, and how to see from outside whether it still lives."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mnist_tool import configuration
from mnist_tool.errors import SourceError

__all__ = ["Clocks", "Pace", "Pulse"]


@dataclass(frozen=True)
class Clocks:
    """How long to wait for what; seconds, and bytes a second.

    Parameters
    ----------
    connect, silence : float
        Longest wait for a connection, and for the next byte.
    min_rate, grace : float
        The rate below which a source is too slow, measured over each `grace` seconds.
    source, total : float
        Longest time for one source and for a whole fetch.
    patience : float
        Wait for a byte before the next source starts beside this one; halved for each source that
        is silent already.
    lock_wait : float
        Wait for another process that fetches into the same folder.
    backoff : float
        First pause before sources are asked a second time; it doubles.
    """

    connect: float = 5.0
    silence: float = 15.0
    min_rate: float = 1024.0
    grace: float = 10.0
    source: float = 600.0
    total: float = 1800.0
    patience: float = 2.5
    lock_wait: float = 120.0
    backoff: float = 0.5

    @classmethod
    def from_settings(cls, **options: float | None) -> Clocks:
        """Take the clocks from options (the names in `configuration`) and the environment."""
        silence = configuration.get("timeout", options.get("timeout"))
        return cls(
            connect=min(
                configuration.get("connect_timeout", options.get("connect_timeout")), silence
            ),
            silence=silence,
            min_rate=configuration.get("min_rate", options.get("min_rate")),
            grace=configuration.get("grace", options.get("grace")),
            source=configuration.get("source_deadline", options.get("source_deadline")),
            total=configuration.get("deadline", options.get("deadline")),
            patience=min(configuration.get("patience", options.get("patience")), silence),
            lock_wait=configuration.get("lock_wait", options.get("lock_wait")),
        )

    @property
    def answer(self) -> float:
        """Longest wait for an answer with its redirects, however the time is spent.

        A name server that does not answer, or headers that come byte by byte, escape the time-outs
        of a socket; this limit is watched from another thread.
        """
        return 2 * (self.connect + self.silence)


class Pulse:
    """The last sign of life from a network; felt from another thread."""

    def __init__(self) -> None:
        self._since: float | None = None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count silence inside the block; what happens outside is our own work."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    def beat(self) -> None:
        """Note that something came."""
        self._since = time.monotonic()

    def silence(self) -> float:
        """Return for how many seconds nothing has come; 0 while nobody waits."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since


class Pace:
    """The byte rate over the last `grace` seconds."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._window: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def check(self, got: int) -> None:
        """Take the number of bytes so far, and raise a `SourceError` if they come too slowly."""
        grace, now, window = self._clocks.grace, time.monotonic(), self._window
        window.append((now, got))
        if now - window[0][0] < grace:
            return
        while now - window[1][0] >= grace:
            window.popleft()
        began, before = window[0]
        rate = (got - before) / (now - began)
        if rate < self._clocks.min_rate:
            raise SourceError(
                f"too slow: {rate:,.0f} bytes a second over {now - began:.0f} s",
                outcome="slow",
                hint="Allow it with --min-rate 0.",
            )
