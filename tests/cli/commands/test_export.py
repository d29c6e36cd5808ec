"""`export` prints what it wrote, and says how it is read back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.dataset.shrunk import registered
from tests.faults.tiny import laid_down

Run = Callable[..., Any]


def test_the_paths_are_the_product(run_tool: Run, synthetic_root: Path) -> None:
    """One a line; the hint is a command that reads them back."""
    words = ("--dataset", "synthetic", "--root", str(synthetic_root))
    done = run_tool("export", "x.csv", *words)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["x_train.csv", "x_test.csv"]
    hint = "mnist-tool fetch --from x_train.csv --from x_test.csv --dataset synthetic"
    assert hint in done.stderr
    done = run_tool("fetch", "--from", "x_train.csv", "--from", "x_test.csv", "--root", "new",
                    "--dataset", "synthetic")  # fmt: skip
    assert done.exit_code == 0
    assert "train-images-idx3-ubyte: from x_train.csv/images" in done.stderr


def test_json_tells_each_file(run_tool: Run, synthetic_root: Path) -> None:
    """Its path, how many images it has, and of a .gz whether it is the original."""
    words = ("--json", "--dataset", "synthetic", "--root", str(synthetic_root))
    done = run_tool("export", "x.npz", "--split", "test", "--limit", "3", *words)
    assert done.json["data"]["files"] == [{"path": "x.npz", "images": 3, "original": None}]
    with np.load("x.npz") as found:
        assert found["x_test"].shape == (3, 28, 28)
    done = run_tool("export", "gz", "--format", "gz", *words)
    assert [file["original"] for file in done.json["data"]["files"]] == [None] * 4


@pytest.mark.parametrize("words", [("x.npz",), ("x.tar.gz",), ("x", "--format", "gz")])
def test_what_fetch_would_refuse_is_not_advised(words: tuple[str, ...], run_tool: Run) -> None:
    """Nobody can prove it without the published files; the folder that is advised does prove it."""
    with registered("kmnist") as small:
        published = laid_down(Path("published"), small["kmnist"].packed)
        where = ("--dataset", "kmnist", "--offline", "--root")
        assert run_tool("fetch", "--from", str(published), *where, "here").exit_code == 0
        done = run_tool("export", *words, *where, "here")
        assert done.exit_code == 0
        assert "fetch --from" not in done.stderr
        assert "copy the folder KMNIST" in done.stderr
        assert run_tool("fetch", "--from", words[0], *where, "refused").exit_code == 3
        shutil.copytree("here/KMNIST", "there/KMNIST")
        assert run_tool("verify", "--dataset", "kmnist", "--root", "there").exit_code == 0


@pytest.mark.parametrize("words", [("x",), ("x.npz", "--limit", "0"), ("--format", "zip")])
def test_what_cannot_be_meant_is_usage(words: tuple[str, ...], run_tool: Run) -> None:
    """Before anything is fetched."""
    done = run_tool("export", *words, "--offline")
    assert done.exit_code == 2
    assert "hint:" in done.stderr
