"""Find a sheet of paper that lies on something darker, so that ink is looked for on it alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mnist_tool.reading.blobs import Blob, blobs

__all__ = ["find_sheet"]

Mask = NDArray[np.bool_]

SMALL = 128  # longer side of the picture on which the sheet is looked for
LEAST, MOST = 0.12, 0.97  # of the picture, that a sheet covers
STRAIGHT = 0.88  # of the smallest rectangle around it; an ellipse, such as a bold 0, covers 0.79
BLANK = 0.8  # of the sheet, that is free of ink
DOT = 0.003  # of the sheet; less ink is no digit
MARGIN = 3  # small pixels, by which the sheet is narrowed: its edge is blurred and casts shadows


def find_sheet(grey: NDArray[np.float64], threshold: float) -> Mask | None:
    """Return where the paper is, or ``None`` if the picture shows no sheet with a dark surround.

    Parameters
    ----------
    grey : float array of shape (rows, columns)
        Brightness, 0 black to 255 white.
    threshold : float
        Brightness that parts the light from the dark.

    Returns
    -------
    bool array of the same shape, or None
        True on the sheet, a little inside its edge.
    """
    rows, columns = grey.shape
    scale = min(1.0, SMALL / max(rows, columns))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    small = Image.fromarray(grey.astype(np.uint8)).resize(size, Image.Resampling.BOX)
    light = np.asarray(small) > threshold
    found = blobs(light)
    if not found:
        return None
    largest = max(found, key=lambda blob: blob.area)
    whole = _filled(_mask(largest, light.shape))
    if not _is_sheet(largest, whole, light):
        return None
    inner = _image(whole).filter(ImageFilter.MinFilter(2 * MARGIN + 1))
    return np.asarray(inner.resize((columns, rows), Image.Resampling.NEAREST)) > 0


def _is_sheet(blob: Blob, whole: Mask, light: Mask) -> bool:
    area = np.count_nonzero(whole)
    covers = LEAST < area / whole.size < MOST
    straight = area > STRAIGHT * _smallest_rectangle(whole)
    dark = np.count_nonzero(whole & ~light)
    written = DOT * area < dark < (1 - BLANK) * area
    return bool(covers and straight and written and blob.area > BLANK * area)


def _mask(blob: Blob, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    for row, start, stop in blob.spans:
        mask[row, start:stop] = True
    return mask


def _filled(mask: Mask) -> Mask:
    """Add what lies between two parts of a row, and between two parts of a column."""
    between = [
        np.maximum.accumulate(mask, axis)
        & np.flip(np.maximum.accumulate(np.flip(mask, axis), axis), axis)
        for axis in (0, 1)
    ]
    return between[0] & between[1]


def _smallest_rectangle(mask: Mask) -> float:
    """Return the area of the smallest rectangle around it, turned as need be."""
    rows = np.flatnonzero(mask.any(axis=1))
    ends = mask[rows].argmax(axis=1), mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    outermost = np.concatenate([np.column_stack([rows, end]) for end in ends])
    corners = outermost[:, None, :] + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    points = corners.reshape(-1, 2)
    areas = []
    for angle in np.radians(np.arange(0, 90, 2)):
        turned = points @ np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        areas.append(np.prod(np.ptp(turned, axis=0)))
    return float(min(areas))


def _image(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255)
