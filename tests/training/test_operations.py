"""Models as plain operations; tests/page/browser compares what comes of them with torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from mnist_tool.errors import TrainingError
from mnist_tool.training import models
from mnist_tool.training.operations import halved, operations


@pytest.mark.parametrize("name", models.MODELS)
def test_each_recipe_is_known(name: str) -> None:
    """Its numbers are arrays of 32 bits, or plain ones."""
    found = operations(models.build(name).eval())
    assert found["steps"]
    for step in found["steps"]:
        assert isinstance(step.pop("kind"), str)
        for value in step.values():
            assert value is None or isinstance(value, int | float) or value.dtype == np.float32


def test_normalisation_is_a_factor_and_a_summand() -> None:
    """As torch computes it in eval mode."""
    layer = nn.BatchNorm1d(3).eval()
    for values in (layer.running_mean, layer.running_var, layer.weight, layer.bias):
        nn.init.uniform_(values, 0.5, 2)
    (step,) = operations(nn.Sequential(layer))["steps"]
    values = torch.randn(5, 3)
    made = values.numpy() * step["factor"] + step["summand"]
    np.testing.assert_allclose(made, layer(values).detach().numpy(), rtol=1e-5, atol=1e-6)


def test_windows_and_views_are_told() -> None:
    """A model with several views is told with all of them."""
    found = operations(models.build("fast-cnn"))
    assert (found["side"], len(found["views"])) == (24, 5)
    assert found["steps"][0]["kind"] == "scale"


def test_an_unknown_layer_is_refused_by_its_name() -> None:
    """Wherever it stands."""
    with pytest.raises(TrainingError, match="LSTM"):
        operations(nn.Sequential(nn.Flatten(), nn.Sequential(nn.LSTM(3, 4))))


def test_halving_rounds_the_weights_alone() -> None:
    """The model itself stays as it is, and so do biases."""
    model = models.build("cnn")
    before = model[0].weight.clone()
    rounded = halved(model)
    assert torch.equal(model[0].weight, before)
    assert torch.equal(rounded[0].weight, before.half().float())
    assert torch.equal(rounded[0].bias, model[0].bias)
