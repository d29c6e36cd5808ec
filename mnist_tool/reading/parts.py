"""The parts of the ink that hang together, without lines of the paper, frames and dirt."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.blobs import Blob, alone, components, morphed
from mnist_tool.reading.frames import without_frames
from mnist_tool.reading.ink import PHOTO, Ink

__all__ = ["find_parts"]

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]

# All shares are of the picture's longer side, unless they say otherwise.
PIECE = 1 / 14  # so long a straight piece may belong to a line of the paper
ACROSS = 0.9  # of the picture's width or height, that such a line crosses
FINE = 0.022  # the thickness of such a line at most
BESIDE = 1  # pixels beside such a line, that are its soft edge
TIE = 0.01  # pixels; so near to a bound, what is computed is on it
STEEP = 0.1  # of the breadth, that such a line rises or falls from its middle at most
ALONE = 0.2  # of the breadth, where nothing else touches it
LONG = 1.5  # breadths; a longer picture shows several digits
BROADER = 0.3  # of the ink beside such lines, that is broader than they are where the pen was
SPECK = 0.02  # of the largest part's area; less is dirt,
SHORT = 0.2  # unless it is longer than so much of the largest part
APART = 0.06  # so far from all else, what hangs over the border is no part of the digit
NEAR, MOSTLY = 0.09, 0.85  # so near the border, so much of a part, is what a form's lines have left
RUNS = 0.8  # of the picture's width or height, along which such lines run
SEEN = 0.1  # so large, what does not hang over the border is more likely the digit;
LARGE = 0.36  # so large, it is the digit beside what hangs over two borders
SOLID, LIES = 0.9, 0.6  # of the box around it, that a block fills; height per breadth
THICKER = 1.4  # than the pen: such a lying block is a button; else it may be the bar of a 5
SLENDER = 11  # lengths per breadth, from which on a part is a straight line
LONGER, FINER = 1.8, 0.45  # than the rest is tall, and than its pen: such a line is no 1,
ONE = 4  # but one if it is within the picture, and so many times as tall as the rest is long
DIGIT, AWAY = 0.45, 0.25  # of the largest part: a smaller one, so far from all digits, is none,
OWN = 1.5  # nor so many times its own length away


def find_parts(ink: Ink) -> tuple[Labels, list[Blob]]:
    """Return the number of the part that each pixel belongs to, 0 for none, and the parts.

    Parameters
    ----------
    ink : Ink
        Of the whole picture.
    """
    mask = ink.mask
    side = max(mask.shape)
    if ink.scale == 1 and side > 2 * PHOTO:
        mask = _without_rules(mask)
    labels, parts = components(mask)
    for clear in (
        without_frames,
        _without_overhang,
        _without_specks,
        _without_blocks,
        _without_lines,
        _without_strays,
    ):
        parts = clear(labels, parts)
    return labels, parts


def _without_rules(mask: Bytes) -> Bytes:
    """Take away the lines of ruled and squared paper, not the strokes that cross them."""
    side = max(mask.shape)
    lying, thick = _rules(mask, side)
    standing, thick_too = _rules(np.asarray(cv2.transpose(mask), np.uint8), side)
    found = [*thick, *thick_too]
    # One alone may be the bar of a 7 that is cut tight; across several digits it is a rule.
    if not found or (len(found) < 2 and max(mask.shape) < LONG * min(mask.shape)):
        return mask
    left = without = mask & ~(lying | standing.T)
    if len(found) > 2 and max(mask.shape) < LONG * min(mask.shape):  # what is broader is the pen
        window = (round(float(np.median(found))) + 2,) * 2
        strokes = morphed(mask, cv2.MORPH_OPEN, *window)
        if np.count_nonzero(strokes) > BROADER * np.count_nonzero(without):
            return morphed(strokes, cv2.MORPH_DILATE, 3, 3) & mask
    beside = 2 * BESIDE + 1
    reach = 2 * round(float(np.median(found)) / 2) + beside + 2
    for rules, across, edge in (
        (lying, (reach, 1), (beside, 1)),
        (standing.T, (1, reach), (1, beside)),
    ):
        crossing = morphed(without, cv2.MORPH_CLOSE, *across)
        ending = morphed(morphed(without, cv2.MORPH_OPEN, *edge), cv2.MORPH_DILATE, *edge)
        left = left | ((crossing | ending) & rules & mask)
    return left


def _rules(mask: Bytes, side: int) -> tuple[Bytes, list[float]]:
    """Return where lines run from the left border to the right, and how thick each is."""
    piece, fine = round(PIECE * side), round(FINE * side)
    where = np.zeros_like(mask)
    if cv2.boundingRect(mask)[2] < ACROSS * mask.shape[1]:
        return where, []
    thick = morphed(mask, cv2.MORPH_DILATE, 3, 1)
    long = morphed(thick, cv2.MORPH_OPEN, 1, piece)
    if np.count_nonzero(long.max(axis=0)) < ACROSS / 2 * mask.shape[1]:
        return where, []
    wide = np.pad(long, ((0, 0), (piece, piece)))  # OpenCV would close a gap to the border too
    joined = np.ascontiguousarray(morphed(wide, cv2.MORPH_CLOSE, 1, piece)[:, piece:-piece])
    if not _crosses(joined):
        return where, []  # nothing can cross; to number the parts takes longer
    labels, parts = components(joined)
    found = list[float]()
    for part in (each for each in parts if each.width >= ACROSS * mask.shape[1]):
        own = np.where(labels == part.label, np.uint8(255), np.uint8(0))
        # Two that a digit's bar joins are one part: take one after the other, from the top.
        while _crosses(own):
            line, thickness = _top_line(own)
            if thickness > fine + 2 or not _crosses(own & line):
                break
            where, own = where | line, own & ~line
            found.append(thickness - 2)
    return where, found


def _crosses(line: Bytes) -> bool:
    return bool(np.count_nonzero(line.max(axis=0)) >= ACROSS * line.shape[1])


def _top_line(own: Bytes) -> tuple[Bytes, float]:
    """Return the topmost line as it runs beside the bars that touch it, and how thick it is."""
    rows, columns = np.arange(own.shape[0])[:, None], np.arange(own.shape[1])
    first, inked = own.argmax(axis=0), own.any(axis=0)
    ends = (own == 0) & (rows >= first)
    amount = np.where(ends.any(axis=0), ends.argmax(axis=0), len(own)) - first
    thickness = float(np.median(amount[inked]))
    middle = first + (amount - 1) / 2
    alone = inked & (np.abs(amount - thickness) <= 1)
    line = np.full(len(columns), np.median(middle[inked]))
    for away in (STEEP * len(columns), thickness):  # what is further away is no part of it
        near = alone & (np.abs(middle - line) <= away + TIE)
        if np.count_nonzero(near) < ALONE * len(columns):
            return np.zeros_like(own), thickness
        line = np.polyval(np.polyfit(columns[near], middle[near], 2), columns)
    where = np.abs(rows - line) <= thickness / 2 - 1 + BESIDE + TIE
    return np.where(where, np.uint8(255), np.uint8(0)), thickness


def _without_overhang(labels: Labels, parts: list[Blob]) -> list[Blob]:
    """Leave out what hangs over the border, beside what does not, if that may be a digit."""
    shape, side = labels.shape, max(labels.shape)
    inside = [part for part in parts if not part.touches(shape)]
    tallest = max((max(part.width, part.height) for part in inside), default=0)
    if tallest < SEEN * side:
        return parts
    kept = [part for part in inside if max(part.width, part.height) >= SEEN * side]
    return inside + [
        part
        for part in parts
        if part.touches(shape)
        and min(part.distance(other) for other in kept) < APART * side
        and not (_runs(part, shape) and _is_form(labels, part, tallest))
    ]


def _runs(part: Blob, shape: tuple[int, ...]) -> bool:
    """Whether it runs from one border nearly to the other."""
    rows, columns = shape
    return part.width >= RUNS * columns or part.height >= RUNS * rows


def _is_form(labels: Labels, part: Blob, tallest: int) -> bool:
    """Whether it is what is left of a form's lines: near the borders, or along two of them."""
    side = max(labels.shape)
    margin = round(NEAR * side)
    own = labels == part.label
    within = np.count_nonzero(own[margin:-margin, margin:-margin])
    corner = tallest >= LARGE * side and part.touches(labels.shape) > 1
    return bool(corner or within < (1 - MOSTLY) * part.area)


