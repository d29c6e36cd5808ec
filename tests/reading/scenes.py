"""Pictures of digits as people send them, drawn: one function for each kind that goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.dataset.glyphs import Glyph, blend
from mnist_tool.dataset.strokes import WAYS

Picture = NDArray[np.uint8]
WHITE, BLACK, BLUE = (255, 255, 255), (0, 0, 0), (40, 60, 180)
WAY = 0  # of each digit, the first that the synthetic data set has


def write(
    picture: Picture,
    glyph: Glyph,
    box: tuple[float, float, float, float],
    pen: int,
    colour: tuple[int, int, int] = BLACK,
    slant: float = 0.0,
) -> None:
    """Write a glyph into a box of (left, top, width, height)."""
    left, top, width, height = box
    for stroke in glyph:
        points, weights = blend((stroke,))
        line = np.array(weights) @ np.array(points)
        x = left + (line[:, 0] + slant * (0.5 - line[:, 1])) * width
        y = top + line[:, 1] * height
        dots = (np.stack([x, y], 1) * 16).round().astype(np.int32)
        cv2.polylines(picture, [dots], False, colour, pen, cv2.LINE_AA, 4)


def paper(height: int = 300, width: int = 300, colour: tuple[int, int, int] = WHITE) -> Picture:
    """A blank picture."""
    return np.full((height, width, 3), colour, np.uint8)


def digit_on(
    picture: Picture,
    digit: int,
    pen: int = 12,
    colour: tuple[int, int, int] = BLACK,
    share: float = 0.6,
    way: int = WAY,
) -> Picture:
    """Write a digit into the middle."""
    rows, columns = picture.shape[:2]
    height = share * rows
    box = ((columns - 0.6 * height) / 2, (rows - height) / 2, 0.6 * height, height)
    write(picture, WAYS[digit][way], box, pen, colour, 0.1)
    return picture


def _noise(picture: Picture, seed: int, spread: float = 3.0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, spread, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


def plain(digit: int) -> Picture:
    """Black on white."""
    return digit_on(paper(), digit)


def tight(digit: int) -> Picture:
    """Cut so tight that the digit touches the borders."""
    grey = plain(digit).min(axis=2)
    rows, columns = np.flatnonzero((grey < 128).any(1)), np.flatnonzero((grey < 128).any(0))
    return plain(digit)[rows[0] + 2 : rows[-1] - 1, columns[0] + 2 : columns[-1] - 1]


def brush(digit: int) -> Picture:
    """28 x 28 with a thick brush."""
    return np.asarray(
        cv2.resize(digit_on(paper(), digit, 34, share=0.75), (28, 28), interpolation=cv2.INTER_AREA)
    )


def faint(digit: int) -> Picture:
    """28 x 28, nearly white on white."""
    small = cv2.resize(
        digit_on(paper(), digit, 12, share=0.75), (28, 28), interpolation=cv2.INTER_AREA
    )
    return np.asarray(255 - (255 - small) // 12, np.uint8)


def coloured(digit: int) -> Picture:
    """Ink as bright as its paper, of another colour."""
    return _noise(digit_on(paper(colour=(150, 210, 150)), digit, colour=(225, 165, 190)), 1, 2)


def small(digit: int) -> Picture:
    """A small digit in a large canvas."""
    picture = paper(1000, 1400)
    write(picture, WAYS[digit][WAY], (900, 200, 30, 50), 4)
    return picture


def hair(digit: int) -> Picture:
    """A pen of one pixel on a large canvas."""
    return digit_on(paper(1200, 1200), digit, 1)


def dotted(digit: int) -> Picture:
    """A stroke of dots."""
    picture = paper()
    for stroke in WAYS[digit][WAY]:
        points, weights = blend((stroke,))
        line = np.array(weights)[:: 6 if len(stroke) > 3 else 9] @ np.array(points)
        for x, y in line:
            cv2.circle(picture, (int(90 + x * 110), int(60 + y * 180)), 6, BLACK, -1, cv2.LINE_AA)
    return picture


def split(digit: int) -> Picture:
    """A crease from top to bottom, on which the pen left no ink."""
    picture = digit_on(paper(), digit)
    cv2.line(picture, (152, 0), (156, 299), WHITE, 3, cv2.LINE_AA)
    return picture


def shadow_beside(digit: int) -> Picture:
    """The shadow of a hand falls beside the digit."""
    picture = digit_on(paper(colour=(225, 222, 215)), digit, 9, (60, 60, 70), 0.45)
    light = np.ones((300, 300, 1))
    cv2.fillPoly(light, [np.array([[0, 0], [95, 0], [60, 300], [0, 300]])], 0.55)
    return _noise((picture * cv2.GaussianBlur(light, (0, 0), 4)[..., None]).astype(np.uint8), 2)


def shadow_over(digit: int) -> Picture:
    """The edge of a shadow goes through the digit."""
    picture = digit_on(paper(colour=(225, 222, 215)), digit, 9, (60, 60, 70))
    light = np.ones((300, 300, 1))
    cv2.fillPoly(light, [np.array([[0, 0], [180, 0], [120, 300], [0, 300]])], 0.55)
    return _noise((picture * cv2.GaussianBlur(light, (0, 0), 3)[..., None]).astype(np.uint8), 3)


def shadow_band(digit: int) -> Picture:
    """The shadow of a finger, broader than a pen, lies across the digit."""
    picture = digit_on(paper(colour=(225, 222, 215)), digit, 8, (50, 50, 60))
    light = np.ones((300, 300, 1))
    cv2.fillPoly(light, [np.array([[0, 120], [300, 60], [300, 115], [0, 175]])], 0.6)
    return _noise((picture * cv2.GaussianBlur(light, (0, 0), 3)[..., None]).astype(np.uint8), 10)


def dusk(digit: int) -> Picture:
    """Most of the paper, and of its border, lies in a shadow with a soft edge, and so the digit."""
    picture = digit_on(paper(colour=(225, 222, 215)), digit, 9, (60, 60, 70), 0.45)
    light = np.full((300, 300, 1), 0.55)
    cv2.fillPoly(light, [np.array([[0, 0], [150, 0], [0, 170]])], 1)
    return _noise((picture * cv2.GaussianBlur(light, (0, 0), 9)[..., None]).astype(np.uint8), 11)


def thumbnail(digit: int) -> Picture:
    """A photo with the edge of a shadow through the digit, shrunk to 44 pixels."""
    picture = digit_on(paper(colour=(225, 222, 215)), digit, 17, (60, 60, 70))
    light = np.ones((300, 300, 1))
    cv2.fillPoly(light, [np.array([[0, 0], [300, 0], [300, 130], [0, 190]])], 0.45)
    seen = (picture * cv2.GaussianBlur(light, (0, 0), 3)[..., None]).astype(np.uint8)
    return _noise(np.asarray(cv2.resize(seen, (44, 44), interpolation=cv2.INTER_AREA)), 14, 1)


def squared(digit: int) -> Picture:
    """Strong squared paper."""
    picture = paper()
    for place in range(14, 300, 27):
        cv2.line(picture, (place, 0), (place, 299), (90, 90, 120), 2, cv2.LINE_AA)
        cv2.line(picture, (0, place), (299, place), (90, 90, 120), 2, cv2.LINE_AA)
    return _noise(digit_on(picture, digit, 9, (30, 30, 60)), 4)


def squared_askew(digit: int) -> Picture:
    """Strong squared paper and a broad pen, photographed a little askew, so that lines converge."""
    picture = paper(360, 360)
    for place in range(5, 360, 21):
        cv2.line(picture, (place, 0), (place, 359), (60, 60, 70), 2, cv2.LINE_AA)
        cv2.line(picture, (0, place), (359, place), (60, 60, 70), 2, cv2.LINE_AA)
    digit_on(picture, digit, 17, (30, 60, 40), 0.5)
    corners = np.array([[0, 0], [360, 0], [360, 360], [0, 360]], np.float32)
    moved = np.array([[-20, -14], [372, -30], [390, 376], [-36, 384]], np.float32)
    seen = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, moved), (360, 360))
    return _noise(np.asarray(seen, np.uint8), 13)


def ruled(digit: int) -> Picture:
    """Ruled paper, as dark as the pen, photographed a little askew."""
    picture = paper()
    for place in range(30, 320, 48):
        cv2.line(picture, (0, place), (299, place - 8), (70, 90, 130), 2, cv2.LINE_AA)
    return _noise(digit_on(picture, digit, 8, (40, 40, 90)), 5)


def plot(digit: int) -> Picture:
    """A saved plot: frame, ticks and numbers along the axes."""
    picture = paper(480, 640)
    inner = digit_on(paper(370, 370), digit, 22)
    picture[57:427, 143:513] = inner
    cv2.rectangle(picture, (143, 57), (512, 426), BLACK, 1)
    for place in range(0, 370, 66):
        cv2.line(picture, (143 + place, 427), (143 + place, 431), BLACK, 1)
        cv2.line(picture, (138, 57 + place), (142, 57 + place), BLACK, 1)
        label = str(place // 13)
        cv2.putText(picture, label, (137 + place, 446), cv2.FONT_HERSHEY_SIMPLEX, 0.4, BLACK, 1)
        cv2.putText(picture, label, (116, 62 + place), cv2.FONT_HERSHEY_SIMPLEX, 0.4, BLACK, 1)
    return picture


def dark_plot(digit: int) -> Picture:
    """A saved plot of an image that is light on dark, with a title."""
    picture = plot(digit)
    picture[57:427, 143:513] = 255 - picture[57:427, 143:513]
    cv2.putText(picture, "prediction", (270, 45), cv2.FONT_HERSHEY_SIMPLEX, 0.5, BLACK, 1)
    return picture


def card(digit: int) -> Picture:
    """The screenshot of a page with a dark canvas on it."""
    picture = paper(300, 500, (250, 250, 252))
    picture[40:260, 60:280] = 255 - digit_on(paper(220, 220), digit, 10)
    return picture


def _label(picture: Picture, text: str, place: tuple[int, int], size: float = 0.5) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, BLACK, 1, cv2.LINE_AA)


def window(digit: int) -> Picture:
    """The screenshot of a window with a title, a canvas, a button and the program's answer."""
    picture = paper(420, 620, (238, 238, 238))
    picture[:30] = 250
    _label(picture, "draw.py", (10, 21))
    picture[60:380, 30:350] = digit_on(paper(320, 320), digit, 14, (200, 40, 30))
    picture[330:375, 400:560] = (90, 150, 220)
    _label(picture, "Clear", (450, 358))
    _label(picture, f"{digit}, 97 %", (400, 200), 1.6)
    return picture


