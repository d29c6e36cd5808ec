"""What the CNNs of our own do to images: distort in training, look at several views in use."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from mnist_tool.training import augment, models
from mnist_tool.training.augment import distort


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
    assert torch.allclose(distort(square), square, atol=1e-5)


def test_shift_is_within_its_limit(square: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moved alone, images move by different amounts, each at most 6 % of the side."""
    for limit in ("ROTATION", "STRETCH", "SLANT"):
        monkeypatch.setattr(augment, limit, 0.0)
    torch.manual_seed(0)
    moved = (centre(distort(square.repeat(50, 1, 1, 1))) - 13.5).abs()
    assert moved.max() <= 28 * 0.06 + 1e-3
    assert moved.max() > 28 * 0.06 * 0.8
    assert len(moved[0].unique()) > 50


def test_distortion_follows_the_generator(square: Tensor) -> None:
    """The same seed distorts alike, another one does not."""
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(distort(square))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


@pytest.mark.parametrize("kind", [models.Cropped, models.Distorted])
def test_views_in_use_are_the_five_neighbours(kind: type[models.Viewed]) -> None:
    """In eval mode the result is the mean of the network's probabilities for five shifts."""
    torch.manual_seed(3)
    pixels = torch.zeros(3, 1, 28, 28)
    pixels[:, :, 4:24, 4:24] = torch.rand(3, 1, 20, 20)
    side = 24 if kind is models.Cropped else 28
    network = nn.Sequential(nn.Flatten(), nn.Linear(side * side, 10))
    margin = (28 - side) // 2
    padded = nn.functional.pad(pixels, (1, 1, 1, 1))
    by_hand = []
    for down, right in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        top, left = 1 + margin + down, 1 + margin + right
        if kind is models.Distorted:  # the image moves, not the window
            top, left = 1 - down, 1 - right
        window = padded[:, :, top : top + side, left : left + side]
        by_hand.append(network((window - 0.13) / 0.31).softmax(1))
    viewed = kind(network).eval()
    assert torch.allclose(viewed(pixels).exp(), torch.stack(by_hand).mean(0), atol=1e-6)


def test_training_crops_at_nine_places() -> None:
    """In training every batch is cropped at one of the nine places around the centre."""
    torch.manual_seed(0)
    pixels = torch.arange(784.0).view(1, 1, 28, 28)
    corners = {float(models.Cropped(nn.Identity()).change(pixels)[0, 0, 0, 0]) for _ in range(200)}
    assert corners == {28.0 * row + column for row in (1, 2, 3) for column in (1, 2, 3)}
