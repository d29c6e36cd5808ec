"""How long to wait for what: the limits of patience with a network."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Clocks"]


@dataclass(frozen=True)
class Clocks:
    """How long to wait for what; seconds, and bytes a second.

    Parameters
    ----------
    connect_timeout, timeout : float
        Longest wait for a connection, and for the next byte.
    min_rate, grace : float
        The rate below which a source is too slow, measured over each `grace` seconds.
    source_deadline, deadline : float
        Longest time for one source and for a whole fetch.
    patience : float
        Wait for a byte before the next source starts beside this one; halved for each source that
        is silent already.
    lock_wait : float
        Wait for another process that fetches into the same folder.
    backoff : float
        First pause before sources are asked a second time; it doubles.
    """

    connect_timeout: float = 5.0
    timeout: float = 15.0
    min_rate: float = 1024.0
    grace: float = 10.0
    source_deadline: float = 600.0
    deadline: float = 1800.0
    patience: float = 2.5
    lock_wait: float = 120.0
    backoff: float = 0.5

    @property
    def answer(self) -> float:
        """Longest wait for an answer with its redirects, however the time is spent.

        A name server that does not answer, or headers that come byte by byte, escape the time-outs
        of a socket; this limit is watched from another thread.
        """
        return 2 * (self.connect_timeout + self.timeout)
