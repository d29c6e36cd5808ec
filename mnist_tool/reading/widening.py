"""Widen ink: the largest value around each pixel, quick however far around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["widen"]

Bytes = NDArray[np.uint8]


def widen(values: Bytes, reach: int) -> Bytes:
    """Return the maximum over the square that reaches so many pixels to each side.

    Pillow's own filter looks at every pixel of the square, and at a thousand of them for a thin
    line; rows and columns one after the other need a few looks each.

    Parameters
    ----------
    values : uint8 array of two dimensions
        Beyond its border there is 0.
    reach : int
        0 or more.
    """
    for _ in range(2):
        values = _along_rows(values, reach).T
    return values


def _along_rows(values: Bytes, reach: int) -> Bytes:
    widest, seen = np.pad(values, ((0, 0), (reach, reach))), 1
    while seen < 2 * reach + 1:  # each value is the maximum of so many, from it to the right
        step = min(seen, 2 * reach + 1 - seen)
        widest = np.maximum(widest[:, :-step], widest[:, step:])
        seen += step
    return widest
