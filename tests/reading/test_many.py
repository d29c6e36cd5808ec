"""Many pictures are read in order, in little memory, whatever one of them is."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from mnist_tool.errors import ImageError
from mnist_tool.reading import many
from mnist_tool.reading.many import read_many
from tests.reading.pictures import encoded, large

GOOD = encoded(large())


def even(images):
    """A model that does not know."""
    return np.full((len(images), 10), 0.1, np.float32)


def test_one_bad_picture_does_not_stop_the_rest():
    """Each is answered in its place."""
    contents = {f"{place}": b"" if place == 40 else GOOD for place in range(80)}
    found = list(read_many(even, contents, contents.__getitem__))
    assert [name for name, _ in found] == list(contents)
    assert [name for name, each in found if isinstance(each, ImageError)] == ["40"]


def test_names_are_taken_as_they_are_needed():
    """A folder without end is read as well; only a few pictures are there at a time."""
    taken, most = 0, 0

    def names():
        nonlocal taken
        while True:
            taken += 1
            yield str(taken)

    for answered, _ in enumerate(read_many(even, names(), lambda _: GOOD), 1):
        most = max(most, taken - answered)
        if answered == 4 * many.BATCH:
            break
    assert most <= 2 * many.BATCH


def test_opencv_has_no_threads_beside_those():
    """Only meanwhile: whoever calls has as many as before."""
    before, seen = cv2.getNumThreads(), set()
    cv2.setNumThreads(2)
    try:

        def load(_):
            seen.add(cv2.getNumThreads())
            return GOOD

        list(read_many(even, map(str, range(3)), load))
        assert seen == {1}
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(before)


def test_pictures_are_prepared_in_threads():
    """None of them is the caller's."""
    seen = set()

    def load(_):
        seen.add(threading.get_ident())
        return GOOD

    list(read_many(even, map(str, range(8)), load))
    assert threading.get_ident() not in seen
