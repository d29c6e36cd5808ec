"""Find out on how many threads the work is the fastest, while it goes on."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

__all__ = ["Pace", "threads_kept"]

LAST = 3  # blocks that the number in use is judged by; one that was slow by chance does not count
TRIES = 2  # blocks of a try: the first one also wakes the other threads and fills the caches
AGAIN = 0.1, 20  # seconds and blocks after which a number that is not in use is tried


@contextmanager
def threads_kept() -> Iterator[None]:
    """Set torch's number of threads back at the end: it is the whole process's."""
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class Pace:
    """A choice between numbers of threads that all give the same digits.

    On a quiet machine two threads are faster than one even for small matrices. On a busy one they
    wait for each other, and one thread is faster. Which of the two a machine is can change several
    times a second, so every number is tried again and again, and the best one goes on until it is
    slower than another one was. Two threads that wait for each other can be five times as slow as
    one: so one fast block is enough to go on with a number, and two slow ones to leave it.

    Parameters
    ----------
    choices : sequence of int
        Numbers of threads; the first is the usual one, which is set again after each epoch.

    Attributes
    ----------
    choices : sequence of int
        All of them.
    usual : int
        The first.
    """

    def __init__(self, choices: Sequence[int]) -> None:
        self.usual = choices[0]
        self.choices = choices
        # Of a batch, in the last blocks since it was tried; and when the last one was done.
        self._seconds = {choice: deque[float](maxlen=LAST) for choice in choices}
        self._used = dict.fromkeys(choices, (-math.inf, 0))
        self._blocks = 0

    @contextmanager
    def epoch(self) -> Iterator[None]:
        """Run an epoch; at its end the usual number of threads is set again."""
        try:
            yield
        finally:
            torch.set_num_threads(self.usual)

    @contextmanager
    def spare(self) -> Iterator[None]:
        """Run something on the fewest threads, to leave the rest of the machine to others."""
        with self.epoch():
            torch.set_num_threads(min(self.choices))
            yield

    @contextmanager
    def block(self, batches: int) -> Iterator[None]:
        """Run so many batches on the number of threads that is to be tried, or is the best."""
        began = time.perf_counter()
        threads = self._next(began)
        torch.set_num_threads(threads)
        yield
        ended = time.perf_counter()
        self._seconds[threads].append((ended - began) / batches)
        self._blocks += 1
        self._used[threads] = ended, self._blocks

    def _next(self, now: float) -> int:
        for choice, seconds in self._seconds.items():
            used, block = self._used[choice]
            if now - used >= AGAIN[0] and self._blocks - block >= AGAIN[1]:
                seconds.clear()
            if len(seconds) < TRIES:
                return choice
        return min(self.choices, key=self._median)

    def _median(self, choice: int) -> float:
        """Return the middle of the last blocks, of two the faster one."""
        seconds = sorted(self._seconds[choice])
        return seconds[(len(seconds) - 1) // 2]
