"""Let Ctrl-C and SIGTERM end a command as exceptions, wherever it is."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

__all__ = ["Terminated", "signals_raise"]

SOON = 0.02  # seconds until a signal that came too early is sent again
PATIENCE = 20.0  # seconds for which signals wait for torch; it may hang on a disk that does


class Terminated(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that temporary files go."""


@contextmanager
def signals_raise() -> Iterator[list[int]]:
    """Raise `KeyboardInterrupt` and `Terminated` inside the block, and lose none.

    While torch is being loaded they wait: where an exception of Python's meets C++ that does not
    expect one, the process is aborted.

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

    waiting: list[float] = []

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if _is_loading("torch"):
            waiting.append(time.monotonic())
            if waiting[-1] - waiting[0] < PATIENCE:
                _send_soon(signal.Signals(number))
                return
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
                _send_soon(numbers[lost.exc_type])
                sent = True

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = tell


def _is_loading(name: str) -> bool:
    """Return whether an import of this module has begun and not ended."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))  # so `importlib` marks it


def _send_soon(number: signal.Signals) -> None:
    """Send this process a signal when what runs now has gone on for a moment."""
    threading.Timer(SOON, _send, (number,)).start()


def _send(number: signal.Signals) -> None:
    """Send this process a signal, from any thread."""
    if os.name == "nt":  # os.kill would end it there, without a word
        _thread.interrupt_main(number)
    else:
        os.kill(os.getpid(), number)
