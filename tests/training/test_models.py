"""What the CNNs of our own look at: changed windows in training, several views in use."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mnist_tool.training import models


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


@pytest.mark.parametrize("name", models.MODELS)
def test_a_model_has_an_output_for_each_class(name: str) -> None:
    """Two are enough for two, and the lecture's ten are the default."""
    pixels = torch.rand(2, 1, 28, 28)
    for classes, model in ((2, models.build(name, 2)), (10, models.build(name))):
        assert model.eval()(pixels).shape == (2, classes)


def test_tiny_has_fewer_than_8000_parameters() -> None:
    """So many as are compared elsewhere, and as the page to draw on has room for."""
    assert sum(each.numel() for each in models.build("tiny").parameters()) < 8_000
