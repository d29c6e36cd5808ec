"""From a picture file to what may be its digits, each in MNIST's form."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.errors import ImageError
from mnist_tool.reading.ink import Ink, find_ink, percentiles
from mnist_tool.reading.layout import Candidate, Layout, lay_out
from mnist_tool.reading.marks import without_marks
from mnist_tool.reading.parts import find_parts
from mnist_tool.reading.picture import read_grey
from mnist_tool.reading.preprocess import FAINT, normalise

__all__ = ["Prepared", "prepare"]

Bytes = NDArray[np.uint8]

SAME = 0.7  # of what two ways find together, that both find: then they find the same
FULL = 75  # percentile of a digit's ink, that counts as full
EDGE = 150  # so many times a stroke's soft edge fits into the picture


@dataclass(frozen=True)
class Prepared:
    """A picture, and what may be its digits.

    Parameters
    ----------
    name : str
        How the picture is called.
    grey : uint8 array of shape (rows, columns)
        The picture.
    ink : uint8 array
        0 is paper, 255 is full ink.
    layout : Layout
        Its pieces, and what may be a digit.
    images : uint8 array of shape (N, 28, 28)
        For each candidate of the layout its image in MNIST's form.
    other : Prepared, optional
        The same picture, where what is broader than a fine pen is a shadow.
    """

    name: str
    grey: Bytes
    ink: Bytes
    layout: Layout
    images: Bytes
    other: Prepared | None = None

    def steps(self, candidate: Candidate) -> tuple[tuple[str, Bytes], ...]:
        """Return what was made on the way to one digit, each with its name."""
        place = self.layout.candidates.index(candidate)
        left, top, right, bottom = candidate.box
        cut = self.ink[top:bottom, left:right]
        return (
            ("picture", self.grey),
            ("ink", self.ink),
            ("cut out", cut),
            ("28 x 28", self.images[place]),
        )


def prepare(content: bytes, name: str, *, one: bool = False) -> Prepared:
    """Find what may be digits in a picture and bring each to MNIST's form.

    Parameters
    ----------
    content : bytes
        A picture file in one of the `formats` that are opened: dark on light or light on dark,
        transparent, palette, 16 bit, a photo with uneven light.
    name : str
        How errors call it.
    one : bool
        Whether all its ink is one digit.

    Raises
    ------
    ImageError
        If it is no picture, too large, or empty.
    """
    grey = read_grey(content, name)
    ink, *more = find_ink(grey)
    other = None
    for fine in more:
        if _differ(ink.mask, fine.mask):
            other = _prepare(name, grey, fine, None, one=one)
    found = _prepare(name, grey, ink, other, one=one) or other
    if found is None:
        raise ImageError(
            f"{name} is empty: it has no ink that stands out from the paper.",
            hint="Give a picture with digits, dark on light or light on dark.",
        )
    return found


def _differ(one: Bytes, other: Bytes) -> bool:
    """Whether two masks share less than most of what they have."""
    return bool(np.count_nonzero(one & other) < SAME * np.count_nonzero(one | other))


def _prepare(
    name: str, grey: Bytes, ink: Ink, other: Prepared | None, *, one: bool
) -> Prepared | None:
    labels, parts = find_parts(ink)
    if not parts:
        return None
    layout = lay_out(labels, without_marks(labels, parts), one=one)
    levels = _levels(ink, layout)
    images = np.stack([normalise(_alone(levels, layout, each)) for each in layout.candidates])
    return Prepared(name, grey, levels, layout, images, other)


def _levels(ink: Ink, layout: Layout) -> Bytes:
    """Stretch the levels: the paper's noise becomes 0, full ink 255, the edges stay soft."""
    reach = 1 + max(layout.pieces.shape) // EDGE
    box = _around(layout.candidates[0], reach)  # all pieces; elsewhere there is none
    inked = layout.pieces[box] > 0
    near = cv2.dilate(inked.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8))
    strength = ink.strength[box]
    full = percentiles(strength[inked].astype(np.uint8), FULL)[0]
    stretched = strength - ink.noise
    stretched *= 255 / max(1.0, full - ink.noise)
    levels = np.zeros(layout.pieces.shape, np.uint8)
    levels[box] = np.where(near, np.clip(stretched, 0, 255), 0)
    if layout.dot:  # join them
        window = np.ones((round(2.5 * layout.dot),) * 2, np.uint8)
        levels = np.asarray(cv2.morphologyEx(levels, cv2.MORPH_CLOSE, window), np.uint8)
    # So that every piece has an extent.
    np.maximum(levels[box], FAINT + 1, out=levels[box], where=inked)
    return levels


def _around(candidate: Candidate, reach: int) -> tuple[slice, slice]:
    """Return the rows and columns of what may be a digit, with the soft edge around it."""
    left, top, right, bottom = candidate.box
    return slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach)


def _alone(levels: Bytes, layout: Layout, candidate: Candidate) -> Bytes:
    """Return the ink of one candidate, without that of its neighbours."""
    reach = 1 + max(levels.shape) // EDGE
    box = _around(candidate, reach)
    pieces = layout.pieces[box]
    others = (pieces > 0) & ((pieces < candidate.first) | (pieces > candidate.last))
    if not others.any():
        return levels[box]
    own = ((pieces > 0) & ~others).astype(np.uint8)
    near = cv2.dilate(own, np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    return np.where(near & ~others, levels[box], 0).astype(np.uint8)