def desktop(digit: int) -> Picture:
    """A window with a dark canvas on a desktop whose colour changes from top to bottom."""
    picture = paper(700, 900)
    picture[:] = np.linspace(60, 200, 700)[:, None, None].astype(np.uint8)
    seen = window(digit)
    seen[60:380, 30:350] = 255 - seen[60:380, 30:350]
    picture[120:540, 200:820] = seen
    for top in (20, 130, 240):
        picture[top : top + 50, 20:70] = (60, 140, 90)
    return picture


def buttons(digit: int) -> Picture:
    """A canvas without a frame, with a title above it and two buttons below, photographed."""
    picture = digit_on(paper(400, 300, (235, 240, 245)), digit, 9, share=0.35)
    cv2.putText(picture, "Draw a digit", (30, 50), 0, 1.1, BLACK, 6, cv2.LINE_AA)
    for left in (50, 160):
        picture[300:335, left : left + 90] = (70, 140, 90)
        _label(picture, "Clear", (left + 25, 322))
    return _noise(picture, 15)


def chart(digit: int) -> Picture:
    """Below the digit a bar for each probability, of which one is high."""
    picture = paper(520, 320)
    picture[:320] = digit_on(paper(320, 320), digit, 14)
    for place in range(10):
        high = 130 if place == digit else 2
        picture[490 - high : 490, 20 + 28 * place : 42 + 28 * place] = (40, 90, 190)
        _label(picture, str(place), (25 + 28 * place, 508))
    return picture


