"""Lay ink out in rows of digits: the pieces in reading order, and what may be a digit of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.blobs import Blob

__all__ = ["Candidate", "Layout", "lay_out"]

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]
Box = tuple[int, int, int, int]  # left, top, right, bottom; the last ones are the ones after

LOW = 0.45  # of the tallest row's height; a lower row is no digits
TALL = 0.5  # of a row's height, that a part must have to be more than a piece of a digit
LEVEL = 0.3  # of the lower of two neighbours' height, that is level in a row
BROKEN = 0.08  # of the height of two parts together, that is between them if they are one stroke
BESIDE = 0.5  # of the narrower of two parts, that lies above the other: then they are one
FLUSH = 0.75  # of the taller of two parts, that lies beside the other: then they are two
WIDE = 0.95  # widths per height, from which on a piece may be several digits that touch,
WIDE_BESIDE = 0.45  # and from which on one in a row may
# In a row a cut counts least, so much, where the whole is so wide and the ink so thin, in heights;
# so much more for each height that it is narrower or thicker.
CHEAPEST, SURELY, NARROWER, THIN, THICKER = 0.6, 1.1, 1.7, 0.2, 3.3
NARROW = 0.18  # heights; no digit that touches another is narrower
CUTS = 4  # places at which a wide piece may be cut, for each height of its width
FULL = 0.65  # of the smallest box around it, that a dot fills
DOTS = 4  # at least, in a dotted stroke
GAP, NARROWEST = 0.12, 0.3  # of a row's height: a gap that counts whole; what the narrowest counts
BREAK = 0.03  # of a row's height: no gap where all is one digit, but a stroke that broke
TOGETHER = 4  # pieces that one digit may consist of
STRETCH = 1.7  # heights; no digit of several pieces is wider
SHORT = 0.7  # of its row's tallest piece; what is lower is less likely a digit of its own


@dataclass(frozen=True)
class Candidate:
    """What may be one digit: neighbouring pieces.

    Parameters
    ----------
    row : int
        Its row; -1 for the whole picture.
    first, last : int
        The numbers of its pieces, from 1, in reading order.
    cuts : float
        How many of its two ends are cut through ink; in a row each counts more where what is cut
        is narrow or the ink thick.
    joins : float
        How many gaps between tall pieces it spans; a narrow gap counts less.
    short : float
        By how much it is lower than most digits of its row are, as a share of the tallest piece.
    box : tuple of int
        Left, top, right, bottom; the last ones are the ones after.
    """

    row: int
    first: int
    last: int
    cuts: float
    joins: float
    short: float
    box: Box


class _Piece(NamedTuple):
    """A part, several above each other, or what is cut off one."""

    number: int
    box: Box
    cut: float | None  # what the cut costs that parts it from the one before it


@dataclass(frozen=True)
class Layout:
    """The pieces of a picture.

    Parameters
    ----------
    pieces : int32 array of shape (rows, columns)
        The number of the piece that each pixel belongs to; 0 for none.
    candidates : tuple of Candidate
        What may be a digit; the first one is all pieces together.
    dot : int
        Pixels of a dot, where the stroke is dotted; else 0.
    """

    pieces: Labels
    candidates: tuple[Candidate, ...]
    dot: int = 0


def lay_out(labels: Labels, parts: Sequence[Blob], *, one: bool = False) -> Layout:
    """Order parts as they are read, cut wide ones, and say which may be a digit together.

    Parameters
    ----------
    labels : int32 array
        The part of each pixel.
    parts : sequence of Blob
        At least one.
    one : bool
        Whether all of it is one digit.
    """
    whole = _around(parts)
    dot = _dotted(parts)
    one = one or dot > 0
    labels, parts = _mended(labels, parts)
    if one:
        pieces = np.isin(labels, [part.label for part in parts]).astype(np.int32)
        return Layout(pieces, (Candidate(-1, 1, 1, 0, 0, 0, whole),), dot)
    pieces = np.zeros_like(labels)
    count, rows = 0, list[list[_Piece]]()
    for row in _rows(parts):
        atoms, height = _atoms(row), _height(_around(row))
        alone = sum(_height(_around(atom)) >= TALL * height for atom in atoms) == 1
        rows.append([])
        for atom in atoms:
            for box, cost in _cut(labels, atom, height, alone=alone):
                count += 1
                rows[-1].append(_Piece(count, box, cost))
                _mark(pieces, labels, atom, box, count)
    gaps = sum(_gaps(row, BREAK) for row in rows)
    together = Candidate(-1, 1, count, 0, gaps + len(rows) - 1, 0, whole)
    if count == 1:
        return Layout(pieces, (together,), dot)
    found = [each for row, own in enumerate(rows) for each in _runs(row, own)]
    return Layout(pieces, (together, *found))


def _dotted(parts: Sequence[Blob]) -> int:
    """Return the size of the dots, if at least half of the parts are some: a dotted stroke."""
    dots = [
        part
        for part in parts
        if part.area >= FULL * part.width * part.height
        and max(part.width, part.height) <= 1.5 * min(part.width, part.height)
    ]
    if len(dots) < max(DOTS, len(parts) / 2):
        return 0
    return int(np.median([max(dot.width, dot.height) for dot in dots]))


def _mended(labels: Labels, parts: Sequence[Blob]) -> tuple[Labels, list[Blob]]:
    """Make one part of those that lie close above each other: a stroke that is broken."""
    left, mended = sorted(parts, key=lambda part: part.top), list[Blob]()
    while left:
        part = left.pop(0)
        for other in left:
            apart = max(part.left, other.left) - min(part.right, other.right)
            close = BROKEN * (other.bottom - part.top)
            if apart <= close and -close <= other.top - part.bottom <= close:
                labels = np.where(labels == other.label, part.label, labels)
                area = part.area + other.area
                part = Blob(part.label, *_around([part, other]), area)
                left.remove(other)
                left.insert(0, part)
                break
        else:
            mended.append(part)
    return labels, mended


def _around(parts: Sequence[Blob]) -> Box:
    return _hull([(part.left, part.top, part.right, part.bottom) for part in parts])


def _hull(boxes: Sequence[Box]) -> Box:
    """Return the box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _height(box: Box) -> int:
    return box[3] - box[1]


