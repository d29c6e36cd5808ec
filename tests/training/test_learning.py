"""A training that learned nothing says so, and why."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import mnist_tool
from mnist_tool.training.evaluate import Evaluation, wilson
from mnist_tool.training.learning import LearningWarning, doubt, warning
from mnist_tool.training.settings import Settings

FALLING = [{"cost": 1.0, "course": [2.3, 1.0, 0.4]}, {"cost": 0.2, "course": [0.3, 0.2, 0.1]}]


def result(correct: int, total: int = 1000) -> Evaluation:
    """Make the evaluation of a model; 114 of 1000 images show the most frequent digit."""
    rows = [total * share // 1000 for share in (98, 114, 98, 98, 98, 98, 99, 99, 99, 99)]
    counts = tuple((row, *[0] * 9) for row in rows)
    return Evaluation(total, correct, correct / total, wilson(correct, total), 1.0, counts)


@pytest.mark.parametrize("correct", [0, 90, 114, 130])
def test_the_accuracy_of_guessing(correct: int) -> None:
    """Or one that chance may have made of it, or a worse one."""
    assert "that of guessing" in doubt(FALLING, result(correct))


@pytest.mark.parametrize(
    ("metrics", "doubted"),
    [
        (FALLING, False),
        ([{"cost": 2.3}, {"cost": 1.2}], False),  # of earlier versions
        ([{"cost": 2.3}, {"cost": 2.4}], True),
        ([{"cost": 2.3}], False),  # one cost alone falls nowhere
        ([{"cost": 2.4, "course": [2.3, 2.5, 2.4]}], True),
        ([{"cost": 1.0, "course": [2.3, *[0.9] * 48, 2.5]}], False),  # one mark is noise
    ],
)
def test_a_cost_that_did_not_fall(metrics: list[dict[str, Any]], doubted: bool) -> None:
    """The last batches are compared with the first."""
    assert ("did not fall" in doubt(metrics, result(900))) is doubted


@pytest.mark.parametrize(
    ("changes", "advised"),
    [
        ({"learning_rate": 3.0}, "too large; the recipe's own are: --learning-rate 0.1"),
        ({"learning_rate": 1e-9}, "too small; the recipe's own are: --learning-rate 0.1"),
        ({"batch_size": 50_000}, "Try the recipe as it is"),
        ({}, "another --seed"),
    ],
)
def test_the_advice_is_about_what_was_changed(changes: dict[str, Any], advised: str) -> None:
    """The learning rate first."""
    text = warning("its cost did not fall", Settings.of("softmax", **changes))
    assert "its cost did not fall" in text
    assert advised in text


def test_python_warns(synthetic_root: Path) -> None:
    """Of our own category; of a training that went well, not."""
    options: dict[str, Any] = {"dataset": "synthetic", "root": synthetic_root, "offline": True}
    with pytest.warns(LearningWarning, match="--learning-rate 0.01"):
        mnist_tool.train("mlp-plain", epochs=1, learning_rate=1e6, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mnist_tool.train("softmax", epochs=1, **options)
