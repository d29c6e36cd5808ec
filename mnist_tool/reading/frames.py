"""Tell frames from digits, and a digit that touches its frame from the frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.blobs import Blob, alone, components, largest_within, morphed

__all__ = ["without_frames"]

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int32]
Hull = NDArray[np.int32]

SQUARE = 0.86  # of the smallest rectangle around it, that the outline of a frame fills
HOLLOW = 0.3  # of what it encloses, that a frame's own ink covers at most
INSIDE = 0.2  # of a frame's height, that the digit in it has at least
ROUND, WITHIN = 0.55, 0.3  # of the box around a ring, that it encloses; of its height, the digit's
CELL, WALL = 0.5, 0.02  # of a frame's height, that a cell has; that its lines reach into one
# Where nothing in it is alone: of a cell, its largest quadrilateral; of its height, the digit's.
STRAIGHT, TALL = 0.9, 0.35


def without_frames(labels: Labels, parts: list[Blob]) -> list[Blob]:
    """Leave out what has straight sides and goes around something else, not what touches it.

    Parameters
    ----------
    labels : int32 array
        The part of each pixel; what touches a frame gets a number of its own.
    parts : list of Blob
        Those of a picture.
    """
    frames = [part for part in parts if _is_frame(labels, part, parts)]
    last = max((part.label for part in parts), default=0)
    kept = [part for part in parts if part not in frames]
    for frame in frames:
        own = alone(labels, frame)
        numbers, found = _in_cells(own, _cells(own))
        for each in found:
            if max(each.width, each.height) >= INSIDE * frame.height:
                last += 1
                touching = np.asarray(numbers == each.label, np.uint8)
                kept.append(_relabelled(labels, frame, touching, last))
    return kept


def _cells(own: Bytes) -> list[Hull]:
    """Return the hulls of the large holes in a frame."""
    holes, kinds = cv2.findContours(own, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [
        np.asarray(cv2.convexHull(hole), np.int32)
        for hole, (_, _, _, outer) in zip(holes, kinds[0], strict=True)
        if outer >= 0 and cv2.boundingRect(hole)[3] >= CELL * len(own)
    ]


def _in_cells(own: Bytes, cells: list[Hull]) -> tuple[Labels, list[Blob]]:
    """Return what hangs together with a frame: its ink that reaches into its cells."""
    within = np.zeros_like(own)
    for hull in cells:
        cv2.fillConvexPoly(within, hull, 1)
    window = 3 + 2 * round(WALL * len(own))
    return components(own & morphed(within, cv2.MORPH_ERODE, window, window))


def _relabelled(labels: Labels, frame: Blob, touching: Bytes, label: int) -> Blob:
    """Make a part of its own of what touches a frame."""
    box = labels[frame.top : frame.bottom, frame.left : frame.right]
    box[touching > 0] = label
    left, top, width, height = cv2.boundingRect(touching)
    left, top = frame.left + left, frame.top + top
    return Blob(label, left, top, left + width, top + height, int(np.count_nonzero(touching)))


def _is_frame(labels: Labels, part: Blob, parts: list[Blob]) -> bool:
    heights = [
        other.height
        for other in parts
        if other.left > part.left
        and other.right < part.right
        and other.top > part.top
        and other.bottom < part.bottom
    ]
    tallest, box = max(heights, default=0), part.width * part.height
    own = alone(labels, part)
    if tallest < INSIDE * part.height:
        return _is_touched(own)
    if part.area > HOLLOW * box:
        return False
    if tallest >= WITHIN * part.height and _filled(own) - part.area >= ROUND * box:
        return True
    points = cv2.findNonZero(own)
    _, (width, height), _ = cv2.minAreaRect(points)
    return bool(cv2.contourArea(cv2.convexHull(points)) >= SQUARE * width * height)


def _is_touched(own: Bytes) -> bool:
    """Whether it is a frame that all that is in it hangs together with: a hole with four sides."""
    cells = [
        hull for hull in _cells(own) if largest_within(hull) >= STRAIGHT * cv2.contourArea(hull)
    ]
    return bool(cells) and any(each.height >= TALL * len(own) for each in _in_cells(own, cells)[1])


def _filled(own: Bytes) -> int:
    """Count the pixels of a part with what it encloses."""
    outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return int(np.count_nonzero(cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED)))
