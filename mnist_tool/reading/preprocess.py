"""Bring a picture of a digit to MNIST's form: white ink on black, 20 x 20, centred by mass.

As MNIST's authors did (http://yann.lecun.com/exdb/mnist/): "size normalized to fit in a 20x20 pixel
box while preserving their aspect ratio. The resulting images contain grey levels as a result of the
anti-aliasing technique used by the normalization algorithm. The images were centered in a 28x28
image by computing the center of mass of the pixels". Before that the ink has to be found: see
`mnist_tool.reading.ink`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_tool.reading.ink import find_ink
from mnist_tool.reading.picture import read_grey
from mnist_tool.reading.widening import widen

__all__ = ["Prepared", "prepare"]

Bytes = NDArray[np.uint8]

SIDE, BOX = 28, 20
# Where MNIST's files have the centre of mass, from the first pixel's edge: 14.5 on average along
# both directions, spread by 0.29 as rounding to whole pixels does (measured on 2000 test images).
MIDDLE = 14.5
FAINT = 25  # ink below this is the soft edge of a stroke and does not count for its extent
# MNIST's pens are about 2.5 pixels wide in the box of 20; a finer line would fade when it shrinks.
PEN = 1.6


@dataclass(frozen=True)
class Prepared:
    """A picture in MNIST's form, and how it came to it.

    Parameters
    ----------
    image : uint8 array of shape (28, 28)
        0 is paper, 255 is ink.
    steps : tuple of (str, uint8 array)
        What was made on the way, each with its name; 0 is paper except in the first, the picture.
    """

    image: Bytes
    steps: tuple[tuple[str, Bytes], ...]


def prepare(content: bytes, name: str) -> Prepared:
    """Bring a picture to MNIST's form.

    Parameters
    ----------
    content : bytes
        A picture file in one of the `formats` that are opened: dark on light or light on dark,
        transparent, palette, 16 bit, a photo with uneven light.
    name : str
        How errors call it.

    Raises
    ------
    ImageError
        If it is no picture, too large, empty, or shows more than one digit.
    """
    grey = read_grey(content, name)
    ink = find_ink(grey, name)
    crop = _crop(ink)
    small = _normalise(crop)
    image = _centre(small)
    steps = (("picture", grey), ("ink", ink), ("cut out", crop), ("28 x 28", image))
    return Prepared(image, steps)


def _crop(ink: Bytes) -> Bytes:
    rows = np.flatnonzero(ink.max(axis=1) > FAINT)
    columns = np.flatnonzero(ink.max(axis=0) > FAINT)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _normalise(crop: Bytes) -> Bytes:
    """Scale to fit the box of 20 x 20, keeping the aspect ratio and full ink."""
    height, width = crop.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    thick = _thicken(Image.fromarray(crop), 1 / scale)
    small = np.asarray(thick.resize(size, Image.Resampling.BILINEAR), float)
    full: Bytes = np.clip(small * (255 / small.max()), 0, 255).round().astype(np.uint8)
    return full


def _thicken(crop: Image.Image, pixel: float) -> Image.Image:
    """Widen lines that would be finer than a pen in the box; `pixel` is one pixel of the box."""
    inked = np.asarray(crop) > 127
    area = np.count_nonzero(inked)
    # Every line of ink has two sides: so many changes between neighbours along rows and columns.
    padded = np.pad(inked, 1)
    sides = sum(np.count_nonzero(np.diff(padded, axis=axis)) for axis in (0, 1))
    width = 2 * area / max(1, sides) * 1.27  # 4 / pi: a slanted edge counts in both directions
    missing = round((PEN * pixel - width) / 2)
    if missing < 1:
        return crop
    return Image.fromarray(widen(np.pad(np.asarray(crop), missing), missing))


def _centre(small: Bytes) -> Bytes:
    """Put the centre of mass into the middle of 28 x 28."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (_offset(small.sum(axis=axis, dtype=float)) for axis in (1, 0))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


def _offset(mass: NDArray[np.float64]) -> int:
    centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    return int(np.clip(round(MIDDLE - centre), 0, SIDE - len(mass)))
