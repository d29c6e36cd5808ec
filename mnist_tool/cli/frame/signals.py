"""Let Ctrl-C and SIGTERM end a command as exceptions, wherever it is."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

__all__ = ["Terminated", "signals_raise"]


class Terminated(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that temporary files go."""


@contextmanager
def signals_raise() -> Iterator[list[int]]:
    """Raise `KeyboardInterrupt` and `Terminated` inside the block, and lose none.

    Yields
    ------
    list of int
        The signals that have come so far: a library may make another exception of theirs.
    """
    heard: list[int] = []
    with _both_raise(heard), _lost_ones_sent_again():
        yield heard


@contextmanager
def _both_raise(heard: list[int]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        heard.append(number)
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, stop)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is ignored
        before[signal.SIGINT] = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
        sent = False
        while not sent:
            with suppress(*numbers):  # on a busy machine it may come while the hook still runs
                threading.Timer(0.01, _send, (numbers[lost.exc_type],)).start()
                sent = True

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