def _rows(parts: Sequence[Blob]) -> list[list[Blob]]:
    """Group parts into rows, from top to bottom; small parts go to the nearest row.

    From left to right a tall part belongs to the row whose last part it is level with: a line of
    digits may rise or fall.
    """
    tallest = max(part.height for part in parts)
    rows: list[list[Blob]] = []
    for part in sorted(parts, key=lambda each: each.left):
        if part.height < TALL * tallest:
            continue
        level = [(_level(row[-1], part), row) for row in rows]
        share, nearest = max(level, key=lambda pair: pair[0], default=(0.0, []))
        if share >= LEVEL:
            nearest.append(part)
        else:
            rows.append([part])
    for part in parts:
        if part.height < TALL * tallest:
            middle = (part.top + part.bottom) / 2
            min(rows, key=lambda row: abs(_middle(row) - middle)).append(part)
    heights = [max(part.height for part in row) for row in rows]
    high = [row for row, height in zip(rows, heights, strict=True) if height >= LOW * max(heights)]
    return sorted(high, key=_middle)


def _level(one: Blob, other: Blob) -> float:
    """Return how much of the lower of two parts is beside the other."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared / min(one.height, other.height)


def _middle(row: Sequence[Blob]) -> float:
    return float(np.mean([(part.top + part.bottom) / 2 for part in row]))


def _atoms(row: Sequence[Blob]) -> list[list[Blob]]:
    """Join parts that lie above each other; return them from left to right."""
    atoms: list[list[Blob]] = []
    for part in sorted(row, key=lambda each: each.left):
        last = atoms[-1] if atoms else []
        if last:
            left, top, right, bottom = _around(last)
            shared = min(right, part.right) - max(left, part.left)
            beside = min(bottom, part.bottom) - max(top, part.top)
            above = beside < FLUSH * max(bottom - top, part.height)
            if above and shared >= BESIDE * min(right - left, part.width):
                last.append(part)
                continue
        atoms.append([part])
    return atoms


def _cost_of_a_cut(wide: float, thick: float) -> float:
    """Return how much a cut counts in a row, where the whole and its ink have so many heights."""
    return CHEAPEST + max(0.0, NARROWER * (SURELY - wide) + THICKER * (thick - THIN))


def _cut(
    labels: Labels, atom: Sequence[Blob], height: int, *, alone: bool
) -> list[tuple[Box, float | None]]:
    """Cut an atom that is wide where its ink is thinnest.

    Return its boxes from left to right, and what the cut costs that parts each from the one before.
    """
    left, top, right, bottom = _around(atom)
    wide, high = right - left, bottom - top
    if wide < (WIDE if alone else WIDE_BESIDE) * height or high < TALL * height:
        return [((left, top, right, bottom), None)]
    own = np.isin(labels[top:bottom, left:right], [part.label for part in atom])
    amount = _amounts(own, height / 30)
    ends = [0, *_thinnest(amount, height), wide]
    costs = [1.0 if alone else _cost_of_a_cut(wide / high, each / high) for each in amount]
    return [
        ((left + start, top, left + stop, bottom), costs[start] if start else None)
        for start, stop in pairwise(ends)
        if own[:, start:stop].any()
    ]


def _amounts(own: NDArray[np.bool_], spread: float) -> list[float]:
    """Return how thick each column's ink is: half of how much there is and how far it reaches."""
    first, last = own.argmax(axis=0), own.shape[0] - own[::-1].argmax(axis=0)
    reach = np.where(own.any(axis=0), last - first, 0)
    thick = (own.sum(axis=0) + reach) / 2
    window = 2 * round(4 * spread) + 1, 1  # as wide as in the page
    found: list[float] = cv2.GaussianBlur(thick[None], window, spread)[0].tolist()
    return found


