"""Hold back Ctrl-C and SIGTERM until a training is at a place where it can be saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Pending", "deferred"]

HELD = (signal.SIGINT, signal.SIGTERM)


class Pending:
    """Which signal has arrived, if any."""

    def __init__(self) -> None:
        self.number: int | None = None

    def __bool__(self) -> bool:
        return self.number is not None

    def arrive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Remember the signal; a second one does not wait any more."""
        if self.number is not None:
            raise KeyboardInterrupt
        self.number = number


@contextmanager
def deferred() -> Iterator[Pending]:
    """Remember SIGINT and SIGTERM inside the block and let them act at its end.

    A signal that the process ignores, as in the background of a script, stays ignored. Python lets
    only the main thread handle signals; in another one this does nothing.
    """
    pending = Pending()
    if threading.current_thread() is not threading.main_thread():
        yield pending
        return
    acting = [number for number in HELD if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    before = {number: signal.signal(number, pending.arrive) for number in acting}
    try:
        yield pending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if pending.number is not None:
        signal.raise_signal(pending.number)
