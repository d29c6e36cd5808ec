"""Recipes: each has a model that learns along its gradient, and a name that is found."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mnist_tool.errors import SettingError
from mnist_tool.training import models
from mnist_tool.training.recipes import RECIPES, get_recipe
from mnist_tool.training.settings import Settings


@pytest.mark.parametrize("name", list(RECIPES))
def test_model_takes_images_and_gives_ten_numbers(name: str) -> None:
    """Every model maps (N, 1, 28, 28) to (N, 10), and every parameter gets a gradient."""
    model = models.build(RECIPES[name].model)
    logits = model(torch.rand(5, 1, 28, 28))
    assert logits.shape == (5, 10)
    nn.functional.cross_entropy(logits, torch.arange(5)).backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().sum() > 0, key


@pytest.mark.parametrize("name", list(RECIPES))
def test_gradient_is_that_of_differences(name: str) -> None:
    """In double precision, the cost changes along the gradient as the gradient says."""
    torch.manual_seed(4)
    model = models.build(RECIPES[name].model).double().eval()
    pixels = torch.rand(4, 1, 28, 28, dtype=torch.float64)
    labels = torch.tensor([3, 1, 4, 1])

    def cost() -> torch.Tensor:
        return nn.functional.cross_entropy(model(pixels), labels)

    parameters = list(model.parameters())
    gradients = torch.autograd.grad(cost(), parameters)
    size = sum(float((g * g).sum()) for g in gradients)
    step = 1e-7 / size**0.5
    with torch.no_grad():
        for sign, parameter_step in ((1, step), (-2, step)):
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.add_(gradient, alpha=sign * parameter_step)
            if sign == 1:
                above = float(cost())
        below = float(cost())
    assert (above - below) / (2 * step) == pytest.approx(size, rel=1e-3)


def test_every_recipe_is_named_by_its_key_and_has_a_model() -> None:
    """The table is consistent: plain descent is for the linear model, or by hand."""
    for name, recipe in RECIPES.items():
        assert recipe.name == name
        assert recipe.model in models.MODELS
        Settings.of(name)
        layers = [m for m in models.build(recipe.model).modules() if isinstance(m, nn.Linear)]
        assert recipe.optimizer != "sgd" or len(layers) == 1 or recipe.by_hand


def test_near_names_are_suggested() -> None:
    """A typo in a recipe's name gets the right one."""
    with pytest.raises(SettingError) as caught:
        get_recipe("sofmax")
    assert "softmax" in caught.value.hint