def _without_specks(_: Labels, parts: list[Blob]) -> list[Blob]:
    """Leave out dirt."""
    if not parts:
        return []
    largest = max(parts, key=lambda part: part.area)
    long = SHORT * max(largest.width, largest.height)
    return [
        part
        for part in parts
        if part.area >= SPECK * largest.area or max(part.width, part.height) >= long
    ]


def _without_blocks(labels: Labels, parts: list[Blob]) -> list[Blob]:
    """Leave out solid rectangles beside what is none: buttons, title bars, bars of a chart."""
    blocks = {part for part in parts if _is_block(labels, part)}
    lying = {block for block in blocks if block.height < LIES * block.width}
    tallest = max((part.height for part in parts if part not in lying), default=0)
    if not blocks or max(block.height for block in blocks) * DIGIT > tallest:
        return parts
    tall = [part for part in parts if part not in lying and part.height >= DIGIT * tallest]
    pen = 2 * max(_breadth(labels, part) for part in tall)
    digits = [part for part in tall if part not in blocks] or tall

    def stays(block: Blob) -> bool:
        """Whether it may be the bar of a 5, or a 1 beside other digits."""
        if block in lying:
            return block.height <= THICKER * pen
        return any(other.top < block.bottom and block.top < other.bottom for other in digits)

    return [part for part in parts if part not in blocks or stays(part)]


