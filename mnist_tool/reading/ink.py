"""Tell ink from paper: how dark each pixel is on its paper, and where that is ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.sheet import find_card, find_sheet

__all__ = ["FINE_PEN", "PHOTO", "Ink", "find_ink", "percentiles"]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

LEAST_SIDE = 112  # pixels of the longer side, to which a smaller picture is enlarged
PHOTO = 64  # pixels of the longer side up to which a picture has no uneven light
RARE = 0.02  # percent of a picture may be darker than its ink, or lighter
MOSTLY = 0.7  # of a picture that is light is paper, whatever lies along its border
UNEVEN = 0.15  # spread of the paper along the border, in contrasts, from which on light is evened
SKEW_SIDE, AROUND = 128, 31  # longer side on which the ink's side is told; what is around a pixel
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
    uneven : bool
        Whether the light on the paper was estimated.
    """

    strength: Floats
    mask: Bytes
    noise: float
    scale: float
    uneven: bool = False


def find_ink(grey: Bytes, pen: int = PEN) -> Ink:
    """Separate ink from paper; the mask is empty where there is only paper.

    Parameters
    ----------
    grey : uint8 array of shape (rows, columns)
        Brightness, 0 black to 255 white; the ink may be darker or lighter than the paper.
    pen : int
        What is wider than this, where the longer side has 256 pixels, is no ink but a shadow.
    """
    side = max(grey.shape)
    scale = max(1, -(-LEAST_SIDE // side))
    if scale > 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
    elif side > 2 * LEAST_SIDE:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), side / 700))
    card = find_card(grey)
    if card is not None:
        grey = np.where(card > 0, grey, np.uint8(np.median(grey[card > 0])))
    sheet = find_sheet(grey) if side > PHOTO and card is None else None
    if sheet is None:
        strength, uneven = _above_paper(grey, pen if side > PHOTO else 0)
    else:
        strength, uneven = np.where(sheet > 0, _darkness(grey, pen), 0), True
    mask, noise = _mask(strength, WEAK if side > PHOTO else WEAK_SMALL)
    return Ink(strength, mask, noise, scale, uneven)


def _above_paper(grey: Bytes, pen: int) -> tuple[Floats, bool]:
    """Return how much each pixel differs from the paper, and whether the light was estimated."""
    edge = max(1, min(grey.shape) // 30)
    parts = (grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:])
    border = np.concatenate([each.ravel() for each in parts])
    darkest, lightest = percentiles(grey, RARE, 100 - RARE)
    low, paper, high = percentiles(border, 5, 50, 95)
    uneven = bool(pen and high - low > UNEVEN * (lightest - darkest))
    middle = (darkest + lightest) / 2
    light = bool(paper < middle and np.count_nonzero(grey > middle) < MOSTLY * grey.size)
    if uneven:  # a shadow may lie along the border and over most of the paper
        stands_out = _skew(grey)
        light = stands_out > 0 if abs(stands_out) > TELLING else light
    if light:
        grey, paper = 255 - grey, 255 - paper
        if uneven:
            return np.asarray(np.clip(_paper(grey, pen) - grey, 0, 255), np.float32), True
    elif uneven:
        return _darkness(grey, pen), True
    return np.asarray(np.clip(np.float32(paper) - grey, 0, 255), np.float32), False


def _skew(grey: Bytes) -> float:
    """Return which side few pixels stand out to from what is around them: -1 dark to 1 light."""
    small = _shrunk(grey, SKEW_SIDE)
    around = cv2.blur(small.astype(float), (AROUND, AROUND), borderType=cv2.BORDER_REPLICATE)
    cubes = (small - around) ** 3
    return float(cubes.sum() / max(1.0, float(np.abs(cubes).sum())))


def _shrunk(grey: Bytes, side: int) -> Bytes:
    rows, columns = grey.shape
    shrink = min(1.0, side / max(rows, columns))
    size = max(1, round(columns * shrink)), max(1, round(rows * shrink))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _darkness(grey: Bytes, pen: int) -> Floats:
    """Return the share of the paper's light that the ink swallows, in a shadow as beside it."""
    return np.clip(255 * (1 - grey / np.maximum(_paper(grey, pen), 1)), 0, 255).astype(np.float32)


def _paper(grey: Bytes, pen: int) -> Floats:
    """Estimate the paper under the ink: close the dark lines; a shadow's edge stays where it is."""
    rows, columns = grey.shape
    small = _shrunk(grey, LIGHT_SIDE)
    window = np.ones((pen, pen), np.uint8)
    closed = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, window), 5)
    return np.asarray(cv2.resize(closed, (columns, rows)), np.float32)


def _mask(strength: Floats, share: float) -> tuple[Bytes, float]:
    """Return where there is ink, and the strength up to which there is none."""
    levels = strength.astype(np.uint8)
    halves, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)
    paper = _counts(levels)[: int(halves) + 1]
    (middle,) = _percentiles(paper, 50)
    distances = np.bincount(np.abs(np.arange(len(paper)) - middle), weights=paper).astype(float)
    spread = 1.5 * _percentiles(distances, 50)[0]
    noise = middle + max(FAINT, SPREADS * spread)
    dark = levels[levels > noise]
    if not len(dark):
        return np.zeros(strength.shape, np.uint8), noise
    otsu, _ = cv2.threshold(dark, 0, 255, cv2.THRESH_OTSU)
    threshold = min(otsu, 0.6 * float(dark.max()))
    weak = (strength > max(noise, share * threshold)).astype(np.uint8)
    count, labels = cv2.connectedComponents(weak)
    strong = np.zeros(count, np.uint8)
    strong[labels[levels > threshold]] = 255
    strong[0] = 0
    return np.take(strong, np.asarray(labels), mode="clip"), noise  # quicker than strong[labels]


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