def boxed(digit: int) -> Picture:
    """A digit in a box that somebody drew."""
    picture = digit_on(paper(), digit, 9, share=0.5)
    corners = np.array([[42, 36], [255, 44], [262, 250], [38, 262]])
    cv2.polylines(picture, [corners], True, BLACK, 5, cv2.LINE_AA)
    return picture


def circled(digit: int) -> Picture:
    """A digit with a circle around it."""
    picture = digit_on(paper(), digit, 9, share=0.4)
    cv2.ellipse(picture, (152, 148), (104, 97), 12, 0, 360, BLUE, 5, cv2.LINE_AA)
    return picture


def cell(digit: int) -> Picture:
    """Cut out of a form, with what is left of the lines around it."""
    picture = digit_on(paper(200, 200, (190, 170, 150)), digit, 6, (40, 30, 30), 0.6)
    cv2.line(picture, (4, 0), (8, 199), (30, 25, 25), 6)
    cv2.line(picture, (0, 194), (199, 190), (30, 25, 25), 5)
    return _noise(picture, 6)


def clear_edge(digit: int) -> Picture:
    """Transparent around a white card: red, green, blue and alpha."""
    picture = np.zeros((300, 300, 4), np.uint8)
    picture[25:275, 40:260, :3] = digit_on(paper(250, 220), digit, 10)
    picture[25:275, 40:260, 3] = 255
    return picture


