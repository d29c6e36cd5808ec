"""Ink that hangs together: its blobs, and what their shapes are measured with."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Blob", "alone", "components", "largest_within", "morphed"]

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]

MOST = 400  # parts; a picture with more shows a pattern


class Blob(NamedTuple):
    """Ink that hangs together, diagonal neighbours included.

    Parameters
    ----------
    label : int
        Its number in the array of labels.
    left, top, right, bottom : int
        Its extent; the last column and row are the ones after.
    area : int
        Pixels of ink.
    """

    label: int
    left: int
    top: int
    right: int
    bottom: int
    area: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    def touches(self, shape: tuple[int, ...]) -> int:
        """Count the borders of a picture of this shape that it reaches."""
        rows, columns = shape
        ends = (self.left <= 0, self.top <= 0, self.right >= columns, self.bottom >= rows)
        return sum(ends)

    def distance(self, other: Blob) -> int:
        """Pixels between the two extents along the axis on which they are further apart."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(0, across, down)


def components(mask: Bytes) -> tuple[Labels, list[Blob]]:
    """Return the parts that hang together, of very many the largest.

    Parameters
    ----------
    mask : uint8 array
        0 where there is no ink.

    Returns
    -------
    labels : int32 array
        The number of the part that each pixel belongs to; 0 for none.
    parts : list of Blob
        What is known of each.
    """
    x, y, wide, high = cv2.boundingRect(mask)  # outside there is nothing to look at
    x, y = x & ~1, y & ~1  # the algorithm takes 2 x 2 at once
    box = slice(y, y + high + 1), slice(x, x + wide + 1)
    _, within, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask[box],
        8,
        cv2.CV_32S,
        cv2.CCL_BBDT,  # more than twice as quick as the default
    )
    labels = np.zeros(mask.shape, np.int32)
    labels[box] = within
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = np.sort(np.argsort(-areas, kind="stable")[:MOST]) + 1
    return labels, [
        Blob(label, x + left, y + top, x + left + width, y + top + height, area)
        for label, (left, top, width, height, area) in zip(
            largest.tolist(), stats[largest].tolist(), strict=True
        )
    ]


def alone(labels: Labels, part: Blob) -> Bytes:
    """Return 1 where a part is, within its extent.

    Parameters
    ----------
    labels : int32 array
        The part of each pixel.
    part : Blob
        One of them.
    """
    box = labels[part.top : part.bottom, part.left : part.right]
    return np.asarray(box == part.label, np.uint8)


def morphed(mask: Bytes, operation: int, rows: int, columns: int) -> Bytes:
    """Apply one of OpenCV's operations with a window of ones.

    Parameters
    ----------
    mask : uint8 array
        What it is applied to.
    operation : int
        ``cv2.MORPH_...``.
    rows, columns : int
        Of the window.
    """
    window = np.ones((rows, columns), np.uint8)
    return np.asarray(cv2.morphologyEx(np.ascontiguousarray(mask), operation, window), np.uint8)


def largest_within(hull: NDArray[np.int32]) -> float:
    """Return the area of the largest quadrilateral with corners of a hull.

    Parameters
    ----------
    hull : int32 array
        As ``cv2.convexHull`` returns it.
    """
    corners = hull.reshape(-1, 2).astype(float)
    x, y = np.moveaxis(corners - corners[:, None], 2, 0)
    sides = x[:, :, None] * y[:, None] - y[:, :, None] * x[:, None]  # of each diagonal each corner
    return float((sides.max(axis=2) - sides.min(axis=2)).max()) / 2
