"""Signals that are held back: the first waits, the second does not, an ignored one stays so."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

import pytest

from mnist_tool.training.interruption import deferred


def test_a_signal_acts_at_the_end() -> None:
    """Not in the middle of the block, and not never; afterwards it acts as before."""
    heard = []
    with pytest.raises(KeyboardInterrupt), deferred() as pending:  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        heard.append(pending.number)
    assert heard == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_hold_nothing_back() -> None:
    """Python lets only the main thread handle signals."""
    heard = []

    def hold() -> None:
        with deferred() as pending:
            heard.append((bool(pending), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert heard == [(False, signal.default_int_handler)]


def test_second_ctrl_c_does_not_wait() -> None:
    """Who presses Ctrl-C twice is not asked to be patient."""
    heard = []
    with suppress(KeyboardInterrupt), deferred() as pending:
        signal.raise_signal(signal.SIGINT)
        heard.append(pending.number)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second signal did not act")
    assert heard == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_ignored_signal_does_not_cut_the_training_short() -> None:
    """Where Ctrl-C is ignored, as behind `&` in a script, there is nothing to hold back."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with deferred() as pending:
            signal.raise_signal(signal.SIGINT)
            assert not pending
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