def screen(digit: int) -> Picture:
    """A screen, photographed: light ink, stripes, a brightness that falls off."""
    picture = digit_on(paper(colour=(45, 48, 60)), digit, 14, (200, 205, 215)).astype(float)
    rows, columns = np.mgrid[:300, :300]
    stripes = 1 + 0.16 * np.sin(rows * 2.1) + 0.08 * np.sin(columns * 1.3 + rows * 0.2)
    fall = 1.15 - np.hypot(rows - 100, columns - 120) / 500
    return _noise((picture * (stripes * fall)[..., None]).clip(0, 255).astype(np.uint8), 7, 4)


def chalk(digit: int) -> Picture:
    """White on a dark board that is not wiped clean."""
    picture = digit_on(paper(colour=(45, 60, 50)), digit, 9, (225, 225, 215))
    cv2.ellipse(picture, (200, 210), (120, 50), 20, 0, 360, (62, 76, 66), -1)
    return _noise(digit_on(picture, digit, 9, (225, 225, 215)), 8, 6)


def table(digit: int) -> Picture:
    """A sheet on a dark table."""
    picture = paper(360, 480, (70, 55, 45))
    sheet = cv2.warpAffine(
        digit_on(paper(260, 220), digit, 7, BLUE, 0.5),
        np.array([[0.99, -0.1, 140], [0.1, 0.99, 35]]), (480, 360), borderValue=(70, 55, 45)
    )  # fmt: skip
    return _noise(np.maximum(picture, sheet), 9)


def note(digit: int) -> Picture:
    """A pink note on brown wood."""
    picture = paper(360, 480, (60, 40, 25))
    note = cv2.warpAffine(
        digit_on(paper(220, 220, (250, 170, 190)), digit, 9, (60, 60, 130), 0.5),
        np.array([[0.99, 0.08, 110], [-0.08, 0.99, 80]]), (480, 360)
    )  # fmt: skip
    return _noise(np.where(note.any(axis=2, keepdims=True), note, picture), 12)


KINDS: dict[str, Callable[[int], Picture]] = {
    each.__name__: each
    for each in (
        *(
            plain,
            tight,
            brush,
            faint,
            coloured,
            small,
            hair,
            dotted,
            split,
            shadow_beside,
            shadow_over,
            shadow_band,
            dusk,
            thumbnail,
        ),
        *(
            squared,
            squared_askew,
            ruled,
            plot,
            dark_plot,
            card,
            window,
            desktop,
            buttons,
            chart,
            boxed,
            circled,
            cell,
            clear_edge,
            screen,
            chalk,
            table,
            note,
        ),
    )
}
