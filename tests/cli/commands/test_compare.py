"""compare as people and programs use it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.training.compare import compare_mistakes


def test_a_run_is_as_good_as_itself(run_tool: Any, where: list[str]) -> None:
    """By its name or its folder; no image tells it from itself."""
    folder = where[1]
    done = run_tool("compare", folder, folder, *where[2:])
    assert "On 0 images one is right and one wrong; McNemar's test: p = 1, no im" in done.stdout
    data = run_tool("compare", folder, folder, *where[2:], "--json").json["data"]
    assert (data["only_first"], data["only_second"], data["p_value"]) == ([], [], 1.0)
    assert data["both"] + len(data["neither"]) == 1000
    assert data["accuracies"][0] == data["both"] / 1000


def test_a_better_run_is_called_so(run_tool: Any, where: list[str], synthetic_root: Any) -> None:
    """And the numbers of the images can be looked at."""
    words = ["--dataset", "synthetic", "--root", str(synthetic_root), "--offline"]
    worse = ["--learning-rate", "1e-6", "--epochs", "1", "--runs", "runs", "--no-pictures"]
    assert run_tool("train", *worse, *words, "-q").exit_code == 0
    done = run_tool("compare", "runs/softmax-1", where[1], *words)
    better = where[1].rpartition("/")[2]
    assert f"{better} is better" in done.stdout
    data = run_tool("compare", "runs/softmax-1", where[1], *words, "--json").json["data"]
    assert f"On {len(data['only_first']) + len(data['only_second'])} images one is" in done.stdout
    assert data["p_value"] < 1e-9
    assert len(data["only_second"]) > len(data["only_first"])


def test_what_chance_may_have_done_is_no_victory(
    run_tool: Any, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two images for one and four for the other, neither is called better."""
    words = [where[1], where[1], *where[2:]]
    monkeypatch.setattr(
        "mnist_tool.training.compare.compare_mistakes",
        lambda total, *_: compare_mistakes(total, {1, 2, 5}, {5, 6, 7, 8, 9}),
    )
    told = run_tool("compare", *words).stdout.splitlines()[-1]
    assert told.startswith("On 6 images one is right and one wrong; McNemar's test: p = 0.69,")
    assert told.endswith("chance may have done it.")


def test_runs_of_one_name_are_told_apart(run_tool: Any, where: list[str]) -> None:
    """By their folders."""
    shutil.copytree(where[1], f"copy/{Path(where[1]).name}")
    other = f"copy/{Path(where[1]).name}"
    done = run_tool("compare", where[1], other, *where[2:])
    assert f"only {where[1]} right" in done.stdout
    assert f"only {other} right" in done.stdout


@pytest.mark.parametrize("words", [(), ("nothing", "nothing")])
def test_two_runs_must_be_there(run_tool: Any, words: tuple[str, ...]) -> None:
    """The error says how to name them."""
    done = run_tool("compare", *words)
    assert done.exit_code in {2, 3}
    assert "hint:" in done.stderr
