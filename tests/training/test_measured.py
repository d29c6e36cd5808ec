"""Each recipe still reaches what its entry says; minutes of training: make test-slow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mnist_tool.training.recipes import RECIPES, Expected
from tests.training.measure import Trained, entry, measure, summary

MEASURED = {name: recipe.expected for name, recipe in RECIPES.items() if recipe.expected}

# A spread of a few seeds is itself uncertain, and other versions and processors round otherwise:
# only so many spreads away (of the least that is believed, or more) a recipe is another one.
FACTOR, LEAST = 5, 0.0005


def reached(expected: Expected, accuracy: float) -> bool:
    """Whether one training's accuracy belongs to the measured ones."""
    return abs(accuracy - expected.accuracy) <= FACTOR * max(expected.spread, LEAST)


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", MEASURED)
def test_recipe_reaches_its_measured_accuracy(name: str, mnist_root: Path) -> None:
    """One training with the recipe's own seed comes to the mean, within the spread."""
    (trained,) = measure(name, seeds=1, root=mnist_root)
    assert reached(MEASURED[name], trained.accuracy), trained


@pytest.mark.parametrize("name", MEASURED)
def test_a_wrong_entry_would_be_noticed(name: str) -> None:
    """An accuracy two points off is never within the tolerance."""
    expected = MEASURED[name]
    assert reached(expected, expected.accuracy)
    for wrong in (0.02, -0.02):
        assert not reached(replace(expected, accuracy=expected.accuracy + wrong), expected.accuracy)


def test_the_entry_is_mean_and_spread() -> None:
    """What is printed can be put into the recipe: mean, standard deviation, seeds, median time."""
    results = [Trained(777, 0.90, 3.0), Trained(778, 0.92, 5.0), Trained(779, 0.94, 4.0)]
    assert entry(results).startswith("Expected(0.9200, 0.0200, 3, 4, ")
    assert entry(results[:1]).startswith("Expected(0.9000, 0.0000, 1, 3, ")


def test_the_summary_is_all_statistics() -> None:
    """Number, mean, standard deviation, least, most, seconds and machine; one has no deviation."""
    results = [Trained(777, 0.90, 3.0), Trained(778, 0.92, 5.0), Trained(779, 0.94, 4.0)]
    told = summary(results)
    assert told.startswith("n 3, mean 92.000 %, sd 2.000, min 90.00, max 94.00, median 4 s; ")
    assert "cores" in told.partition("; ")[2]
    assert "sd" not in summary(results[:1])
