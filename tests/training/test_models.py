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


def test_views_in_use_are_the_five_neighbours() -> None:
    """In eval mode the result is the mean of the network's probabilities for five windows."""
    torch.manual_seed(3)
    pixels = torch.rand(3, 1, 28, 28)
    network = nn.Sequential(nn.Flatten(), nn.Linear(24 * 24, 10))
    by_hand = []
    for down, right in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        window = pixels[:, :, 2 + down : 26 + down, 2 + right : 26 + right]
        by_hand.append(network((window - 0.13) / 0.31).softmax(1))
    viewed = models.Windowed(network, models.shifted_window).eval()
    assert torch.allclose(viewed(pixels).exp(), torch.stack(by_hand).mean(0), atol=1e-6)


def test_training_looks_at_changed_windows() -> None:
    """In training mode the network sees what the change makes of the batch, and nothing else."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(24 * 24, 10))
    pixels = torch.rand(3, 1, 28, 28)
    changed = torch.rand(3, 1, 24, 24)
    viewed = models.Windowed(network, lambda _: changed).train()
    assert torch.equal(viewed(pixels), network((changed - 0.13) / 0.31))


def test_training_shifts_to_nine_places() -> None:
    """In training every batch is cut at one of the nine places around the middle."""
    torch.manual_seed(0)
    pixels = torch.arange(784.0).view(1, 1, 28, 28)
    corners = {float(models.shifted_window(pixels)[0, 0, 0, 0]) for _ in range(200)}
    assert corners == {28.0 * row + column for row in (1, 2, 3) for column in (1, 2, 3)}
