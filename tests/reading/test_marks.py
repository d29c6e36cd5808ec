"""Slashes and combs are left out; digits that resemble them are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnist_tool.dataset.strokes import WAYS
from mnist_tool.reading.ink import Ink
from mnist_tool.reading.marks import without_marks
from mnist_tool.reading.network import shipped
from mnist_tool.reading.parts import find_parts
from mnist_tool.reading.predict import groups, predict
from mnist_tool.reading.prepare import prepare
from tests.reading.pictures import encoded
from tests.reading.scenes import paper, write

PITCH, TOP, HIGH = 60, 50, 60  # of a row, pixels


def row(text, *lines, pen=6):
    """A page with a row of digits, a space or a mark for each other character, and lines."""
    picture = paper(170, 60 + PITCH * len(text))
    for place, each in enumerate(text):
        if each.isdigit():
            write(picture, WAYS[int(each)][0], (40 + PITCH * place, TOP, 36, HIGH), 6)
    for points in lines:
        cv2.polylines(picture, [np.array(points)], False, (0, 0, 0), pen, cv2.LINE_AA)
    return picture


def slash(place, over=10, lean=0.4):
    """A slash at a place of a row, so much longer than digits at both ends."""
    middle, high = 58 + PITCH * place, HIGH + 2 * over
    aside = round(lean * high / 2)
    return [(middle - aside, TOP + HIGH + over), (middle + aside, TOP - over)]


def left(picture):
    """How many parts are found, and how many of them are left."""
    mask = (picture[..., 0] < 128).astype(np.uint8)
    labels, parts = find_parts(Ink(mask.astype(np.float32), mask, 0, 1))
    return len(parts), len(without_marks(labels, parts))


def read(picture):
    """What the shipped weights read, in groups."""
    (found,) = predict(shipped(), [prepare(encoded(picture), "it")])
    return [["".join(str(each.digit) for each in own) for own in groups(it)] for it in found.rows]


def test_the_digits_of_a_date_are_read():
    """Two slashes part them into three groups."""
    picture = row("24 12 2026", slash(2), slash(5))
    assert read(picture) == [["24", "12", "2026"]]


@pytest.mark.parametrize(
    "other",
    [
        slash(1, over=0),  # as high as its neighbours: a 1 that leans
        slash(1, over=7),  # a little longer, as many write it
        slash(1, lean=0),  # upright: a long 1
        slash(1, lean=-0.4),
        [(90, 118), (118, 100), (118, 60), (150, 42)],  # bent
        slash(3),  # at the end of the row
        [(102, 110), (138, 20)],  # longer at the top alone, as a 1 between small digits
        [(98, 130), (98, 80), (138, 80), (138, 30)],  # in two steps
    ],
)
def test_what_may_be_a_digit_stays(other):
    """A stroke that is no longer at both ends, does not lean, is bent, or stands at the end."""
    found, kept = left(row("4 2 ", other))
    assert found == kept == 3


def teeth(count, high, deep=12):
    """The teeth of combs under so many digits, from 28 on."""
    bottom = TOP + HIGH + deep
    for place in range(count + 1):
        across = 28 + PITCH * place
        yield [(across, bottom - high), (across, bottom)]


@pytest.mark.parametrize("high", [14, 24, 34])
def test_combs_under_digits_are_left_out(high):
    """One comb for all, and one for each digit."""
    bottom = TOP + HIGH + 12
    line = [(28, bottom), (28 + 5 * PITCH, bottom)]
    assert read(row("90210", line, *teeth(5, high), pen=3)) == [["90210"]]
    single = [
        [(a, bottom - high), (a, bottom), (a + 46, bottom), (a + 46, bottom - high)]
        for a in range(34, 34 + 5 * PITCH, PITCH)
    ]
    assert read(row("90210", *single, pen=3)) == [["90210"]]


def test_what_is_low_and_broad_may_be_of_a_digit():
    """A bow, a comb that has no digit above it, one that lacks a tooth, one that sags."""
    bow = [(x, 138 - (x - 58) ** 2 // 30) for x in range(30, 86, 5)]
    alone = [(155, 110), (155, 134), (205, 134), (205, 110)]
    teeth_at_one_end = [(30, 130), (85, 130), (85, 110)], [(30, 110), (30, 130), (85, 130)]
    sags = [(30, 110), (30, 131), (58, 138), (85, 131), (85, 110)]
    for other in (bow, alone, *teeth_at_one_end, sags):
        found, kept = left(row("4   2", other))
        assert found == kept


def test_what_is_full_is_no_comb():
    """A bar whose top sags is as even below and as high at both ends."""
    picture = row("4   2")
    bar = np.array([[30, 116], [57, 124], [85, 116], [85, 136], [30, 136]])
    cv2.fillPoly(picture, [bar], (0, 0, 0))
    found, kept = left(picture)
    assert found == kept == 3


@pytest.mark.parametrize("text", ["7", "0", "4"])
@pytest.mark.parametrize("rise", [0, 6])
def test_a_line_under_digits_is_left_out(text, rise):
    """Also one that is not quite level."""
    below, end = TOP + HIGH + 16, 50 + PITCH * len(text)
    line = [(30, below + rise), (end, below)]
    assert left(row(text, line)) == (len(text) + 1, len(text))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param([(40, TOP + HIGH + 8), (76, TOP + HIGH + 8)], id="the foot of a broken 2"),
        pytest.param([(50, TOP + HIGH + 16), (70, TOP + HIGH + 16)], id="a short one"),
        pytest.param([(30, TOP + HIGH + 16), (76, TOP + HIGH + 46)], id="a tall one"),
        pytest.param([(30, TOP + HIGH + 16), (90, TOP + HIGH + 36)], id="a steep one"),
        pytest.param([(40, TOP - 16), (76, TOP - 16)], id="the bar of a 5"),
    ],
)
def test_other_lines_near_a_digit_stay(line):
    """They may be strokes of it."""
    assert left(row("7", line, pen=3)) == (2, 2)
