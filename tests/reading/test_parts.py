"""Parts of the ink that hang together, without what is no digit's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnist_tool.reading.ink import Ink
from mnist_tool.reading.parts import find_parts

SIDE = 300


def parts_of(*draw):
    """The boxes of the parts of white shapes on black."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for shape, *words in draw:
        shape(mask, *words)
    _, parts = find_parts(Ink(mask.astype(np.float32), mask, 0, 1))
    return sorted(part[1:5] for part in parts)


ONE = (cv2.line, (150, 90), (150, 210), 255, 12)
RING = (cv2.ellipse, (150, 150), (40, 60), 0, 0, 360, 255, 9)
SCRAWL = np.array([(50 + 20 * place, 16 + 20 * (place % 2)) for place in range(11)], np.int32)
ALONE = {name: parts_of(shape) for name, shape in {"one": ONE, "ring": RING}.items()}


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize(
    "other",
    [
        pytest.param([(cv2.circle, (30, 40), 3, 255, -1)], id="a speck"),
        pytest.param([(cv2.rectangle, (60, 50), (240, 250), 255, 4)], id="a frame"),
        pytest.param([(cv2.ellipse, (150, 150), (99, 90), 9, 0, 360, 255, 4)], id="a circle"),
        pytest.param([(cv2.line, (20, 0), (24, 299), 255, 6)], id="what is left of a form"),
        pytest.param(
            [(cv2.line, (0, 20), (299, 20), 255, 9), (cv2.line, (280, 0), (280, 299), 255, 9)],
            id="a corner of a form",
        ),
        pytest.param([(cv2.line, (50, 20), (52, 290), 255, 2)], id="a fine line"),
        pytest.param([(cv2.circle, (10, 290), 25, 255, -1)], id="a thumb"),
        pytest.param([(cv2.circle, (20, y), 9, 255, -1) for y in (40, 150, 260)], id="holes"),
        pytest.param([(cv2.putText, "Clear", (20, 280), 0, 0.9, 255, 3)], id="a word"),
        pytest.param([(cv2.rectangle, (40, 240), (150, 280), 255, -1)], id="a button"),
        pytest.param([(cv2.putText, "A heading", (20, 32), 0, 1.1, 255, 9)], id="a heading"),
        pytest.param([(cv2.polylines, [SCRAWL], False, 255, 5)], id="a word in one stroke"),
        pytest.param([(cv2.putText, "5 : 3", (125, 64), 0, 0.5, 255, 2)], id="a title near by"),
    ],
)
def test_what_is_no_digits_is_left_out(name, other):
    """The digit stays as it is."""
    shape = ONE if name == "one" else RING
    assert parts_of(shape, *other) == ALONE[name]


def test_a_one_that_is_a_fine_line_stays_beside_holes():
    """They are broader than its pen, and shorter; a line of the paper goes on to the border."""
    holes = [(cv2.circle, (20, y), 9, 255, -1) for y in (40, 260)]
    left, top, right, bottom = (150, 100, 153, 220)
    one = (cv2.rectangle, (left, top), (right - 1, bottom - 1), 255, -1)
    assert parts_of(one, *holes) == [(left, top, right, bottom)]
    assert len(parts_of((cv2.line, (150, 20), (150, 299), 255, 2), *holes)) == 2
    lying = (cv2.rectangle, (top, left), (bottom - 1, right - 1), 255, -1)
    assert len(parts_of(lying, *holes)) == 2


def test_small_pieces_near_a_digit_stay():
    """One after the other: a stroke that broke, and in its middle a small piece beside another."""
    broken = [(cv2.line, (150, 60), (150, 150), 255, 9)]
    broken += [(cv2.circle, (150, 150 + 18 * place), 6, 255, -1) for place in (1, 2, 3)]
    assert len(parts_of(*broken)) == 4


@pytest.mark.parametrize("step", [25, 48])
def test_lines_of_the_paper_are_taken_away(step):
    """Those of squared paper too; a stroke that they cross stays whole."""
    lines = [
        (cv2.line, *ends, 255, 2)
        for at in range(12, SIDE, step)
        for ends in (((0, at), (299, at)), ((at, 0), (at, 299)))
    ]
    (box,) = parts_of(RING, *lines)
    assert np.abs(np.array(box) - ALONE["ring"][0]).max() <= 4


def wide(lines, *draw):
    """The boxes of the parts of a row of digits, 120 x 480, with lines across it."""
    mask = np.zeros((120, 480), np.uint8)
    for shape, *words in (*draw, *((cv2.line, *ends, 255, 3) for ends in lines)):
        shape(mask, *words)
    labels, parts = find_parts(Ink(mask.astype(np.float32), mask, 0, 1))
    return sorted(parts, key=lambda part: part.left), labels


BROAD = [(cv2.ellipse, (x, 60), (16, 30), 0, 0, 360, 255, 12) for x in (60, 120, 180)]
FINE = (cv2.ellipse, (240, 60), (16, 30), 0, 0, 360, 255, 3)
SEVEN = (cv2.polylines, [np.array([[300, 46], [350, 46], [320, 96]])], False, 255, 8)
RISING = [((0, at), (479, at - 12)) for at in (16, 56, 114)]


@pytest.mark.parametrize("lines", [RISING, RISING[1:2]], ids=["ruled", "one line"])
def test_lines_across_a_row_are_taken_away_and_no_stroke(lines):
    """A pen as fine as the lines, beside broad ones; the bar of a 7 that lies along a line."""
    draw = [*BROAD, FINE, SEVEN]
    (bare, _), (found, labels) = wide([], *draw), wide(lines, *draw)
    assert len(found) == len(bare) == 5
    for one, other in zip(found, bare, strict=True):
        assert np.abs(np.array(one[1:5]) - other[1:5]).max() <= 4
        assert 0.75 * other.area < one.area < 1.25 * other.area
    assert np.count_nonzero(labels[42:51, 305:345]) > 150


def test_lines_that_a_bar_joins_are_taken_away_one_after_the_other():
    """They hang together through it, and are one part: the bar alone stays."""
    bar = (cv2.rectangle, (200, 42), (280, 62), 255, -1)
    (found,), labels = wide([((0, 40), (479, 40)), ((0, 64), (479, 64))], bar)
    assert 195 <= found.left < found.right <= 286
    assert not labels[:, :190].any()


def test_the_bar_of_a_chart_is_left_out():
    """It stands in no row of digits, unlike a 1 that is as straight."""
    bar = (cv2.rectangle, (60, 225), (80, 290), 255, -1)
    one = (cv2.rectangle, (60, 100), (80, 200), 255, -1)
    assert parts_of(RING, bar) == ALONE["ring"]
    assert len(parts_of(RING, one)) == len(parts_of(one, bar)) == 2


def test_what_is_a_digits_stays():
    """A 5 with its bar apart, cut tight; a 0 with a dot in it; a 7 from border to border."""
    bar, body = (cv2.line, (100, 2), (299, 2), 255, 30), (cv2.line, (80, 49), (200, 280), 255, 30)
    assert len(parts_of(bar, body)) == 2
    assert len(parts_of(RING, (cv2.line, (150, 140), (150, 160), 255, 8))) == 2
    assert len(parts_of((cv2.line, (0, 8), (299, 8), 255, 16))) == 1
