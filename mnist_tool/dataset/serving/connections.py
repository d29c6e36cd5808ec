"""Bounded connections: so many at once, and each must ask, and take what it asked for, in time."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["MOST", "Connection"]

# At once. Each needs two of the files that a process may have open.
MOST = 400
# Seconds: for a request to arrive, and for a client to take what is written for it; a slow network
# passes a few hundred kilobytes on at a time.
TO_ASK, TO_TAKE = 10.0, 120.0
LOOK = 1.0


class Connection(H11Protocol):
    """A connection of uvicorn's that does not wait for ever.

    uvicorn itself waits for the head of a request as long as something of it comes, and for a
    client to read as long as the connection stands; a few that do neither would take all places.
    """

    since = 0.0  # when we last had reason to believe in the client
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place; where none is free, that of whoever has asked for nothing for longest."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": self}  # for `Recorded`
        self.since = self.loop.time()
        self._look()
        everybody = [cast(Connection, each) for each in self.connections]
        standing = [each for each in everybody if not each.transport.is_closing()]
        if len(standing) > MOST:
            silent = [each for each in standing if each.asks_nothing]
            min(silent, key=lambda each: each.since).transport.abort()

    @property
    def asks_nothing(self) -> bool:
        """Whether there is no request that came whole and is not answered yet."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def gone(self) -> bool:
        """Whether nobody takes anything any more."""
        return self.transport.is_closing()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait for the client to take what is written for it."""
        self.since = self.loop.time()
        super().pause_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """End the connection if the client lets us wait for too long."""
        patience = TO_ASK if self.asks_nothing else TO_TAKE if self.flow.write_paused else None
        if patience and self.loop.time() - self.since > patience:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(LOOK, self._look)
