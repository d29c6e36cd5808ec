"""Find a sheet of paper that lies on something darker, so that ink is looked for on it alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["find_sheet"]

Bytes = NDArray[np.uint8]

SMALL = 128  # longer side of the picture on which the sheet is looked for
LEAST, MOST = 0.12, 0.97  # of the picture, that a sheet covers
STRAIGHT = 0.88  # of the smallest rectangle around it; an ellipse, such as a bold 0, covers 0.79
BLANK = 0.8  # of the sheet, that is free of ink
DOT = 0.003  # of the sheet; less ink is no digit
DARK = 0.9  # of what is around a sheet, and no paper: white beside a digit that is cut tight is
SEEN = 0.35  # of the picture's border, along which what the sheet lies on is seen
MARGIN = 3  # small pixels, by which the sheet is narrowed: its edge is blurred and casts shadows


def find_sheet(grey: Bytes) -> Bytes | None:
    """Return where the paper is, or ``None`` if the picture shows no sheet with a dark surround.

    Parameters
    ----------
    grey : uint8 array of shape (rows, columns)
        Brightness, 0 black to 255 white.

    Returns
    -------
    uint8 array of the same shape, or None
        255 on the sheet, a little inside its edge, else 0.
    """
    rows, columns = grey.shape
    shrink = min(1.0, SMALL / max(rows, columns))
    size = max(1, round(columns * shrink)), max(1, round(rows * shrink))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    light = np.asarray(cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)[1], np.uint8)
    outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = np.asarray(max(outlines, key=cv2.contourArea), np.int32)
    drawn = cv2.drawContours(np.zeros_like(light), [outline], 0, 255, cv2.FILLED)
    whole = np.asarray(drawn, np.uint8)
    if not _is_sheet(outline, whole, light):
        return None
    framed = cv2.copyMakeBorder(whole, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    window = np.ones((2 * MARGIN + 1,) * 2, np.uint8)
    inner = cv2.erode(framed, window)[1:-1, 1:-1]
    return np.asarray(cv2.resize(inner, (columns, rows), interpolation=cv2.INTER_NEAREST), np.uint8)


def _is_sheet(outline: NDArray[np.int32], whole: Bytes, light: Bytes) -> bool:
    area = np.count_nonzero(whole)
    if not LEAST < area / whole.size < MOST:
        return False
    _, (width, height), _ = cv2.minAreaRect(outline)
    dark = area - np.count_nonzero(light[whole > 0])
    around = np.count_nonzero(light[whole == 0]) < (1 - DARK) * (whole.size - area)
    border = np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]])
    seen = np.count_nonzero(border == 0) > SEEN * len(border)
    written = DOT * area < dark < (1 - BLANK) * area
    return bool(area > STRAIGHT * (width + 1) * (height + 1) and written and around and seen)
