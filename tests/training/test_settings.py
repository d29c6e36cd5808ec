"""Settings: bad ones fail before anything is loaded, and a file gives back what it was given."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import pytest
import torch

from mnist_tool.errors import SettingError
from mnist_tool.training import models
from mnist_tool.training.recipes import RECIPES, get_recipe
from mnist_tool.training.settings import CHANGEABLE, Settings, a_tenth
from mnist_tool.training.trainer import Trainer


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"epochs": 0}, "--epochs"),
        ({"epochs": -1}, "--epochs"),
        ({"epochs": 10_001}, "--epochs"),
        ({"epochs": 10**5000}, "--epochs is a number of more than 30 digits"),
        ({"batch_size": 0}, "--batch-size"),
        ({"batch_size": 60001}, "--batch-size"),
        ({"learning_rate": 0.0}, "--learning-rate"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"learning_rate": float("inf")}, "--learning-rate"),
        ({"learning_rate": 10**5000}, "--learning-rate"),
        ({"learning_rate": True}, "--learning-rate"),
        ({"seed": -1}, "--seed"),
        ({"seed": 2**63}, "--seed"),
        ({"seed": 10**5000}, "--seed"),
        ({"batch_size": 10**5000}, "--batch-size"),
        ({"validation": 10**5000}, "--val"),
        ({"threads": 1025}, "--threads"),
        ({"members": 0}, "--members"),
        ({"members": 33}, "--members"),
        ({"members": 2, "seed": 2**63 - 1}, "--seed"),
        ({"members": 20, "epochs": 501}, "--members 20 of --epochs 501 are 10020 epochs"),
        ({"label_smoothing": 10**5000}, "label-smoothing"),
        ({"validation": -5}, "--val"),
        ({"validation": 60000}, "--val"),
        ({"threads": 0}, "--threads"),
        ({"device": "tpu"}, "tpu"),
        ({"optimizer": "lion"}, "sgd or adam or muon"),
        ({"leave_out": 1.0}, "leave-out=1.0"),
        ({"leave_out": 0.9999}, "takes 6 of 60000 images"),
        ({"leave_out": 0.5, "batch_size": 30001}, "takes 30000 of 60000 images"),
        ({"betas": (0.9, 1.0)}, "betas=0.9,1.0"),
        ({"label_smoothing": -0.1}, "label-smoothing=-0.1"),
        ({"warm_up": float("nan")}, "warm-up=nan"),
        ({"dataset": "minst"}, "minst"),
        ({"dataset": "qmnist-nist"}, "no split 'train'"),
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
        ({"batch_size": 60_001, "validation": 100}, "--batch-size 6000"),
    ],
)
def test_the_hint_is_about_the_setting(change: dict[str, Any], advice: str) -> None:
    """What mends one setting is not what mends another."""
    with pytest.raises(SettingError) as caught:
        Settings.of("softmax", **change)
    assert advice in caught.value.hint


def test_the_batch_that_is_advised_can_be_trained_on() -> None:
    """Also of a recipe that takes no single image, and of images that are few."""
    assert a_tenth(96, get_recipe("softmax")) == 9
    for name in ("softmax", "mlp-batchnorm"):
        assert a_tenth(5, get_recipe(name)) == get_recipe(name).least_batch


@pytest.mark.parametrize(
    ("recipe", "change", "advice"),
    [
        ("softmax", {"betas": (0.5, 0.5)}, "--set optimizer=adam"),
        ("fast-cnn", {"optimizer": "sgd", "betas": (0.5, 0.5)}, "--set optimizer=adam"),
        ("cnn", {"warm_up": 0.5}, "--set schedule=one-cycle"),
    ],
)
def test_a_change_that_changes_nothing_is_refused(
    recipe: str, change: dict[str, Any], advice: str
) -> None:
    """Its author would take the digits for those of the change; an old run with it is read."""
    with pytest.raises(SettingError, match="has no effect where") as caught:
        Settings.of(recipe, **change)
    assert caught.value.hint.endswith(advice)
    made = Settings.of(recipe).as_dict() | change
    assert Settings.from_dict(made).as_dict() == json.loads(json.dumps(made))
    same = {name: getattr(get_recipe(recipe), name) for name in change}
    assert Settings.of(recipe, **same) == Settings.of(recipe)


def test_a_setting_of_no_such_name_is_refused() -> None:
    """Also from Python, where it would be an argument too many."""
    with pytest.raises(SettingError, match="no setting 'epoch'") as caught:
        Settings.of("softmax", epoch=1)
    assert "epochs" in caught.value.hint


def test_a_list_is_as_good_as_a_tuple() -> None:
    """JSON, in which settings are kept, has only lists."""
    assert Settings.of("cnn", betas=[0.8, 0.99]) == Settings.of("cnn", betas=(0.8, 0.99))


@pytest.mark.parametrize("name", RECIPES)
def test_the_least_batch_can_be_trained_on(name: str) -> None:
    """And a smaller one is refused, not left to torch."""
    least = RECIPES[name].least_batch
    images = torch.randint(256, (3 * least, 28, 28), dtype=torch.uint8)
    labels = torch.randint(10, (3 * least,))
    settings = Settings.of(name, batch_size=least, epochs=1)
    few = replace(settings, recipe=replace(settings.recipe, drawn=0))  # thousands for nothing
    list(Trainer(few, images, labels).epochs())
    with pytest.raises(SettingError, match=f"must be {least} or more"):
        Settings.of(name, batch_size=least - 1)
    if least > 1:
        model = models.build(RECIPES[name].model).train()
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            model(torch.rand(1, 1, 28, 28))


def test_settings_survive_a_file() -> None:
    """What is written to settings.json comes back, also with keys of a later version."""
    settings = Settings.of("cnn", epochs=2, validation=500, betas=(0.8, 0.9), schedule="one-cycle")
    written = json.loads(json.dumps(settings.as_dict() | {"new": 1}))
    assert Settings.from_dict(written) == settings


def test_a_file_of_the_first_version_is_read() -> None:
    """Runs that people have already trained can still be tested and gone on with."""
    written = """{"recipe": "mlp-plain", "epochs": 3, "batch_size": 64, "learning_rate": 0.01,
        "seed": 777, "validation": 100, "dataset": "synthetic", "device": "auto", "threads": 1,
        "optimizer": "adam", "schedule": "one-cycle", "warm_up": 0.1, "betas": [0.8, 0.95],
        "label_smoothing": 0.1}"""
    settings = Settings.from_dict(json.loads(written))
    assert settings.recipe.betas == (0.8, 0.95)
    assert settings.recipe.leave_out == 0.0
    assert (settings.recipe.threads, settings.validation) == (1, 100)
    assert settings.as_dict() == json.loads(written) | {"members": 1, "leave_out": 0.0}


def test_a_file_that_leaves_nothing_out_goes_on_so() -> None:
    """A recipe that leaves something out by now did not, when its files did not say it."""
    written = Settings.of("fast-cnn", leave_out=0.0).as_dict()
    assert get_recipe("fast-cnn").leave_out
    assert written.pop("leave_out") == 0
    assert Settings.from_dict(written).recipe.leave_out == 0


def test_every_value_of_a_recipe_can_be_changed() -> None:
    """What a recipe says is in the settings, but for its name, model, data and what we measured."""
    recipe = asdict(get_recipe("fast-cnn"))
    assert Settings.of("fast-cnn").recipe == get_recipe("fast-cnn")
    apart = {"name", "title", "model", "drawn", "raw_accuracy", "least_batch", "expected"}
    apart |= {"by_hand", "lab"}
    other = {
        "optimizer": "sgd",
        "learning_rate": 0.5,
        "epochs": 2,
        "batch_size": 7,
        "seed": 1,
        "threads": 3,
        "members": 2,
        "schedule": "constant",
        "warm_up": 0.5,
        "betas": (0.5, 0.6),
        "label_smoothing": 0.25,
        "leave_out": 0.75,
    }
    assert other.keys() == recipe.keys() - apart == set(CHANGEABLE)
    for name, value in other.items():
        assert asdict(Settings.of("fast-cnn", **{name: value}).recipe) == recipe | {name: value}


def test_checking_settings_loads_no_torch() -> None:
    """Bad settings are found without waiting for torch."""
    code = (
        "import sys; from mnist_tool.training.settings import Settings; "
        "Settings.of('cnn', epochs=3); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_member_has_a_seed_of_its_own() -> None:
    """The first has that of the committee, and is what a training of one model would be."""
    settings = Settings.of("softmax", members=3, seed=5, epochs=2)
    assert settings.epochs == 6
    assert [settings.of_member(number).recipe.seed for number in (1, 2, 3)] == [5, 6, 7]
    assert settings.of_member(2) == Settings.of("softmax", seed=6, epochs=2)


def test_where_a_training_stands_is_said_in_members_and_epochs() -> None:
    """Of members only where there are several."""
    assert Settings.of("softmax").reached(3) == "epoch 3 of 15"
    committee = Settings.of("softmax", members=5, epochs=2)
    assert committee.reached(4) == "member 2 of 5"
    assert committee.reached(5) == "epoch 1 of 2 of member 3 of 5"
