"""Distort images at random, each by its own amounts: as a pen, a hand and a camera would."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

__all__ = ["distort", "vary"]

ROTATION = math.radians(10)
STRETCH = 0.1  # of each axis, as a share of its length
SLANT = 0.12  # horizontal movement per vertical one
SHIFT = 1.75  # pixels

# What `vary` does, more than that.
LEAN, SIZE, WIDE_SLANT, WIDE_SHIFT = math.radians(13), 0.14, 0.22, 1.6
KNOTS = 6  # of the field that bends an image, along each side
BEND = 0.9  # pixels, the spread by which a knot is moved
NOISE = 0.08  # of full ink, at most
STRAY = 0.12  # of the images have ink that is not theirs along a border


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


def vary(pixels: Tensor) -> Tensor:
    """Change every image of a batch as pens, hands, cameras and the way to MNIST's form do.

    Turned, stretched, slanted, moved and bent; drawn with a finer or broader pen; blurred or
    sharpened; fainter or stronger; noisy; some with a piece of a line along a border.

    Parameters
    ----------
    pixels : Tensor, float32, shape (N, 1, S, S)
        0 is paper, 1 is ink.

    Returns
    -------
    Tensor of the same shape
        0 to 1.
    """
    moved = F.grid_sample(pixels, _affine(pixels) + _bend(pixels), align_corners=False)
    return _light(_stray(_pen(moved)))


def _even(pixels: Tensor, count: int) -> Tensor:
    """Draw numbers between -1 and 1 for each image: shape (count, N, 1, 1, 1)."""
    draws = torch.rand(count, len(pixels), 1, 1, 1) * 2 - 1
    return draws.to(pixels.device)


def _affine(pixels: Tensor) -> Tensor:
    angle, size, wide, slant, right, down = _even(pixels, 6).view(6, -1)
    angle, slant = angle * LEAN, slant * WIDE_SLANT
    size, wide = torch.exp(size * SIZE), torch.exp(wide * SIZE)
    first = torch.stack((angle.cos() * size * wide, (angle.cos() * slant - angle.sin()) * size), 1)
    second = torch.stack((angle.sin() * size * wide, (angle.sin() * slant + angle.cos()) * size), 1)
    moved = torch.stack((right, down), 1).unsqueeze(2) * (2 * WIDE_SHIFT / pixels.shape[-1])
    turned = torch.cat((torch.stack((first, second), 1), moved), 2)
    return F.affine_grid(turned, list(pixels.shape), False)


def _bend(pixels: Tensor) -> Tensor:
    knots = torch.randn(len(pixels), 2, KNOTS, KNOTS).to(pixels.device)
    field = F.interpolate(knots, pixels.shape[2:], mode="bicubic", align_corners=True)
    bent: Tensor = field.permute(0, 2, 3, 1) * (2 * BEND / pixels.shape[-1])
    return bent


def _pen(pixels: Tensor) -> Tensor:
    """Broaden or narrow the strokes by up to a pixel, and soften some."""
    broad, blurred = _even(pixels, 2)
    grown = F.max_pool2d(pixels, 3, 1, 1)
    shrunk = -F.max_pool2d(-pixels, 3, 1, 1)
    pixels = torch.lerp(pixels, grown, broad.clamp(min=0) * 0.9)
    pixels = torch.lerp(pixels, shrunk, (-broad - 0.4).clamp(min=0))
    return torch.lerp(pixels, F.avg_pool2d(pixels, 3, 1, 1), blurred.clamp(min=0))


def _stray(pixels: Tensor) -> Tensor:
    """Lay a piece of a line along a border of some images, or leave a border away."""
    chosen, place, start, length = _even(pixels, 4) / 2 + 0.5
    side = pixels.shape[-1]
    along = torch.arange(side, device=pixels.device).view(1, 1, 1, side) / side
    across = torch.arange(side, device=pixels.device).view(1, 1, side, 1)
    near = (across - 3 * place).abs() < 0.9
    line = near & (along > start) & (along < start + length) & (chosen < STRAY)
    turns = torch.randint(0, 4, ()).item()
    ink = torch.rot90(line, int(turns), (2, 3)).to(pixels.dtype) * 0.9
    return torch.maximum(pixels, ink)


def _light(pixels: Tensor) -> Tensor:
    """Change contrast and softness, and add noise."""
    gain, bent, noise = _even(pixels, 3)
    pixels = pixels.clamp(1e-4, 1) ** torch.exp(bent * 0.6) * (1 + gain * 0.3)
    grain = torch.randn(pixels.shape).to(pixels.device)
    noisy: Tensor = pixels + grain * noise.clamp(min=0) * NOISE
    return noisy.clamp(0, 1)
