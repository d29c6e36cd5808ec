"""Find the ink of one digit in a grey picture, in uneven light and among specks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mnist_tool.errors import ImageError
from mnist_tool.reading.blobs import Blob, blobs, side_by_side
from mnist_tool.reading.sheet import find_sheet
from mnist_tool.reading.widening import widen

__all__ = ["find_ink", "otsu"]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

CONTRAST = 20  # grey levels between ink and paper, below which there is only paper
UNEVEN = 0.15  # spread of the paper along the border, in contrasts, from which on light is evened
SMALL = 64  # longer side of the picture on which the paper's brightness is estimated
SPECK = 0.02  # of the largest blob's area; less is dirt
CLUTTER = 0.1  # of the largest blob's area; so large must a blob inside be to outweigh the border's


def find_ink(grey: Bytes, name: str) -> Bytes:
    """Separate ink from paper.

    Parameters
    ----------
    grey : uint8 array of shape (rows, columns)
        Brightness, 0 black to 255 white; the ink may be darker or lighter than the paper.
    name : str
        How errors call the picture.

    Returns
    -------
    uint8 array of the same shape
        0 is paper, 255 is full ink.

    Raises
    ------
    ImageError
        If there is no ink, or ink of several digits.
    """
    ink = _ink(grey.astype(float))
    threshold = otsu(ink)
    inked = ink > threshold
    if not inked.any() or ink[inked].mean() - ink[~inked].mean() < CONTRAST:
        raise ImageError(
            f"{name} is empty: it has no ink that stands out from the paper.",
            hint="Give a picture with one digit, dark on light or light on dark.",
        )
    kept = _keep(blobs(inked), inked.shape, name)
    return _levels(ink, inked, _grown(kept, inked.shape))


def otsu(values: Floats) -> float:
    """Return the threshold that parts values best into two groups (N. Otsu, 1979).

    Parameters
    ----------
    values : float array
        0 to 255.

    Returns
    -------
    float
        Halfway between the means of the two groups whose means lie furthest apart, weighted by
        their sizes.
    """
    counts = np.histogram(values, 256, (0, 256))[0].astype(float)
    levels = np.arange(256)
    below, above = counts.cumsum(), counts.sum() - counts.cumsum()
    sums = (counts * levels).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = sums / below, (sums[-1] - sums) / above
        between = np.nan_to_num(below * above * (high - low) ** 2)
    best = int(between.argmax())
    return float((low[best] + high[best]) / 2) if between[best] else 255.0


def _ink(grey: Floats) -> Floats:
    """Return how dark each pixel is on its paper, be it the whole picture or a sheet in it."""
    sheet = find_sheet(grey, otsu(grey))
    if sheet is None:
        return _above_paper(grey)
    return np.where(sheet, _darkness(grey), 0)


def _darkness(grey: Floats) -> Floats:
    """Return the share of the paper's light that the ink swallows, in a shadow as beside it."""
    paper = np.maximum(_paper_brightness(grey), 1)
    return np.clip(255 * (1 - grey / paper), 0, 255)


def _above_paper(grey: Floats) -> Floats:
    """Return how much each pixel differs from the paper, in the ink's direction: 0 to 255."""
    edge = max(1, min(grey.shape) // 30)
    border = np.concatenate(
        [grey[:edge].ravel(), grey[-edge:].ravel(), grey[:, :edge].ravel(), grey[:, -edge:].ravel()]
    )
    darkest, lightest = np.percentile(grey, (0.5, 99.5))
    paper = float(np.median(border))
    spread = np.subtract(*np.percentile(border, (95, 5)))
    uneven = spread > UNEVEN * (lightest - darkest) and max(grey.shape) > SMALL
    if paper < (darkest + lightest) / 2:
        grey, paper = 255 - grey, 255 - paper
        if uneven:
            return np.clip(_paper_brightness(grey) - grey, 0, 255)
    elif uneven:
        return _darkness(grey)
    return np.clip(paper - grey, 0, 255)


def _paper_brightness(grey: Floats) -> Floats:
    """Estimate the paper under the ink: close the dark lines, then smooth."""
    rows, columns = grey.shape
    scale = SMALL / max(rows, columns)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    whole = Image.fromarray(grey.astype(np.uint8))
    small = whole.resize(size, Image.Resampling.BOX)
    # Windows wider than a pen but narrower than a shadow.
    closed = small.filter(ImageFilter.MaxFilter(15)).filter(ImageFilter.MinFilter(15))
    smooth = closed.filter(ImageFilter.GaussianBlur(4))
    return np.asarray(smooth.resize((columns, rows), Image.Resampling.BICUBIC), float)


def _keep(found: list[Blob], shape: tuple[int, ...], name: str) -> list[Blob]:
    """Drop dirt and what hangs over the border, and make sure that one digit remains."""
    inside = [blob for blob in found if not blob.touches(shape)]
    largest = max(blob.area for blob in found)
    if any(blob.area >= CLUTTER * largest for blob in inside):
        found = inside
        largest = max(blob.area for blob in found)
    kept = [blob for blob in found if blob.area >= SPECK * largest]
    count = side_by_side(kept)
    if count > 1:
        raise ImageError(
            f"{name} shows {count} digits, or other things beside one.",
            hint="Cut it to a single digit; the model was trained on one at a time.",
        )
    return kept


def _grown(kept: list[Blob], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark the blobs and the soft edge around them."""
    mask = np.zeros(shape, np.uint8)
    for blob in kept:
        for row, start, stop in blob.spans:
            mask[row, start:stop] = 255
    return widen(mask, max(1, max(shape) // 150)) > 0


def _levels(ink: Floats, inked: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Bytes:
    """Stretch the levels: the paper's noise becomes 0, full ink 255, the edges stay soft."""
    paper = ink[~inked]
    middle = np.median(paper)
    noise = middle + 3 * np.median(np.abs(paper - middle))
    full = np.percentile(ink[inked & kept], 75)
    stretched = np.clip((ink - noise) / max(1.0, full - noise) * 255, 0, 255)
    levels: Bytes = np.where(kept, stretched, 0).round().astype(np.uint8)
    return levels
