"""Distort images at random: turned, stretched, slanted and moved, each by its own amounts."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

__all__ = ["distort"]

ROTATION = math.radians(9)
STRETCH = 0.1  # of each axis, as a share of its length
SLANT = 0.1  # horizontal movement per vertical one
SHIFT = 0.06  # as a share of the image's side


def distort(pixels: Tensor) -> Tensor:
    """Distort every image of a batch by an affine map of its own.

    Six numbers per image are drawn from torch's default generator, each evenly between plus and
    minus its limit above.

    Parameters
    ----------
    pixels : Tensor, float32, shape (N, 1, rows, columns)
        0 is paper.

    Returns
    -------
    Tensor, float32, shape (N, 1, rows, columns)
        Sampled bilinearly; what comes in from outside is paper.
    """
    draws = torch.rand(len(pixels), 6).to(pixels.device) * 2 - 1
    angle, wide, high, slant, right, down = draws.unbind(1)
    cosine, sine = (angle * ROTATION).cos(), (angle * ROTATION).sin()
    wide, high, slant = 1 + wide * STRETCH, 1 + high * STRETCH, slant * SLANT
    # affine_grid measures in half sides, from -1 to 1.
    right, down = right * 2 * SHIFT, down * 2 * SHIFT
    first = torch.stack((cosine * wide, (cosine * slant - sine) * high, right), 1)
    second = torch.stack((sine * wide, (sine * slant + cosine) * high, down), 1)
    maps = torch.stack((first, second), 1)
    grid = F.affine_grid(maps, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, align_corners=False)
