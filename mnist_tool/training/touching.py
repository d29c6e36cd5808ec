"""Set digits side by side as people write them, nearly touching, touching or overlapping.

A model that shall read rows has to tell two digits from one, and to know one that a piece of its
neighbour hangs on. Each is brought to MNIST's form as a picture's ink is.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

from mnist_tool.reading.preprocess import FAINT, normalise

__all__ = ["pairs", "with_pieces"]

SIDE = 28
EXTENT = 60  # ink that counts for the extent of a digit in MNIST
SIZES = (0.85, 1.15)  # of a digit beside others
UNEVEN = 1.3  # pixels, the spread by which one is written higher or lower
GAP = (-3.5, 2.0)  # pixels between two; below 0 they overlap
NEAR = (-1.5, 0.5)  # between a digit and the one that a piece is of
PIECE = (0.04, 0.2)  # of the neighbour's width
THREE = 0.12  # of the pairs are three digits


def pairs(images: Tensor, count: int, seed: int) -> Tensor:
    """Return images of two digits each, some of three.

    Parameters
    ----------
    images : Tensor, uint8, shape (N, 28, 28)
        Digits to choose from.
    count : int
        How many images to make.
    seed : int
        The same makes the same.

    Returns
    -------
    Tensor, uint8, shape (count, 28, 28)
        Two or three digits in the place of one.
    """
    random = np.random.RandomState(seed)
    made = torch.empty((count, SIDE, SIDE), dtype=torch.uint8)
    for place in range(count):
        chosen = random.randint(0, len(images), 3 if random.random_sample() < THREE else 2)
        made[place] = _normalised(_page(images[chosen], random, GAP)[0])
    return made


def with_pieces(images: Tensor, count: int, seed: int) -> tuple[Tensor, NDArray[np.int64]]:
    """Return images of one digit each, on which a piece of its neighbour hangs.

    Parameters
    ----------
    images : Tensor, uint8, shape (n, 28, 28)
        Of one digit each.
    count : int
        How many images to make.
    seed : int
        The same makes the same.

    Returns
    -------
    images : Tensor, uint8, shape (count, 28, 28)
        A digit each, with a piece of another.
    chosen : int64 array of shape (count,)
        Which of `images` each shows.
    """
    random = np.random.RandomState(seed)
    made = torch.empty((count, SIDE, SIDE), dtype=torch.uint8)
    chosen = random.randint(0, len(images), (count, 2))
    for place in range(count):
        page, ((left, first), (second, end)) = _page(images[chosen[place]], random, NEAR)
        left_out = 1 - random.uniform(*PIECE)
        if random.random_sample() < 0.5:
            chosen[place] = chosen[place, ::-1]
            page = page[:, round(left + left_out * (min(first, second) - left)) :]
        else:
            page = page[:, : round(end - left_out * (end - max(first, second)))]
        made[place] = _normalised(page)
    return made, chosen[:, 0]


def _page(
    digits: Tensor, random: np.random.RandomState, gap: tuple[float, float]
) -> tuple[Tensor, list[tuple[int, int]]]:
    """Write digits into a row; return it, and the first and the last column of each."""
    own = [_resized(_cut(digit.float()), random.uniform(*SIZES)) for digit in digits]
    high = max(map(len, own)) + 8
    page = torch.zeros((high, sum(each.shape[1] for each in own) + 8))
    left, places = 2, []
    for each in own:
        rows, columns = each.shape
        top = (high - rows) / 2 + random.normal(0, UNEVEN)
        top = min(max(0, round(top)), high - rows)
        area = page[top : top + rows, left : left + columns]
        torch.maximum(area, each, out=area)
        places.append((left, left + columns))
        left += max(2, columns + round(random.uniform(*gap)))
    return page, places


def _cut(page: Tensor) -> Tensor:
    inked = page > EXTENT
    rows, columns = (inked.any(dim=axis).nonzero() for axis in (1, 0))
    if not len(rows):
        return page
    top, left = int(rows[0]), int(columns[0])
    return page[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]


def _resized(page: Tensor, scale: float) -> Tensor:
    size = [max(1, round(length * scale)) for length in page.shape]
    return F.interpolate(page[None, None], size, mode="bilinear", antialias=True)[0, 0]


def _normalised(page: Tensor) -> Tensor:
    ink = page.round().clamp(0, 255).to(torch.uint8).numpy()
    image = normalise(ink) if ink.max() > FAINT else np.zeros((SIDE, SIDE), np.uint8)
    return torch.from_numpy(image)
