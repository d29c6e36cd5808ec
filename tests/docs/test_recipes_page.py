"""The page of the recipes, and what other pages say of them, is what was measured."""

from __future__ import annotations

import re

import pytest

from mnist_tool.training.recipes import RECIPES, Recipe
from tests.docs.recipes_page import PAGE, PICTURES, page
from tests.docs.test_translations import text
from tests.real_data import REPOSITORY

PERCENT = re.compile(r"(\d\d\.\d+) ?%")
TUTORIALS = ("docs/tutorial.md", "docs/tutorial.ko.md")


def _rounded(recipe: Recipe, told: str) -> str:
    """Return the mean accuracy in percent, with as many digits as are told."""
    digits = len(told.partition(".")[2])
    return f"{100 * recipe.expected.accuracy:.{digits}f}" if recipe.expected else ""


def test_the_page_is_up_to_date() -> None:
    """Written anew with ``python -m tests.docs.recipes_page`` when a recipe is measured."""
    assert PAGE.read_text("utf-8") == page()


def test_each_picture_of_seeds_is_of_a_recipe() -> None:
    """None is left over from a recipe that is gone."""
    assert {each.stem for each in PAGE.parent.glob(f"{PICTURES}/*")} <= set(RECIPES)


@pytest.mark.parametrize("name", TUTORIALS)
def test_the_tutorial_has_the_measured_accuracies(name: str) -> None:
    """In its table of recipes."""
    told = re.findall(
        r"^\| `([a-z-]+)` \|.*\| ([\d.]+) % \|", text(REPOSITORY / name), re.MULTILINE
    )
    assert len(told) > 4
    assert told == [(recipe, _rounded(RECIPES[recipe], share)) for recipe, share in told]


@pytest.mark.parametrize("name", ["README.md", "docs/README.ko.md"])
def test_the_readme_has_the_measured_accuracies(name: str) -> None:
    """Each percentage that it has of a recipe is one that was measured."""
    lines = [line for line in text(REPOSITORY / name).splitlines() if "--recipe" in line]
    told = [share for line in lines for share in PERCENT.findall(line)]
    assert told
    for share in told:
        assert share in {_rounded(recipe, share) for recipe in RECIPES.values()}