def _thinnest(amount: Sequence[float], height: int) -> list[int]:
    """Return the places where there is least ink, not too near to each other, in order."""
    least = max(2, round(NARROW * height))
    places: list[int] = []
    for place in sorted(range(least, len(amount) - least + 1), key=amount.__getitem__):
        if all(abs(place - other) >= least for other in places):
            places.append(place)
        if len(places) >= CUTS * len(amount) / height / 2:
            break
    return sorted(places)


def _mark(
    pieces: Labels,
    labels: Labels,
    atom: Sequence[Blob],
    box: Box,
    number: int,
) -> None:
    left, top, right, bottom = box
    own = np.isin(labels[top:bottom, left:right], [part.label for part in atom])
    pieces[top:bottom, left:right][own] = number


def _runs(row: int, own: Sequence[_Piece]) -> list[Candidate]:
    """Return the runs of neighbouring pieces that are no wider than a digit."""
    height = _height(_hull([piece.box for piece in own]))
    tallest = max(_height(piece.box) for piece in own)
    found = []
    for start in range(len(own)):
        for stop in range(start + 1, min(start + TOGETHER, len(own)) + 1):
            run = own[start:stop]
            box = _hull([piece.box for piece in run])
            if len(run) > 1 and box[2] - box[0] > STRETCH * height:
                break
            ends = [each.cut for each in (run[0], *own[stop : stop + 1]) if each.cut is not None]
            joins = _gaps(run)
            if not (ends and joins):  # half of what hangs together is no digit with its neighbour
                short = max(0.0, SHORT - _height(box) / tallest)
                numbers = run[0].number, run[-1].number
                found.append(Candidate(row, *numbers, sum(ends), joins, short, box))
    return found


def _gaps(own: Sequence[_Piece], none: float = -math.inf) -> float:
    """Count the gaps, not the cuts, between neighbours that are both tall; narrow ones for less.

    What is no wider than `none`, in heights, counts nothing.
    """
    highest = max(_height(piece.box) for piece in own)
    gaps = 0.0
    for before, after in pairwise(own):
        low = min(_height(before.box), _height(after.box))
        if after.cut is None and low >= TALL * highest:
            gap = (after.box[0] - before.box[2]) / highest
            gaps += min(1.0, max(NARROWEST, gap / GAP)) if gap > none else 0
    return gaps
