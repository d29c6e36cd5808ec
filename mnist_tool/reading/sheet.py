"""Find what alone has the ink: a sheet that lies on something darker, a dark card on a page."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.blobs import largest_within, morphed

__all__ = ["find_card", "find_sheet", "shrunk"]

Bytes = NDArray[np.uint8]

LEAST, MOST = 0.12, 0.97  # of the picture, that a sheet covers
# Of its hull, that the largest quadrilateral in it covers, and it itself. An ellipse, such as a
# bold 0, holds one of 0.64; a sheet that is seen askew is no rectangle.
STRAIGHT, SOLID = 0.9, 0.95
DROP = 0.4  # of what it is lighter than the rest: so much at its edge; a slow fall is a shadow
BLANK = 0.8  # of the sheet, that is free of ink
DOT = 0.003  # of the sheet; less ink is no digit
DARK = 0.9  # of what is around a sheet, and no paper: white beside a digit that is cut tight is
SEEN = 0.35  # of the picture's border, along which what the sheet lies on is seen
MARGIN = 3  # small pixels, by which the sheet is narrowed: its edge is blurred and casts shadows
# A dark card, as in a saved plot or a screenshot, has light ink and lies on an even page.
SMALLEST = 0.06  # of the picture, that a card covers
UPRIGHT = 0.96  # of the box around it: a program drew it
SLIM = 0.7  # breadth per height; a slimmer one may be a digit of straight strokes, with its holes,
LOW = 0.4  # height per breadth; no digit lies
FULLEST = 0.4  # of the card, that is ink
EVEN, SHADE = 0.6, 12  # of the page, that is so many levels or fewer from its middle one


def shrunk(grey: Bytes, side: int) -> Bytes:
    """Return a picture whose longer side has at most so many pixels.

    Parameters
    ----------
    grey : uint8 array of shape (rows, columns)
        Brightness.
    side : int
        Pixels.
    """
    rows, columns = grey.shape
    shrink = min(1.0, side / max(rows, columns))
    size = max(1, round(columns * shrink)), max(1, round(rows * shrink))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def find_sheet(small: Bytes, shape: tuple[int, ...]) -> Bytes | None:
    """Return where the paper is, or ``None`` if the picture shows no sheet with a dark surround.

    Parameters
    ----------
    small : uint8 array
        Brightness, 0 black to 255 white; the picture, `shrunk`.
    shape : tuple of int
        The picture's rows and columns.

    Returns
    -------
    uint8 array of that shape, or None
        255 on the sheet, a little inside its edge, else 0.
    """
    light = np.asarray(cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)[1], np.uint8)
    outline, whole = _largest(light)
    if outline is None or not (_is_sheet(outline, whole, light) and _drops(whole, small)):
        return None
    return _inside(whole, MARGIN, shape)


def find_card(small: Bytes, shape: tuple[int, ...]) -> Bytes | None:
    """Return where a dark card with light ink lies on an even light page, or ``None``.

    Parameters
    ----------
    small : uint8 array
        Brightness, 0 black to 255 white; the picture, `shrunk`.
    shape : tuple of int
        The picture's rows and columns.

    Returns
    -------
    uint8 array of that shape, or None
        255 on the card, a little inside its edge, else 0.
    """
    flags = cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU
    dark = np.asarray(cv2.threshold(small, 0, 255, flags)[1], np.uint8)
    _, filled = _largest(dark)
    whole = morphed(filled, cv2.MORPH_OPEN, 3, 3)  # without the ticks of its axes
    if not _is_card(whole, dark, small):
        return None
    return _inside(whole, 1, shape)


def _largest(mask: Bytes) -> tuple[NDArray[np.int32] | None, Bytes]:
    """Return the outline of what is largest, and all that is within it."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None, mask
    outline = np.asarray(max(outlines, key=cv2.contourArea), np.int32)
    drawn = cv2.drawContours(np.zeros_like(mask), [outline], 0, 255, cv2.FILLED)
    return outline, np.asarray(drawn, np.uint8)


def _inside(whole: Bytes, margin: int, shape: tuple[int, ...]) -> Bytes:
    """Narrow what was found by so many small pixels, and enlarge it to a picture's shape."""
    framed = cv2.copyMakeBorder(whole, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(framed, np.ones((2 * margin + 1,) * 2, np.uint8))[1:-1, 1:-1]
    size = shape[1], shape[0]
    return np.asarray(cv2.resize(inner, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _is_card(whole: Bytes, dark: Bytes, small: Bytes) -> bool:
    area = np.count_nonzero(whole)
    _, _, width, height = cv2.boundingRect(whole)
    if not SMALLEST < area / whole.size < MOST or area < UPRIGHT * width * height:
        return False
    written = DOT * area < area - np.count_nonzero(dark[whole > 0]) < FULLEST * area
    around = small[cv2.dilate(whole, np.ones((3, 3), np.uint8)) == 0]
    if not len(around):
        return False
    page = int(np.median(around))
    even = np.count_nonzero(np.abs(around.astype(int) - page) <= SHADE) >= EVEN * len(around)
    return bool(width >= SLIM * height and height >= LOW * width and written and even)


def _is_sheet(outline: NDArray[np.int32], whole: Bytes, light: Bytes) -> bool:
    area = np.count_nonzero(whole)
    if not LEAST < area / whole.size < MOST:
        return False
    dark = area - np.count_nonzero(light[whole > 0])
    around = np.count_nonzero(light[whole == 0]) < (1 - DARK) * (whole.size - area)
    border = np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]])
    seen = np.count_nonzero(border == 0) > SEEN * len(border)
    written = DOT * area < dark < (1 - BLANK) * area
    if not (written and around and seen):
        return False
    hull = np.asarray(cv2.convexHull(outline), np.int32)
    solid = area > SOLID * cv2.contourArea(hull)
    return bool(solid and largest_within(hull) > STRAIGHT * cv2.contourArea(hull))


def _drops(whole: Bytes, small: Bytes) -> bool:
    """Whether it is as much lighter at its edge as elsewhere, and not slowly less so."""
    window = np.ones((2 * MARGIN + 1,) * 2, np.uint8)
    within = (whole > 0) & (cv2.erode(whole, window) == 0)
    beyond = (whole == 0) & (cv2.dilate(whole, window) > 0)
    middles = [float(np.median(small[each])) for each in (within, beyond, whole > 0, whole == 0)]
    return middles[0] - middles[1] >= DROP * (middles[2] - middles[3])
