"""Read many pictures: some are prepared in threads while the model looks at those before them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

import cv2

from mnist_tool.errors import ImageError
from mnist_tool.reading.predict import Model, Prediction, predict
from mnist_tool.reading.prepare import Prepared, prepare

__all__ = ["read_many"]

WORKERS = min(4, os.cpu_count() or 1)
BATCH = 32  # pictures that the model looks at together; so many more are being prepared


def read_many(
    model: Model, names: Iterable[str], load: Callable[[str], bytes], *, one: bool = False
) -> Iterator[tuple[str, Prediction | ImageError]]:
    """Yield what a model reads in each picture, or why it cannot; in order, in little memory.

    Parameters
    ----------
    model : callable
        From images in MNIST's form to ten probabilities each.
    names : iterable of str
        How the pictures are called.
    load : callable
        Returns a picture's file by its name, or raises `ImageError`; called in threads.
    one : bool
        Whether each picture is of a single digit.
    """

    def work(name: str) -> Prepared | ImageError:
        """Prepare one picture in a thread."""
        try:
            return prepare(load(name), name, one=one)
        except ImageError as error:
            return error

    left = iter(names)
    with _one_thread_of_opencvs(), ThreadPoolExecutor(WORKERS) as pool:
        waiting = deque((name, pool.submit(work, name)) for name in islice(left, BATCH))
        while waiting:
            batch = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
            found: list[tuple[str, Prepared | ImageError]] = []
            for name, future in batch:
                found.append((name, future.result()))
                waiting.extend((more, pool.submit(work, more)) for more in islice(left, 1))
            yield from _answers(model, found)


@contextmanager
def _one_thread_of_opencvs() -> Iterator[None]:
    """Let OpenCV have no threads of its own meanwhile: there are those of the pool."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _answers(
    model: Model, found: list[tuple[str, Prepared | ImageError]]
) -> Iterator[tuple[str, Prediction | ImageError]]:
    pictures = [each for _, each in found if isinstance(each, Prepared)]
    read = iter(predict(model, pictures))
    for name, each in found:
        yield name, each if isinstance(each, ImageError) else next(read)
