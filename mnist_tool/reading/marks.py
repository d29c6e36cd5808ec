"""Leave out what is between digits or under them: slashes of a date, combs of a form, lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.blobs import Blob

__all__ = ["without_marks"]

Labels = NDArray[np.int32]

# A slash is straight, leans, and is longer than both of its neighbours at both ends. A 1 seldom is:
# where heights vary by a tenth and feet by a twentieth, and a 1 is a tenth higher than the rest, 3
# of 1,000 straight and leaning ones (13, were LONGER 0.15 and BEYOND 0.04).
LEAN = 0.2  # sideways per height, at least
STRAIGHT = 0.12  # heights; so near to the line between its ends is all of a slash
BEYOND, LONGER = 0.06, 0.2  # of its height: at each end, and at both together
END = 0.12  # of its height, from which the place of an end is taken
TALL = 0.5  # of the tallest part, that a digit has
# A comb is a line under the digits with teeth between them, one at each end.
LOW = 0.62  # of the tallest part, that the highest comb has
UNDER = 0.12  # of the tallest part, by which a digit may reach below a comb's line
BROAD = 0.45  # of the tallest part, that the narrowest comb has
EVEN = 0.06  # of the tallest part: so near to a straight line is its lower edge,
MOSTLY = 0.95  # in so much of its breadth
FINE = 0.4  # of the box around it, that its ink fills at most
TOOTH = 0.7  # of a comb's height, that a tooth has
CORNER = 0.12  # of the tallest part; so near its ends are teeth
# A line under the digits is flat and clear of them: nearer is the foot of a 2 whose stroke broke.
FLAT, CLEAR = 0.2, 0.08  # of its breadth, that it is high; of the tallest part, to the lowest one


def without_marks(labels: Labels, parts: Sequence[Blob]) -> list[Blob]:
    """Return the parts that may be of digits.

    Parameters
    ----------
    labels : int32 array
        The part of each pixel.
    parts : sequence of Blob
        Those of a picture, as `find_parts` returns them.
    """
    left = _without_line(_without_combs(labels, parts))
    tallest = max((part.height for part in left), default=0)
    tall = [part for part in left if part.height >= TALL * tallest]
    slashes = {part for part in tall if _is_slash(labels, part, tall)}
    return [part for part in left if part not in slashes]


def _without_combs(labels: Labels, parts: Sequence[Blob]) -> list[Blob]:
    tallest = max((part.height for part in parts), default=0)
    return [part for part in parts if not _is_comb(labels, part, parts, tallest)]


def _without_line(parts: Sequence[Blob]) -> list[Blob]:
    """Leave out a line under all digits."""
    tallest = max((part.height for part in parts), default=0)
    tall = [part for part in parts if part.height >= TALL * tallest]
    lowest = max((part.bottom for part in tall), default=0) + CLEAR * tallest
    return [
        part
        for part in parts
        if part.top < lowest or part.height > FLAT * part.width or part.width < BROAD * tallest
    ]


def _is_slash(labels: Labels, part: Blob, tall: Sequence[Blob]) -> bool:
    """Whether it stands between two digits, leans and is longer than they are at both ends."""
    level = [
        other
        for other in tall
        if other is not part and other.bottom > part.top and other.top < part.bottom
    ]
    middle = (part.left + part.right) / 2
    before = [each for each in level if (each.left + each.right) / 2 < middle]
    after = [each for each in level if (each.left + each.right) / 2 > middle]
    if not before or not after:
        return False
    beside = max(before, key=lambda each: each.right), min(after, key=lambda each: each.left)
    above = min(each.top for each in beside) - part.top
    below = part.bottom - max(each.bottom for each in beside)
    if min(above, below) < BEYOND * part.height or above + below < LONGER * part.height:
        return False
    own = labels[part.top : part.bottom, part.left : part.right] == part.label
    rows, columns = np.nonzero(own)
    end = END * part.height
    upper, lower = columns[rows < end].mean(), columns[rows >= part.height - end].mean()
    lean = (upper - lower) / (part.height - end)
    line = upper - (rows - end / 2) * lean
    away = np.abs(columns - line).max()
    return bool(lean >= LEAN and away <= STRAIGHT * part.height)


def _is_comb(labels: Labels, part: Blob, parts: Sequence[Blob], tallest: int) -> bool:
    """Whether it is low and broad, has an even lower edge and a tooth at each end, and a digit."""
    if part.height > LOW * tallest or part.width < BROAD * tallest:
        return False
    if part.area > FINE * part.width * part.height:
        return False
    lowest = part.bottom + UNDER * tallest
    if not any(
        other.height >= TALL * tallest
        and other.top < part.top
        and other.bottom <= lowest
        and other.left < part.right
        and other.right > part.left
        for other in parts
        if other is not part
    ):
        return False
    own = labels[part.top : part.bottom, part.left : part.right] == part.label
    columns = np.arange(part.width)
    edge = part.height - own[::-1].argmax(axis=0)
    line = np.polyval(np.polyfit(columns, edge, 1), columns)
    even = np.abs(edge - line) <= max(1.5, EVEN * tallest)
    teeth = np.flatnonzero(edge - own.argmax(axis=0) >= TOOTH * part.height)
    corner = CORNER * tallest
    return bool(
        even.mean() >= MOSTLY
        and len(teeth)
        and teeth[0] <= corner
        and teeth[-1] >= part.width - 1 - corner
    )
