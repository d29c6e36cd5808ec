"""Find out on how many threads the work is the fastest, while it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

__all__ = ["Pace"]

TRIES = 2  # blocks on each number of threads: the first one also fills the caches


class Pace:
    """A choice between numbers of threads that all give the same digits.

    On a quiet machine two threads are faster than one even for small matrices. On a busy one they
    wait for each other, and one thread is faster. Which of the two a machine is can change from
    one second to the next, so each epoch tries every number anew and goes on with the best.

    Parameters
    ----------
    choices : sequence of int
        Numbers of threads; the first is the usual one, which is set again after each epoch.

    Attributes
    ----------
    usual : int
        The first of them.
    """

    def __init__(self, choices: Sequence[int]) -> None:
        self.usual = choices[0]
        self._choices = choices
        self._seconds: dict[int, list[float]] = {}

    @contextmanager
    def epoch(self) -> Iterator[None]:
        """Begin to try anew; at the end, set the usual number of threads again."""
        self._seconds = {choice: [] for choice in self._choices}
        try:
            yield
        finally:
            torch.set_num_threads(self.usual)

    @contextmanager
    def block(self) -> Iterator[None]:
        """Run a block of batches on the number of threads that is to be tried, or is the best."""
        threads = self._next()
        torch.set_num_threads(threads)
        began = time.perf_counter()
        yield
        self._seconds[threads].append(time.perf_counter() - began)

    def _next(self) -> int:
        for choice, seconds in self._seconds.items():
            if len(seconds) < TRIES:
                return choice
        return min(self._choices, key=lambda choice: min(self._seconds[choice][:TRIES]))
