"""compare as people and programs use it."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_run_is_as_good_as_itself(run_tool: Any, where: list[str]) -> None:
    """By its name or its folder; no image tells it from itself."""
    folder = where[1]
    done = run_tool("compare", folder, folder, *where[2:])
    assert "They differ on 0 images; McNemar's test: p = 1, chance" in done.stdout
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
    assert data["p_value"] < 1e-9
    assert len(data["only_second"]) > len(data["only_first"])


@pytest.mark.parametrize("words", [(), ("nothing", "nothing")])
def test_two_runs_must_be_there(run_tool: Any, words: tuple[str, ...]) -> None:
    """The error says how to name them."""
    done = run_tool("compare", *words)
    assert done.exit_code in {2, 3}
    assert "hint:" in done.stderr