def _is_block(labels: Labels, part: Blob) -> bool:
    """Whether it is a rectangle: an upright one that is full, or one that lies, with letters."""
    if part.height >= LIES * part.width:
        return part.area >= SOLID * part.width * part.height
    own = alone(labels, part)
    outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    _, (width, height), _ = cv2.minAreaRect(outlines[0])
    return bool(cv2.contourArea(outlines[0]) >= SOLID * width * height)


def _without_lines(labels: Labels, parts: list[Blob]) -> list[Blob]:
    """Leave out straight lines that are much finer than the pen or longer than the rest is tall."""
    lines = [part for part in parts if _is_line(labels, part)]
    rest = [part for part in parts if part not in lines]
    if not lines or not rest:
        return parts
    pen = max(_breadth(labels, part) for part in rest)
    tall = max(max(part.width, part.height) for part in rest)
    if any(_is_one(line, tall, labels.shape) for line in lines):
        return parts
    drop = {
        line
        for line in lines
        if max(line.width, line.height) > LONGER * tall or _breadth(labels, line) < FINER * pen
    }
    return [part for part in parts if part not in drop]


def _is_one(line: Blob, tall: int, shape: tuple[int, ...]) -> bool:
    """Whether it is the digit, beside which all else is too small to be one."""
    return line.height > ONE * tall and not line.touches(shape)


def _without_strays(_: Labels, parts: list[Blob]) -> list[Blob]:
    """Leave out small parts that lie far from all digits: holes, buttons, other writing."""
    if not parts:
        return []
    left, top, right, bottom = np.array([part[1:5] for part in parts]).T[..., None]
    across = np.maximum(left, left.T) - np.minimum(right, right.T)
    down = np.maximum(top, top.T) - np.minimum(bottom, bottom.T)
    tall, long = bottom - top, np.maximum(right - left, bottom - top)
    kept = (tall >= DIGIT * tall.max()).ravel()
    near = np.maximum(across, down) <= np.minimum(AWAY * long[kept].max(), OWN * long.T)
    while (more := near[kept].any(axis=0)).sum() > kept.sum():
        kept = more
    return [part for part, stays in zip(parts, kept, strict=True) if stays]


def _is_line(labels: Labels, part: Blob) -> bool:
    if part.area > max(part.width, part.height) ** 2 / SLENDER:
        return False
    points = cv2.findNonZero(alone(labels, part))
    _, sides, _ = cv2.minAreaRect(points)
    return bool(max(sides) + 1 >= SLENDER * (min(sides) + 1))


def _breadth(labels: Labels, part: Blob) -> float:
    """Return how broad its strokes are where they are broadest."""
    return float(cv2.distanceTransform(np.pad(alone(labels, part), 1), cv2.DIST_L2, 3).max())
