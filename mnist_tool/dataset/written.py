"""Draw digits as people all over the world write them, and what is no digit, in MNIST's form.

What a model learns from beside MNIST. Nothing here is registered, so ordinary numpy is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_tool.dataset.glyphs import DOTS, Glyph, Point, blend
from mnist_tool.dataset.strokes import LETTERS, WAYS

__all__ = ["NO_DIGIT", "draw_digits", "draw_others"]

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

NO_DIGIT = 10  # the label of what is none
SIDE = 28
PATCH = 8  # pixels that the largest dot touches in each direction, with its soft edge
FAR = 1e6  # squared distance of paper that no dot is near

# How far the images differ: lower and upper end of evenly spread values.
WOBBLE = (-0.06, 0.06)  # of each point of a stroke, in heights
SLANT = (-0.25, 0.5)  # sideways per height
TURN = (-0.17, 0.17)  # radians
BOW = (-0.25, 0.25)  # sideways in the middle, per height
WIDTH = (0.4, 1.05)  # per height, of what fills its square
BOX = (18.5, 20.5)  # pixels of the longer side, with the pen
RADIUS = (0.55, 2.0)  # of the pen, pixels
SOFT = (0.8, 2.4)  # pixels over which ink fades to paper
OFFSET = (-1.0, 1.0)  # of the centre of mass, pixels
POINTS = (7, 13)  # of a scribble
EVEN = (1,) * 10


def draw_digits(count: int, seed: int, shares: Sequence[float] = EVEN) -> tuple[Bytes, Bytes]:
    """Draw digits, every way of each as often as the others of that digit.

    Parameters
    ----------
    count : int
        How many.
    seed : int
        The same draws the same.
    shares : sequence of ten float
        How often each digit is drawn, beside the others.

    Returns
    -------
    images : uint8 array of shape (count, 28, 28)
        0 is paper, 255 is ink.
    labels : uint8 array of shape (count,)
        0 to 9.
    """
    random = np.random.RandomState(seed)
    labels = random.choice(10, count, p=np.array(shares) / sum(shares)).astype(np.uint8)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for digit, ways in enumerate(WAYS):
        members = np.flatnonzero(labels == digit)
        kinds = random.randint(0, len(ways), len(members))
        for kind, glyph in enumerate(ways):
            chosen = members[kinds == kind]
            images[chosen] = _images(glyph, len(chosen), random)
    return images, labels


def draw_others(count: int, seed: int) -> Bytes:
    """Draw what is no digit: letters and signs, and as many scribbles as a third of them.

    Parameters
    ----------
    count : int
        How many.
    seed : int
        The same draws the same.
    """
    random = np.random.RandomState(seed)
    kinds = random.randint(0, len(LETTERS) * 4 // 3, count)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for kind, glyph in enumerate(LETTERS):
        chosen = np.flatnonzero(kinds == kind)
        images[chosen] = _images(glyph, len(chosen), random)
    for place in np.flatnonzero(kinds >= len(LETTERS)):
        points = random.random_sample((random.randint(*POINTS), 2)).tolist()
        scribble: list[Point] = [(x, y) for x, y in points]
        images[place] = _images((scribble,), 1, random)
    return images


def _images(glyph: Glyph, count: int, random: np.random.RandomState) -> Bytes:
    if not count:
        return np.empty((0, SIDE, SIDE), np.uint8)
    x, y = _pose(*_write(glyph, count, random), random)
    radius = _between(RADIUS, random, count, 1)
    x, y = _normalised(x, y, radius, random)
    return _ink(x, y, radius, _between(SOFT, random, count, 1))


def _between(ends: tuple[float, float], random: np.random.RandomState, *shape: int) -> Floats:
    return random.uniform(*ends, shape)


def _write(glyph: Glyph, count: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
    """Return where the dots of the pen fall: x and y of shape (count, DOTS)."""
    points, weights = blend(glyph)
    spread = np.array(weights).T
    places = np.array(points)
    moved = places[None] + _between(WOBBLE, random, count, len(points), 2)
    return moved[:, :, 0] @ spread - 0.5, moved[:, :, 1] @ spread - 0.5


def _pose(x: Floats, y: Floats, random: np.random.RandomState) -> tuple[Floats, Floats]:
    """Bend, slant, turn and stretch."""
    count = len(x)
    x = x * _between(WIDTH, random, count, 1)
    x = x - _between(SLANT, random, count, 1) * y + _between(BOW, random, count, 1) * (0.25 - y * y)
    angle = _between(TURN, random, count, 1)
    return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


def _normalised(
    x: Floats, y: Floats, radius: Floats, random: np.random.RandomState
) -> tuple[Floats, Floats]:
    """Fit into MNIST's box, with its centre of mass in the middle; dots are evenly spaced ink."""
    longer = np.maximum(np.ptp(x, axis=1), np.ptp(y, axis=1))[:, None]
    scale = (_between(BOX, random, len(x), 1) - 2 * radius) / np.maximum(longer, 1e-3)
    across, down = SIDE / 2 - 0.5 + _between(OFFSET, random, 2, len(x), 1)
    return (
        (x - x.mean(axis=1, keepdims=True)) * scale + across,
        (y - y.mean(axis=1, keepdims=True)) * scale + down,
    )


def _ink(x: Floats, y: Floats, radius: Floats, soft: Floats) -> Bytes:
    """Draw round dots with soft edges: for each pixel the squared distance to the nearest dot."""
    near = np.full((len(x), SIDE, SIDE), FAR, np.float32)
    image = np.arange(len(x))[:, None, None]
    reach = np.arange(PATCH)
    for dot in range(DOTS):
        column, row = (
            np.clip(np.floor(along[:, dot]).astype(int) - PATCH // 2 + 1, 0, SIDE - PATCH)[:, None]
            + reach
            for along in (x, y)
        )
        across, down = column - x[:, dot, None], row - y[:, dot, None]
        square = (across * across)[:, None, :] + (down * down)[:, :, None]
        where = image, row[:, :, None], column[:, None, :]
        near[where] = np.minimum(near[where], square)
    cover = (radius[:, :, None] - np.sqrt(near)) / soft[:, :, None] + 0.5
    ink: Bytes = (np.clip(cover, 0, 1) * 255 + 0.5).astype(np.uint8)
    return ink
