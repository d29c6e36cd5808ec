"""The weights that look at the pixels, as squares to draw."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mnist_tool.errors import TrainingError
from mnist_tool.training import models
from mnist_tool.training.layers import MOST, first_layer


def test_a_linear_model_has_a_template_per_digit() -> None:
    """Row 3 of the weights, as a square, is the template of the digit 3."""
    model = models.build("linear")
    linear, squares = first_layer(model)
    assert linear
    assert squares.shape == (10, 28, 28)
    assert torch.equal(torch.from_numpy(squares[3]).flatten(), model[1].weight[3].detach())


@pytest.mark.parametrize(
    ("name", "shape"),
    [("mlp-plain", (32, 28, 28)), ("mlp-deep", (MOST, 28, 28)), ("cnn", (32, 3, 3))],
)
def test_other_models_have_filters(name: str, shape: tuple[int, ...]) -> None:
    """Of the first layer alone, and of a wide one only the first."""
    linear, squares = first_layer(models.build(name))
    assert not linear
    assert squares.shape == shape


def test_a_model_without_such_a_layer_is_refused() -> None:
    """With something else to draw."""
    with pytest.raises(TrainingError) as caught:
        first_layer(nn.ReLU())
    assert "mnist-tool visualize" in caught.value.hint
