"""A program's canvas is found in its window, and nothing else is taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnist_tool.dataset.written import draw_digits
from mnist_tool.reading.sheet import shrunk
from mnist_tool.reading.surface import find_canvas
from tests.benchmarks.rows import page as set_page
from tests.reading.scenes import BLACK, WHITE, digit_on, paper

SHAPE = (300, 400)
LEFT, TOP, SIDE = 40, 50, 200


def found(picture):
    """The box of the canvas, as left, top, width and height, if there is one."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    mask = find_canvas(shrunk(grey, 256), grey.shape)
    return None if mask is None else cv2.boundingRect(mask)


def window(ground=(240, 240, 240), canvas=WHITE, ink=BLACK, digit=5):
    """A window with a title bar, a canvas and two buttons."""
    picture = paper(*SHAPE, ground)
    picture[:30] = 255 if max(ground) < 250 else 235
    cv2.putText(picture, "draw.py", (10, 21), 0, 0.5, BLACK, 1)
    drawn = digit_on(paper(SIDE, SIDE, canvas), digit, 10, ink)
    picture[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = drawn
    for top in (60, 110):
        cv2.rectangle(picture, (270, top), (370, top + 30), (200, 205, 200), -1)
        cv2.putText(picture, "Clear", (290, top + 20), 0, 0.5, BLACK, 1)
    return picture


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize(
    "colours",
    [
        pytest.param({}, id="white on light grey"),
        pytest.param({"ground": WHITE, "canvas": BLACK, "ink": WHITE}, id="black on white"),
        pytest.param({"ground": (40, 40, 45)}, id="white on dark"),
        pytest.param({"ground": (40, 40, 45), "canvas": BLACK, "ink": WHITE}, id="black on dark"),
    ],
)
def test_a_canvas_is_found(colours, digit):
    """Whatever is lighter."""
    box = found(window(**colours, digit=digit))
    assert np.abs(np.array(box) - (LEFT, TOP, SIDE, SIDE)).max() <= 8


def test_a_frame_is_enough():
    """White in white."""
    picture = window(WHITE)
    cv2.rectangle(picture, (LEFT, TOP), (LEFT + SIDE, TOP + SIDE), (120, 120, 120), 2)
    assert np.abs(np.array(found(picture)) - (LEFT, TOP, SIDE, SIDE)).max() <= 8


def test_a_straight_1_is_no_button():
    """A bar that is so slender is drawn."""
    picture = window()
    picture[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = 255
    cv2.rectangle(picture, (130, 80), (150, 220), BLACK, -1)
    assert np.abs(np.array(found(picture)) - (LEFT, TOP, SIDE, SIDE)).max() <= 8


def test_a_round_label_is_no_canvas():
    """The corners of the box around it show what it lies on."""
    picture = np.random.default_rng(1).integers(90, 200, (*SHAPE, 1), np.uint8).repeat(3, 2)
    cv2.circle(picture, (200, 150), 110, WHITE, -1)
    cv2.rectangle(picture, (192, 95), (208, 205), BLACK, -1)
    assert found(picture) is None


def test_a_wallpaper_is_no_canvas():
    """What is drawn is on the canvas alone."""
    picture = paper(600, 800)
    picture[:] = np.linspace(60, 180, 800, dtype=np.uint8)[None, :, None]
    picture[100:400, 200:600] = window()
    expected = (200 + LEFT, 100 + TOP, SIDE, SIDE)
    assert np.abs(np.array(found(picture)) - expected).max() <= 10


def test_a_window_is_no_drawing():
    """On a desktop of one colour, half over another window: together they are no rectangle."""
    picture = paper(600, 800, (90, 120, 150))
    picture[10:300, 20:420] = 220
    picture[100:400, 200:600] = window()
    expected = (200 + LEFT, 100 + TOP, SIDE, SIDE)
    assert np.abs(np.array(found(picture)) - expected).max() <= 10


def test_digits_on_several_areas_are_all_digits():
    """Each in a box of its own; one of a row in a box."""
    row = np.hstack([digit_on(paper(120, 100), digit, 7) for digit in (4, 7, 2)])
    framed, boxes = row.copy(), row.copy()
    cv2.rectangle(framed, (106, 6), (194, 114), BLACK, 2)
    for left in (6, 106, 206):
        cv2.rectangle(boxes, (left, 6), (left + 88, 114), BLACK, 2)
    assert found(framed) is found(boxes) is None


def test_boxes_of_a_photographed_row_are_none():
    """Of which noise leaves only some even."""
    digits, _ = draw_digits(100, 7)
    for seed in range(40):
        random = np.random.default_rng(seed)
        grey = set_page(digits[random.integers(0, 100, random.integers(4, 11))], random, boxed=True)
        assert find_canvas(shrunk(grey, 256), grey.shape) is None


def test_no_canvas_is_none():
    """A plain page; a title bar over a page whose ink parts it; noise; nothing at all."""
    plain = digit_on(paper(), 3)
    bar = digit_on(paper(*SHAPE), 0, share=0.9)
    bar[:30] = 230
    cv2.line(bar, (0, 170), (399, 180), BLACK, 8)
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)
    for picture in (plain, bar, noise, paper()):
        assert found(picture) is None
