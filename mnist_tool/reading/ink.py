"""Tell ink from paper: how dark each pixel is on its paper, and where that is ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.sheet import find_card, find_sheet, shrunk
from mnist_tool.reading.surface import find_canvas

__all__ = ["PHOTO", "Ink", "find_ink", "percentiles"]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

LEAST_SIDE = 112  # pixels of the longer side, to which a smaller picture is enlarged
PHOTO = 64  # pixels of the longer side up to which the light is first taken to be even
RARE = 0.02  # percent of a picture may be darker than its ink, or lighter
MOSTLY = 0.7  # of a picture that is light is paper, whatever lies along its border
UNEVEN = 0.15  # spread of the paper along the border, in contrasts, from which on light is evened
SMALL = 128  # longer side of the picture in which a sheet and the side of the ink are looked for
AROUND = 31  # pixels of it, that are around one
TELLING = 0.25  # of -1 dark to 1 light, that tells the side of the ink where the light is uneven
LIGHT_SIDE = 256  # pixels of the longer side of the picture on which the light is estimated
PEN, FINE_PEN = 61, 19  # wider there than any pen; than one that leaves shadows where they are
FAINT = 5.0  # levels between ink and paper, below which there is only paper
SPREADS = 5.0  # so many of the paper's own spreads ink differs from it
# Of the threshold: what is so dark and hangs together with ink is ink; less in small pictures,
# which are drawn, not photographed.
WEAK, WEAK_SMALL = 0.6, 0.25


@dataclass(frozen=True)
class Ink:
    """The ink of a picture.

    Parameters
    ----------
    strength : float32 array of shape (rows, columns)
        How much each pixel differs from its paper: 0 to 255.
    mask : uint8 array of the same shape
        255 where that is ink, else 0.
    noise : float
        The strength up to which there is only paper.
    scale : float
        Pixels of these arrays for one of the picture.
    """

    strength: Floats
    mask: Bytes
    noise: float
    scale: float


def find_ink(grey: Bytes) -> tuple[Ink, ...]:
    """Separate ink from paper; the mask is empty where there is only paper.

    Where the light is uneven there is a second way to see it: what is wider than a fine pen is a
    shadow.

    Parameters
    ----------
    grey : uint8 array of shape (rows, columns)
        Brightness, 0 black to 255 white; the ink may be darker or lighter than the paper.
    """
    side = max(grey.shape)
    scale = max(1, -(-LEAST_SIDE // side))
    card = find_canvas(shrunk(grey, LIGHT_SIDE), grey.shape) if scale == 1 else None
    if scale > 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
    elif side > 2 * LEAST_SIDE:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), side / 700))
    small = shrunk(grey, SMALL)
    card, sheet = find_card(small, grey.shape) if card is None else card, None
    if card is not None:
        grey = np.where(card > 0, grey, np.uint8(np.median(grey[card > 0])))
        small = shrunk(grey, SMALL)
    elif side > PHOTO:
        sheet = find_sheet(small, grey.shape)
    if sheet is None:
        strengths = _above_paper(grey, small, photo=side > PHOTO)
    else:
        strengths = [np.where(sheet > 0, each, 0) for each in _darkness(grey)]
    weak = WEAK if side > PHOTO else WEAK_SMALL
    return tuple(Ink(each, *_mask(each, weak), scale) for each in strengths)


def _above_paper(grey: Bytes, small: Bytes, *, photo: bool) -> list[Floats]:
    """Return how much each pixel differs from the paper, in each way to see it."""
    edge = max(1, min(grey.shape) // 30)
    parts = (grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:])
    border = np.concatenate([each.ravel() for each in parts])
    darkest, lightest = percentiles(grey, RARE, 100 - RARE)
    low, paper, high = percentiles(border, 5, 50, 95)
    middle = (darkest + lightest) / 2
    light = bool(paper < middle and np.count_nonzero(grey > int(middle)) < MOSTLY * grey.size)
    level = np.full_like(grey, paper)
    apart = cv2.subtract(grey, level) if light else cv2.subtract(level, grey)
    even = [np.asarray(apart, np.float32)]
    if high - low <= UNEVEN * (lightest - darkest):
        return even
    stands_out = _skew(small)  # a shadow may lie along the border and over most of the paper
    light = stands_out > 0 if abs(stands_out) > TELLING else light
    found = _lightness(255 - grey) if light else _darkness(grey)
    return found if photo else even + found[-1:]


def _skew(small: Bytes) -> float:
    """Return which side few pixels stand out to from what is around them: -1 dark to 1 light."""
    around = cv2.blur(small.astype(float), (AROUND, AROUND), borderType=cv2.BORDER_REPLICATE)
    apart = small - around
    cubes = apart * apart * apart  # some thirty times quicker than a power
    return float(cubes.sum() / max(1.0, float(np.abs(cubes).sum())))


def _lightness(negative: Bytes) -> list[Floats]:
    """Return how much lighter the ink is than its paper, where all is given the other way round."""
    return [cv2.subtract(each, negative).astype(np.float32) for each in _papers(negative)]


def _darkness(grey: Bytes) -> list[Floats]:
    """Return the share of the paper's light that the ink swallows, in a shadow as beside it."""
    levels, found = grey.astype(np.float32), []
    for paper in _papers(grey):
        share = paper.astype(np.float32)
        np.divide(levels, np.maximum(share, 1, out=share), out=share)
        np.multiply(np.subtract(1, share, out=share), 255, out=share)
        found.append(np.maximum(share, 0, out=share))
    return found


