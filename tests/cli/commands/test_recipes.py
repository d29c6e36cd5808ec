"""recipes as people and programs use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from mnist_tool.training.recipes import RECIPES, Expected

Run = Callable[..., Any]


def test_recipes_lists_all(run_tool: Run) -> None:
    """Every recipe is in the table and in the document."""
    done = run_tool("recipes")
    assert all(name in done.stdout for name in RECIPES)
    listed = run_tool("recipes", "--json").json["data"]["recipes"]
    assert [each["name"] for each in listed] == list(RECIPES)


def test_labs_are_named(run_tool: Run) -> None:
    """Each lab of the course is trained by one recipe, or by two that are to be compared."""
    first = run_tool("recipes").stdout.partition("\n\n")[0]
    rows = [line.split("\t") for line in first.splitlines()[1:]]
    labs = {name: lab for name, lab, *_ in rows}
    assert labs["softmax"] == "07-2"
    assert labs["mlp-batchnorm"] == labs["mlp-plain"] == "09-6"
    assert labs["fast-cnn"] == ""


def reached(run_tool: Run, expected: Expected | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the second table has of a recipe that reached this."""
    monkeypatch.setitem(RECIPES, "mlp", replace(RECIPES["mlp"], expected=expected))
    heading, *rows = run_tool("recipes").stdout.partition("\n\n")[2].splitlines()
    assert heading.split("\t") == ["recipe", "n", "mean", "sd", "min", "max", "time", "machine"]
    return next(row.split("\t")[1:] for row in rows if row.startswith("mlp\t"))


def test_what_was_reached_is_told_whole(run_tool: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Number, mean, deviation, least, most, seconds, processor; as exactly as they were kept."""
    found = Expected(
        0.99043, 0.00048, 100, 0.953, "torch 9", "2026-01-01", 0.989, 0.9917, "Chip, 2 cores"
    )
    row = ["100", "99.043", "±0.048", "98.90", "99.17", "0.953 s", "Chip, 2 cores"]
    assert reached(run_tool, found, monkeypatch) == row
    listed = run_tool("recipes", "--json").json["data"]["recipes"]
    (told,) = (each["expected"] for each in listed if each["name"] == "mlp")
    assert told == asdict(found)


def test_what_was_not_kept_is_a_dash(run_tool: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is invented: not the least and most of old rows, not the deviation of one seed."""
    found = Expected(0.9, 0.0, 1, 3.0, "torch 9", "2026-01-01")
    row = ["1", "90.00", "-", "-", "-", "3 s", "-"]
    assert reached(run_tool, found, monkeypatch) == row
    assert reached(run_tool, None, monkeypatch) == ["0", "not yet", *5 * "-"]
