"""Recipes and settings: each can be used, and bad ones fail before anything is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import pytest
import torch
from torch import nn

from mnist_tool.errors import SettingError
from mnist_tool.training import models
from mnist_tool.training.recipes import RECIPES, Settings, get_recipe
from mnist_tool.training.trainer import Trainer


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
    """The table is consistent: key, name, model, and plain descent only for the linear model."""
    for name, recipe in RECIPES.items():
        assert recipe.name == name
        assert recipe.model in models.MODELS
        Settings.of(name)
        layers = [m for m in models.build(recipe.model).modules() if isinstance(m, nn.Linear)]
        assert recipe.optimizer != "sgd" or len(layers) == 1


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"epochs": 0}, "--epochs"),
        ({"epochs": -1}, "--epochs"),
        ({"batch_size": 0}, "--batch-size"),
        ({"batch_size": 60001}, "--batch-size"),
        ({"learning_rate": 0.0}, "--learning-rate"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"learning_rate": float("inf")}, "--learning-rate"),
        ({"seed": -1}, "--seed"),
        ({"seed": 2**63}, "--seed"),
        ({"validation": -5}, "--val"),
        ({"validation": 60000}, "--val"),
        ({"threads": 0}, "--threads"),
        ({"device": "tpu"}, "tpu"),
        ({"optimizer": "lion"}, "sgd or adam"),
        ({"betas": (0.9, 1.0)}, "betas=0.9,1.0"),
        ({"label_smoothing": -0.1}, "label-smoothing=-0.1"),
        ({"warm_up": float("nan")}, "warm-up=nan"),
        ({"dataset": "minst"}, "minst"),
    ],
)
def test_bad_settings_are_refused(change: dict[str, Any], names: str) -> None:
    """Every setting that cannot be used is an error that names it."""
    with pytest.raises(SettingError, match=names) as caught:
        Settings.of("softmax", **change)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"threads": 0}, "as many as torch chooses"),
        ({"validation": -5}, "to train on all images"),
        ({"validation": 59_999, "batch_size": 64}, "--val 59936"),
        ({"batch_size": 60_001, "validation": 100}, "up to 60000"),
    ],
)
def test_the_hint_is_about_the_setting(change: dict[str, Any], advice: str) -> None:
    """What mends one setting is not what mends another."""
    with pytest.raises(SettingError) as caught:
        Settings.of("softmax", **change)
    assert advice in caught.value.hint


def test_a_setting_of_no_such_name_is_refused() -> None:
    """Also from Python, where it would be an argument too many."""
    with pytest.raises(SettingError, match="no setting 'epoch'") as caught:
        Settings.of("softmax", epoch=1)
    assert "epochs" in caught.value.hint


def test_a_list_is_as_good_as_a_tuple() -> None:
    """JSON, in which settings are kept, has only lists."""
    assert Settings.of("softmax", betas=[0.9, 0.99]) == Settings.of("softmax", betas=(0.9, 0.99))


@pytest.mark.parametrize("name", RECIPES)
def test_the_least_batch_can_be_trained_on(name: str) -> None:
    """And a smaller one is refused, not left to torch."""
    least = RECIPES[name].least_batch
    images = torch.randint(256, (2 * least, 28, 28), dtype=torch.uint8)
    labels = torch.randint(10, (2 * least,))
    list(Trainer(Settings.of(name, batch_size=least, epochs=1), images, labels).epochs())
    with pytest.raises(SettingError, match=f"must be {least} or more"):
        Settings.of(name, batch_size=least - 1)
    if least > 1:
        model = models.build(RECIPES[name].model).train()
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            model(torch.rand(1, 1, 28, 28))


def test_near_names_are_suggested() -> None:
    """A typo in a recipe's name gets the right one."""
    with pytest.raises(SettingError) as caught:
        get_recipe("sofmax")
    assert "softmax" in caught.value.hint


def test_settings_survive_a_file() -> None:
    """What is written to settings.json comes back, also with keys of a later version."""
    settings = Settings.of("cnn", epochs=2, validation=500, betas=(0.8, 0.9), schedule="one-cycle")
    written = json.loads(json.dumps(settings.as_dict() | {"new": 1}))
    assert Settings.from_dict(written) == settings


def test_every_value_of_a_recipe_can_be_changed() -> None:
    """Whatever a recipe says is in the settings, but for its name, model and what we measured."""
    recipe = asdict(get_recipe("fast-cnn"))
    assert Settings.of("fast-cnn").tuned() == get_recipe("fast-cnn")
    apart = {"name", "title", "model", "raw_accuracy", "least_batch", "expected"}
    other = {"optimizer": "sgd", "learning_rate": 0.5, "epochs": 2, "batch_size": 7, "seed": 1,
             "threads": 3,
             "schedule": "constant", "warm_up": 0.5, "betas": (0.5, 0.6),
             "label_smoothing": 0.25}  # fmt: skip
    assert other.keys() == recipe.keys() - apart
    tuned = asdict(Settings.of("fast-cnn", **other).tuned())
    assert tuned == recipe | other


def test_checking_settings_loads_no_torch() -> None:
    """Bad settings are found without waiting for torch."""
    code = (
        "import sys; from mnist_tool.training.recipes import Settings; "
        "Settings.of('cnn', epochs=3); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
