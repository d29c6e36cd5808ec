"""Distort images at random: turned, stretched, slanted and moved, each by its own amounts."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

__all__ = ["distort"]

ROTATION = math.radians(10)
STRETCH = 0.1  # of each axis, as a share of its length
SLANT = 0.12  # horizontal movement per vertical one
SHIFT = 1.75  # pixels


def distort(pixels: Tensor, side: int) -> Tensor:
    """Distort every image of a batch by an affine map of its own, and cut a window in the middle.

    Six numbers per image are drawn from torch's default generator, each evenly between plus and
    minus its limit above.

    Parameters
    ----------
    pixels : Tensor, float32, shape (N, 1, S, S)
        0 is paper.
    side : int
        Of the window, 1 to S; only its pixels are computed.

    Returns
    -------
    Tensor, float32, shape (N, 1, side, side)
        Sampled bilinearly; what comes in from outside is paper.
    """
    whole = pixels.shape[-1]
    draws = torch.rand(len(pixels), 6).to(pixels.device) * 2 - 1
    angle, wide, high, slant, right, down = draws.unbind(1)
    cosine, sine = (angle * ROTATION).cos(), (angle * ROTATION).sin()
    wide, high, slant = 1 + wide * STRETCH, 1 + high * STRETCH, slant * SLANT
    first = torch.stack((cosine * wide, (cosine * slant - sine) * high), 1)
    second = torch.stack((sine * wide, (sine * slant + cosine) * high), 1)
    # affine_grid and grid_sample measure in half sides: those of the window and of the image.
    turned = torch.stack((first, second), 1) * (side / whole)
    moved = torch.stack((right, down), 1).unsqueeze(2) * (2 * SHIFT / whole)
    grid = F.affine_grid(torch.cat((turned, moved), 2), [len(pixels), 1, side, side], False)
    return F.grid_sample(pixels, grid, align_corners=False)
