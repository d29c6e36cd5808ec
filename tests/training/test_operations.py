"""Models as plain operations; tests/page/browser compares what comes of them with torch."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch
from torch import nn

from mnist_tool.errors import TrainingError
from mnist_tool.page.encoding import encode
from mnist_tool.training import models
from mnist_tool.training.operations import operations, rounded


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
    found = rounded(model, 16)
    assert torch.equal(model[0].weight, before)
    assert torch.equal(found[0].weight, before.half().float())
    assert torch.equal(found[0].bias, model[0].bias)


@pytest.mark.parametrize("name", ["linear", "fast-cnn", "cnn"])
def test_weights_of_8_bits_are_near_those_of_32_and_exact_in_the_page(name: str) -> None:
    """Within half a step of 127 steps; as text they take a byte each, and come back."""
    model = models.build(name).eval()
    for before, after in zip(
        operations(model)["steps"], operations(rounded(model, 8))["steps"], strict=True
    ):
        if "weight" not in before:
            continue
        rows, found = (each["weight"].reshape(len(each["weight"]), -1) for each in (before, after))
        most = np.abs(rows).max(axis=1, keepdims=True)
        assert (np.abs(rows - found) <= 0.51 * most / 127).all()
        kept = encode({"weight": after["weight"]})["weight"]
        assert kept["type"] == "int8"
        numbers = np.frombuffer(base64.b64decode(kept["data"]), np.int8).reshape(found.shape)
        scales = np.frombuffer(base64.b64decode(kept["scales"]["data"]), "<f4")
        assert np.array_equal(numbers.astype(np.float32) * scales[:, None], found)


def test_a_row_of_zeros_has_8_bits_too() -> None:
    """As a filter that was never used has."""
    model = nn.Linear(3, 2)
    model.weight.data = torch.tensor([[0.0, 0, 0], [1, 2, -3]])
    found = rounded(model, 8).weight
    assert torch.equal(found[0], torch.zeros(3))
    assert torch.allclose(found[1], model.weight[1], atol=0.013)