def _papers(grey: Bytes) -> list[Bytes]:
    """Estimate the paper under the ink, for any pen and for a fine one.

    Dark lines are closed, and a shadow's edge stays where it is.
    """
    rows, columns = grey.shape
    small, found = shrunk(grey, LIGHT_SIDE), []
    for pen in (PEN, FINE_PEN):
        closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((pen, pen), np.uint8))
        found.append(np.asarray(cv2.resize(cv2.medianBlur(closed, 5), (columns, rows)), np.uint8))
    return found


def _mask(strength: Floats, share: float) -> tuple[Bytes, float]:
    """Return where there is ink, and the strength up to which there is none."""
    levels = strength.astype(np.uint8)
    halves, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)
    counts = _counts(levels)
    paper = counts[: int(halves) + 1]
    (middle,) = _percentiles(paper, 50)
    distances = np.bincount(np.abs(np.arange(len(paper)) - middle), weights=paper).astype(float)
    spread = 1.5 * _percentiles(distances, 50)[0]
    noise = middle + max(FAINT, SPREADS * spread)
    counts[: int(noise) + 1] = 0
    if not counts.any():
        return np.zeros(strength.shape, np.uint8), noise
    dark = np.repeat(np.arange(256, dtype=np.uint8), counts.astype(int))
    otsu, _ = cv2.threshold(dark, 0, 255, cv2.THRESH_OTSU)
    threshold = min(otsu, 0.6 * float(dark[-1]))
    mask = (strength > max(noise, share * threshold)).view(np.uint8)
    left, top, wide, high = cv2.boundingRect(mask)
    box = slice(top, top + high), slice(left, left + wide)
    count, labels = cv2.connectedComponents(mask[box])
    strong = np.zeros(count, np.uint8)
    strong[np.asarray(labels)[levels[box] > int(threshold)]] = 255
    strong[0] = 0
    mask[box] = np.take(strong, np.asarray(labels), mode="clip")  # quicker than strong[labels]
    return mask, noise


def percentiles(levels: NDArray[np.uint8], *shares: float) -> list[int]:
    """Return the least levels below or at which there is each share, in percent, of all.

    Parameters
    ----------
    levels : uint8 array
        At least one.
    *shares : float
        0 to 100.
    """
    return _percentiles(_counts(levels), *shares)


def _counts(levels: NDArray[np.uint8]) -> NDArray[np.float64]:
    flat = np.ascontiguousarray(levels).reshape(1, -1)
    return cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel().astype(np.float64)


def _percentiles(counts: NDArray[np.float64], *shares: float) -> list[int]:
    sums = counts.cumsum()
    return [int(np.searchsorted(sums, sums[-1] * share / 100)) for share in shares]
