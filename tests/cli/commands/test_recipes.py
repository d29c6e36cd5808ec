"""recipes as people and programs use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnist_tool.training.recipes import RECIPES

Run = Callable[..., Any]


def test_recipes_lists_all(run_tool: Run) -> None:
    """Every recipe is in the table and in the document."""
    done = run_tool("recipes")
    assert all(name in done.stdout for name in RECIPES)
    listed = run_tool("recipes", "--json").json["data"]["recipes"]
    assert [each["name"] for each in listed] == list(RECIPES)


def test_labs_are_named(run_tool: Run) -> None:
    """Each lab of the course is trained by one recipe, or by two that are to be compared."""
    rows = [line.split("\t") for line in run_tool("recipes").stdout.splitlines()[1:]]
    labs = {name: lab for name, lab, *_ in rows}
    assert labs["softmax"] == "07-2"
    assert labs["mlp-batchnorm"] == labs["mlp-plain"] == "09-6"
    assert labs["fast-cnn"] == ""
