"""Find the surface that is drawn on in a picture of a program: what is around it is no ink."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["find_canvas"]

Bytes = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, width, height

SHADE = 3  # levels between neighbours, up to which they are of one area
LEAST, MOST = 0.04, 0.97  # of the picture, that the box around an area covers; that a canvas does
SIDES = 0.85  # of the sides of that box, along which a rectangle runs; a digit may reach over them
LOW, SLIM = 0.25, 0.4  # height per breadth, that a canvas has at least; breadth per height
FULL = 0.9  # of the box around it, that a button fills; a round 0 fills less
HELD = 0.8  # of a canvas, that something goes around: then it is a window
ALIKE = 0.7  # of the tallest drawing; what is as tall on another area may be another digit


class _Area(NamedTuple):
    """What is even and hangs together, whether it may be a canvas, and what lies on it."""

    box: Box
    canvas: bool
    drawn: list[Box]


def find_canvas(small: Bytes, shape: tuple[int, ...]) -> Bytes | None:
    """Return where the even rectangle is on which alone something tall is drawn, or ``None``.

    Captions, buttons, icons and other windows are lower, or rectangles themselves. Photos have no
    even rectangles, and where digits stand on several areas there is no canvas.

    Parameters
    ----------
    small : uint8 array
        Brightness; the picture, `shrunk`.
    shape : tuple of int
        The picture's rows and columns.

    Returns
    -------
    uint8 array of that shape, or None
        255 on the canvas, else 0.
    """
    areas = _areas(small)
    tallest = [_tallest(area, areas) for area in areas]
    least = ALIKE * max((box[3] for box in tallest), default=0)
    likely = [place for place, box in enumerate(tallest) if box[3] > least]
    if len(likely) != 1:
        return None
    area, box = areas[likely[0]], tallest[likely[0]]
    left, top, width, height = area.box
    if not area.canvas or width * height > MOST * small.size or not _inside(box, area.box):
        return None
    mask = np.zeros_like(small)
    mask[top : top + height, left : left + width] = 255
    return np.asarray(cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _areas(small: Bytes) -> list[_Area]:
    """Return what is even and large enough."""
    steps = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    even = (steps <= SHADE).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
    found = []
    for label, (left, top, width, height, _) in enumerate(stats.tolist()):
        if not label or width * height < LEAST * small.size:
            continue
        own = np.asarray(labels[top : top + height, left : left + width] == label, np.uint8)
        sides = [own[:2].max(axis=0), own[-2:].max(axis=0), own[:, :2].max(1), own[:, -2:].max(1)]
        straight = np.mean([side.mean() for side in sides]) >= SIDES
        canvas = bool(straight and width >= SLIM * height and height >= LOW * width)
        drawn = [
            (left + x, top + y, wide, high)
            for x, y, wide, high in _drawn(own)
            if canvas or _inside((x, y, wide, high), (0, 0, width, height))
        ]
        found.append(_Area((left, top, width, height), canvas, drawn))
    ink = [box for area in found if area.canvas for box in area.drawn]
    return [area for area in found if area.canvas or not any(_holds(box, area.box) for box in ink)]


def _drawn(own: Bytes) -> list[Box]:
    """Return the boxes of what lies on an area, without buttons."""
    outlines, _ = cv2.findContours(1 - own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        full = cv2.contourArea(outline) >= FULL * (width - 1) * (height - 1)
        if not full or width < SLIM * height:
            found.append((x, y, width, height))
    return found


def _tallest(area: _Area, areas: list[_Area]) -> Box:
    """Return the tallest thing on an area that goes around no canvas."""
    canvases = [other.box for other in areas if other.canvas and other.drawn]
    own = [box for box in area.drawn if not any(_holds(box, each) for each in canvases)]
    return max(own, key=lambda box: box[3], default=(0, 0, 0, 0))


def _inside(box: Box, other: Box) -> bool:
    """Whether a box lies in another one and touches none of its sides."""
    return all(other[i] < box[i] and box[i] + box[i + 2] < other[i] + other[i + 2] for i in (0, 1))


def _holds(box: Box, other: Box) -> bool:
    """Whether most of another box lies in one."""
    wide, high = (
        max(0, min(box[i] + box[i + 2], other[i] + other[i + 2]) - max(box[i], other[i]))
        for i in (0, 1)
    )
    return wide * high >= HELD * other[2] * other[3]
