"""A digit is told from the box that it is written in, also where it touches it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnist_tool.reading.ink import Ink
from mnist_tool.reading.parts import find_parts
from tests.reading.test_parts import SIDE, parts_of


@pytest.mark.parametrize("tip", [200, 240, 262])
def test_a_digit_that_touches_its_box_stays_without_it(tip):
    """Nothing else is in the box; what is beyond its lines is lost."""
    box = (cv2.rectangle, (60, 50), (240, 250), 255, 4)
    stem = (cv2.line, (190, 100), (150, tip), 255, 12)
    bar = (cv2.line, (110, 100), (190, 100), 255, 12)
    ((left, top, right, bottom),) = parts_of(box, stem, bar)
    assert (left, top) == (104, 94)
    assert right <= 197
    assert bottom == pytest.approx(min(tip + 7, 245), abs=4)


def test_a_digit_of_straight_strokes_is_no_box():
    """A square 0, empty or with a bar, a 4, an oval 0 that is crossed."""
    square = (cv2.rectangle, (90, 80), (190, 220), 255, 9)
    assert len(parts_of(square)) == 1
    for shapes in (
        (square, (cv2.line, (90, 150), (130, 150), 255, 9)),
        (
            (cv2.ellipse, (150, 150), (70, 90), 0, 0, 360, 255, 9),
            (cv2.line, (150, 60), (150, 160), 255, 9),
        ),
    ):
        ((left, top, right, bottom),) = parts_of(*shapes)
        assert right - left > 100
        assert bottom - top > 100


@pytest.mark.parametrize("skew", [0, 6])
def test_what_touches_its_box_stays(skew):
    """Of three boxes in a row one is crossed by its digit; no box is left, all three digits are."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for left in (30, 110, 190):
        corners = [(left, 100), (left + 80, 100 + skew), (left + 80, 200 + skew), (left, 200)]
        cv2.polylines(mask, [np.array(corners)], True, 255, 2)
    for top, bottom, middle in ((120, 180, 70), (130, 215, 150), (120, 180, 230)):
        cv2.line(mask, (middle, top), (middle, bottom), 255, 6)
    _, parts = find_parts(Ink(mask.astype(np.float32), mask, 0, 1))
    assert sorted((part.left + part.right) // 2 for part in parts) == [70, 150, 230]
    assert all(60 <= part.height <= 75 and part.width < 10 for part in parts)
