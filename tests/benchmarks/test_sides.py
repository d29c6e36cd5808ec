"""What the comparisons ask for is there: whoever records them learns of a slip at once."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from mnist_tool.training.recipes import RECIPES
from tests.benchmarks.__main__ import COMPARISONS
from tests.benchmarks.harness import Side
from tests.benchmarks.sides import SIDES


@pytest.mark.parametrize("name", COMPARISONS)
def test_each_side_can_be_called_with_its_words(name: str) -> None:
    """A function of that name takes the values that are given it, and the recipe exists."""
    for side in (COMPARISONS[name].ours, COMPARISONS[name].theirs):
        assert isinstance(side, Side)
        if tuple(side.words[:2]) != ("-m", "tests.benchmarks.sides"):
            continue
        called, _, *more = side.words[2:]
        given = dict(word.split("=", 1) for word in more)
        inspect.signature(SIDES[called]).bind(Path(), **given)
        assert given.get("recipe", "best") in RECIPES
