"""Distorted images: each in its own way, within the limits, as the seed says."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from mnist_tool.training import augment
from mnist_tool.training.augment import distort, vary


@pytest.fixture
def square() -> Tensor:
    """A batch of two white squares in the middle of black images."""
    pixels = torch.zeros(2, 1, 28, 28)
    pixels[:, :, 10:18, 10:18] = 1
    return pixels


def centre(pixels: Tensor) -> Tensor:
    """Return each image's centre of mass, (row, column)."""
    places = torch.arange(28.0)
    mass = pixels.sum((1, 2, 3))
    return torch.stack(
        [(pixels.sum(3)[:, 0] * places).sum(1) / mass, (pixels.sum(2)[:, 0] * places).sum(1) / mass]
    )


def test_no_distortion_changes_nothing(square: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all limits at nothing, the images come back."""
    for limit in ("ROTATION", "STRETCH", "SLANT", "SHIFT"):
        monkeypatch.setattr(augment, limit, 0.0)
    assert torch.allclose(distort(square, 28), square, atol=1e-5)
    assert torch.allclose(distort(square, 24), square[:, :, 2:26, 2:26], atol=1e-5)


def test_shift_is_within_its_limit(square: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moved alone, images move by different amounts, each at most as far as is said."""
    for limit in ("ROTATION", "STRETCH", "SLANT"):
        monkeypatch.setattr(augment, limit, 0.0)
    torch.manual_seed(0)
    moved = (centre(distort(square.repeat(50, 1, 1, 1), 28)) - 13.5).abs()
    assert moved.max() <= augment.SHIFT + 1e-3
    assert moved.max() > augment.SHIFT * 0.8
    assert len(moved[0].unique()) > 50


def test_distortion_follows_the_generator(square: Tensor) -> None:
    """The same seed distorts alike, another one does not."""
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(distort(square, 24))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_a_window_is_the_middle_of_the_distorted_image(square: Tensor) -> None:
    """The same draws give the same picture, whole or as a window."""
    pictures = []
    for side in (28, 24):
        torch.manual_seed(4)
        pictures.append(distort(square, side))
    assert torch.allclose(pictures[0][:, :, 2:26, 2:26], pictures[1], atol=1e-5)


def test_variety_is_of_the_same_form_and_of_the_seed(square: Tensor) -> None:
    """Every image in its own way, 0 to 1; the same seed varies the same."""
    torch.manual_seed(5)
    first = vary(square.repeat(50, 1, 1, 1))
    torch.manual_seed(5)
    again = vary(square.repeat(50, 1, 1, 1))
    assert torch.equal(first, again)
    assert first.shape == (100, 1, 28, 28)
    assert first.min() >= 0
    assert first.max() <= 1
    assert len(first.flatten(1).unique(dim=0)) == 100
    moved = (centre(first) - centre(square)[:, :1]).abs()
    assert moved.median() < 2


def test_pens_are_broader_and_finer(square: Tensor) -> None:
    """The amount of ink differs both ways."""
    torch.manual_seed(6)
    ink = vary(square.repeat(100, 1, 1, 1)).sum((1, 2, 3)) / square[0].sum()
    assert ink.min() < 0.75
    assert ink.max() > 1.3
