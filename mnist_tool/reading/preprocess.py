"""Bring ink to MNIST's form: white on black, 20 x 20, centred by mass.

As MNIST's authors did (http://yann.lecun.com/exdb/mnist/): "size normalized to fit in a 20x20 pixel
box while preserving their aspect ratio. The resulting images contain grey levels as a result of the
anti-aliasing technique used by the normalization algorithm. The images were centered in a 28x28
image by computing the center of mass of the pixels". Before that the ink has to be found: see
`mnist_tool.reading.ink`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["FAINT", "normalise"]

Bytes = NDArray[np.uint8]

SIDE, BOX = 28, 20
# Where MNIST's files have the centre of mass, from the first pixel's edge: 14.5 on average along
# both directions, spread by 0.29 as rounding to whole pixels does (measured on 2000 test images).
MIDDLE = 14.5
FAINT = 25  # ink below this is the soft edge of a stroke and does not count for its extent
# MNIST's pens are about 2.5 pixels wide in the box of 20; a finer line would fade when it shrinks.
PEN = 1.6


def normalise(ink: Bytes) -> Bytes:
    """Bring the ink of one digit to 28 x 28.

    Parameters
    ----------
    ink : uint8 array of shape (rows, columns)
        0 is paper, 255 is full ink; at least one pixel is above `FAINT`.
    """
    crop = _crop(ink)
    height, width = crop.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Both give the same bits on every machine, and in the page that people draw on.
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR_EXACT
    small = cv2.resize(_thicken(crop, 1 / scale), size, interpolation=way)
    full = cv2.convertScaleAbs(small, alpha=255 / max(1, int(small.max())))
    return _centre(np.asarray(full, np.uint8).reshape(size[::-1]))


def _crop(ink: Bytes) -> Bytes:
    left, top, width, height = cv2.boundingRect((ink > FAINT).astype(np.uint8))
    return ink[top : top + height, left : left + width]


def _thicken(crop: Bytes, pixel: float) -> Bytes:
    """Widen lines that would be finer than a pen in the box; `pixel` is one pixel of the box."""
    inked = np.pad(crop > 127, 1)
    # Every line of ink has two sides: so many changes between neighbours along rows and columns.
    sides = sum(np.count_nonzero(np.diff(inked, axis=axis)) for axis in (0, 1))
    # 4 / pi: a slanted edge counts in both directions.
    width = 2 * np.count_nonzero(inked) / max(1, sides) * 1.27
    missing = round((PEN * pixel - width) / 2)
    if missing < 1:
        return crop
    window = np.ones((2 * missing + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(np.pad(crop, missing), window), np.uint8)


def _centre(small: Bytes) -> Bytes:
    """Put the centre of mass into the middle of 28 x 28."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (_offset(small.sum(axis=axis, dtype=float)) for axis in (1, 0))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


def _offset(mass: NDArray[np.float64]) -> int:
    centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    return int(np.clip(round(MIDDLE - centre), 0, SIDE - len(mass)))
