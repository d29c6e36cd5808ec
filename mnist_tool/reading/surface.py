"""Find the surface that is drawn on in a picture of a program: what is around it is no ink."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.blobs import Blob, alone, components, morphed

__all__ = ["find_canvas"]

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]

SHADE = 2  # levels between neighbours of one area: a photo has more, its noise
FEW = 0.01  # of the picture, that an area has at least
LEAST, MOST = 0.03, 0.97  # of the picture, that a canvas has free of ink; that it covers
SIDES = 0.85  # of the sides of the box around it, along which a rectangle runs
SLIM = 0.4  # breadth per height; what has less is no canvas and no button, but may be a 1
FULL = 0.9  # of the box around it, that a button fills; a round 0 with its hole fills less
HELD = 0.8  # of a canvas, that something goes around: then it is a window
ALIKE = 0.7  # of the tallest drawing; what is as tall on another area may be another digit


class _Area(NamedTuple):
    """What is even and hangs together, whether it may be a canvas, and what lies on it."""

    extent: Blob
    canvas: bool
    drawn: list[Blob]


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
    tallest = [(area, drawn) for area in areas for drawn in _tallest(area, areas)]
    least = ALIKE * max((drawn.height for _, drawn in tallest), default=0)
    likely = [(area, drawn) for area, drawn in tallest if drawn.height > least]
    if len(likely) != 1:
        return None
    area, drawn = likely[0]
    canvas = area.extent
    if not area.canvas or not _inside(drawn, canvas):
        return None
    if canvas.area < LEAST * small.size or _size(canvas) > MOST * small.size:
        return None
    mask = np.zeros_like(small)
    mask[canvas.top : canvas.bottom, canvas.left : canvas.right] = 255
    return np.asarray(cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _areas(small: Bytes) -> list[_Area]:
    """Return what is even and large enough, but for ink within a drawing."""
    steps = morphed(small, cv2.MORPH_GRADIENT, 3, 3)
    labels, parts = components(np.asarray(steps <= SHADE, np.uint8))
    found = [_area(labels, part) for part in parts if part.area >= FEW * small.size]
    ink = [drawn for area in found if area.canvas for drawn in area.drawn]
    return [
        area for area in found if area.canvas or not any(_holds(each, area.extent) for each in ink)
    ]


def _area(labels: Labels, part: Blob) -> _Area:
    own = alone(labels, part)
    sides = own[:2].max(axis=0), own[-2:].max(axis=0), own[:, :2].max(1), own[:, -2:].max(1)
    straight = np.mean([side.mean() for side in sides]) >= SIDES
    rest = np.zeros(labels.shape, np.uint8)
    rest[part.top : part.bottom, part.left : part.right] = 1 - own
    drawn = [
        each for each in components(rest)[1] if each.area < FULL * _size(each) or _is_slim(each)
    ]
    return _Area(part, bool(straight) and not _is_slim(part), drawn)


def _tallest(area: _Area, areas: list[_Area]) -> list[Blob]:
    """Return the tallest thing on an area that goes around no canvas, if there is one."""
    canvases = [other.extent for other in areas if other.canvas]
    own = [each for each in area.drawn if not any(_holds(each, canvas) for canvas in canvases)]
    return sorted(own, key=lambda each: each.height)[-1:]


def _is_slim(part: Blob) -> bool:
    return part.width < SLIM * part.height


def _size(part: Blob) -> int:
    return part.width * part.height


def _inside(part: Blob, other: Blob) -> bool:
    """Whether the box around a part touches no side of another one's."""
    across = other.left < part.left and part.right < other.right
    return across and other.top < part.top and part.bottom < other.bottom


def _holds(part: Blob, other: Blob) -> bool:
    """Whether most of the box around another part lies in that of one."""
    across = min(part.right, other.right) - max(part.left, other.left)
    down = min(part.bottom, other.bottom) - max(part.top, other.top)
    return max(0, across) * max(0, down) >= HELD * _size(other)
