"""Draw the synthetic data set: digits as random pen strokes, bit for bit the same everywhere.

Its files are checked by SHA-256 like all others, so every platform and every numpy must draw the
same bytes. Hence nothing but + - * / and square roots, which IEEE 754 rounds exactly, comparisons
and integers: a sine, a power, a mean or a matrix product differs in its last bit from one library
to the next. ``RandomState.random_sample`` is frozen by numpy's policy (NEP 19).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.glyphs import DIGIT_GLYPHS, DOTS, Glyph, blend

__all__ = ["draw", "idx_files"]

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SEEDS = {"train": 20240717, "test": 20240718}
COUNTS = {"train": 6000, "test": 1000}

SIDE = 28
# The largest pen's dot, with its soft edge, touches so many pixels in each direction.
PATCH = 6
EDGE = 1.4  # pixels over which ink fades to paper
FAR = 1e6  # squared distance in pixels of paper that no dot is near

# How far the images differ: lower and upper end of evenly spread values.
WOBBLE = (-0.07, 0.07)  # of each point of a stroke, in heights of the digit
SLANT = (-0.15, 0.5)  # sideways per height; people lean to the right
TURN = (-0.09, 0.09)  # tangent of half the angle of rotation
BOW = (-0.25, 0.25)  # sideways in the middle, per height
HEIGHT = (15.5, 19.5)  # pixels
WIDTH = (0.55, 0.95)  # per height, of a digit that fills its square
RADIUS = (0.7, 1.7)  # of the pen, pixels
OFFSET = (-1.6, 1.6)  # from the centre of the image, pixels


def draw(split: str) -> tuple[Bytes, Bytes]:
    """Draw one split.

    Parameters
    ----------
    split : {'train', 'test'}
        Which one; no image is in both.

    Returns
    -------
    images : uint8 array of shape (N, 28, 28)
        0 is paper, 255 is ink, as in MNIST; N is 6000 or 1000.
    labels : uint8 array of shape (N,)
        0 to 9.
    """
    random = np.random.RandomState(SEEDS[split])
    count = COUNTS[split]
    labels = (random.random_sample(count) * len(DIGIT_GLYPHS)).astype(np.uint8)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for digit, glyphs in enumerate(DIGIT_GLYPHS):
        members = np.flatnonzero(labels == digit)
        kinds = (random.random_sample(len(members)) * len(glyphs)).astype(np.intp)
        for kind, glyph in enumerate(glyphs):
            chosen = members[kinds == kind]
            x, y = _write(glyph, len(chosen), random)
            images[chosen] = _ink(x, y, _between(RADIUS, random, len(chosen)))
    return images, labels


def idx_files(wanted: Iterable[DataFile]) -> dict[str, bytes]:
    """Draw files of the data set in the IDX format.

    Parameters
    ----------
    wanted : iterable of DataFile
        Those to draw.

    Returns
    -------
    dict of str to bytes
        For each file name its content.
    """
    splits = {split: dict(zip(("images", "labels"), draw(split), strict=True)) for split in SEEDS}
    return {file.name: encode(splits[file.split][file.role]) for file in wanted}


def _between(ends: tuple[float, float], random: np.random.RandomState, *shape: int) -> Floats:
    low, high = ends
    return low + (high - low) * random.random_sample(shape)


def _write(glyph: Glyph, count: int, random: np.random.RandomState) -> tuple[Floats, Floats]:
    """Return where the dots of the pen fall in `count` images: x and y of shape (count, DOTS)."""
    points, weights = blend(glyph)
    x, y = np.zeros((2, count, DOTS))
    for place, (across, down) in enumerate(points):
        weight = np.array([row[place] for row in weights])
        x += (across + _between(WOBBLE, random, count, 1)) * weight
        y += (down + _between(WOBBLE, random, count, 1)) * weight
    return _pose(x - 0.5, y - 0.5, random)


def _pose(x: Floats, y: Floats, random: np.random.RandomState) -> tuple[Floats, Floats]:
    """Bend, slant, turn, size and place digits drawn in a unit square around zero."""
    count = len(x)
    x = x * _between(WIDTH, random, count, 1)
    x = x - _between(SLANT, random, count, 1) * y
    x = x + _between(BOW, random, count, 1) * (0.25 - y * y)
    tangent = _between(TURN, random, count, 1)
    cosine = (1 - tangent * tangent) / (1 + tangent * tangent)
    sine = 2 * tangent / (1 + tangent * tangent)
    x, y = cosine * x - sine * y, sine * x + cosine * y
    height = _between(HEIGHT, random, count, 1)
    return _place(x * height, random), _place(y * height, random)


def _place(along: Floats, random: np.random.RandomState) -> Floats:
    """Move digits to near the middle of the image, along one direction."""
    low, high = along.min(axis=1, keepdims=True), along.max(axis=1, keepdims=True)
    middle = (SIDE - 1) / 2 + _between(OFFSET, random, len(along), 1)
    placed: Floats = along - (low + high) / 2 + middle
    return placed


def _ink(x: Floats, y: Floats, radius: Floats) -> Bytes:
    """Draw round dots of one size per image, with soft edges.

    Every image gets its next dot in the same step: no pixel is written twice in one, so plain
    indexing is enough. What is kept is the squared distance to the nearest dot.
    """
    count = len(x)
    near = np.full((count, SIDE, SIDE), FAR)
    image = np.arange(count)[:, None, None]
    reach = np.arange(PATCH)
    for dot in range(DOTS):
        column = _patch(x[:, dot], reach)
        row = _patch(y[:, dot], reach)
        across = column - x[:, dot, None]
        down = row - y[:, dot, None]
        square = (across * across)[:, None, :] + (down * down)[:, :, None]
        where = image, row[:, :, None], column[:, None, :]
        near[where] = np.minimum(near[where], square)
    cover = (radius[:, None, None] - np.sqrt(near)) / EDGE + 0.5
    ink: Bytes = (np.clip(cover, 0, 1) * 255 + 0.5).astype(np.uint8)
    return ink


def _patch(centre: Floats, reach: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows or columns around each centre, moved inside the image where they would leave it."""
    first = np.floor(centre).astype(np.intp) - (PATCH // 2 - 1)
    return np.clip(first, 0, SIDE - PATCH)[:, None] + reach
