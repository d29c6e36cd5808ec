"""Find out on how many threads the work is the fastest, while it goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

__all__ = ["Pace"]

TRIES = 2  # blocks on each number of threads: the first one also fills the caches
AGAIN = 0.5  # seconds after which all are tried again


class Pace:
    """A choice between numbers of threads that all give the same digits.

    On a quiet machine two threads are faster than one even for small matrices. On a busy one they
    wait for each other, and one thread is faster. Which of the two a machine is can change from
    one second to the next, so every number is tried again and again, and the best one goes on.

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
        self._seconds: dict[int, list[float]] = {}  # of a batch, in each try
        self._began = -math.inf

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
        if began - self._began >= AGAIN:
            self._began, self._seconds = began, {choice: [] for choice in self.choices}
        threads = self._next()
        torch.set_num_threads(threads)
        yield
        if len(self._seconds[threads]) < TRIES:
            self._seconds[threads].append((time.perf_counter() - began) / batches)

    def _next(self) -> int:
        for choice, seconds in self._seconds.items():
            if len(seconds) < TRIES:
                return choice
        return min(self.choices, key=lambda choice: min(self._seconds[choice]))
