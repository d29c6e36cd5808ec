"""Let Ctrl-C and SIGTERM end a command as exceptions, wherever it is."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Terminated", "signals_raise"]


class Terminated(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that temporary files go."""


@contextmanager
def signals_raise() -> Iterator[None]:
    """Raise `KeyboardInterrupt` and `Terminated` inside the block, and lose none."""
    with _sigterm_raises(), _lost_ones_sent_again():
        yield


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _lost_ones_sent_again() -> Iterator[None]:
    """Send a signal again whose exception was lost in a callback, as each import has one."""
    numbers = {KeyboardInterrupt: signal.SIGINT, Terminated: signal.SIGTERM}
    tell = sys.unraisablehook

    def again(lost: Any) -> None:
        if lost.exc_type not in numbers:
            tell(lost)
            return
        # There is no simpler way: what the hook itself raises is lost as well, so the signal has to
        # come from another thread, when the callback is over, and to wake a main thread that waits.
        threading.Timer(0.01, _send, (numbers[lost.exc_type],)).start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = tell


def _send(number: signal.Signals) -> None:
    """Send this process a signal, from any thread."""
    if os.name == "nt":  # os.kill would end it there, without a word
        _thread.interrupt_main(number)
    else:
        os.kill(os.getpid(), number)
