"""Blobs of ink: the connected parts of a picture, and how many digits they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.reading.blobs import blobs, side_by_side


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=7))
def test_blobs_are_the_connected_parts(cells):
    """Flooding from each pixel finds the same parts."""
    inked = np.array(cells)
    left = {(int(r), int(c)) for r, c in np.argwhere(inked)}
    expected = set()
    while left:
        todo, part = [left.pop()], set()
        while todo:
            row, column = todo.pop()
            part.add((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            todo += near
        expected.add(frozenset(part))
    found = {
        frozenset((row, c) for row, start, stop in blob.spans for c in range(start, stop))
        for blob in blobs(inked)
    }
    assert found == expected


def picture(*boxes):
    """Ink in boxes of (top, bottom, left, right) on 40 x 40 pixels."""
    inked = np.zeros((40, 40), bool)
    for top, bottom, left, right in boxes:
        inked[top:bottom, left:right] = True
    return inked


def test_a_blob_knows_its_extent():
    """Area, rows, columns, and whether it hangs over the border."""
    inside, at_the_edge = blobs(picture((3, 9, 4, 6), (20, 40, 30, 31)))
    assert (inside.area, inside.rows, inside.columns) == (12, (3, 9), (4, 6))
    assert not inside.touches((40, 40))
    assert at_the_edge.touches((40, 40))


@pytest.mark.parametrize(
    ("boxes", "count"),
    [
        ([(5, 35, 5, 15)], 1),
        ([(5, 35, 5, 15), (5, 35, 20, 30)], 2),
        ([(5, 15, 5, 35), (20, 30, 5, 35)], 2),
        ([(5, 35, 5, 15), (5, 35, 16, 26)], 1),
        ([(5, 35, 5, 15), (5, 10, 20, 25)], 1),
    ],
    ids=["one", "side by side", "one above the other", "strokes of one", "a digit and a dot"],
)
def test_digits_are_large_and_apart(boxes, count):
    """Strokes that lie close are one digit, and what is far smaller is none."""
    assert side_by_side(blobs(picture(*boxes))) == count
