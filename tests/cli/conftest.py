"""What the tests of the command line share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def run_folder(synthetic_root, tmp_path_factory):
    """A short softmax training on the synthetic digits."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("runs")
    words = ["train", "--dataset", "synthetic", "--root", str(synthetic_root), "--offline"]
    words += ["--runs", str(folder), "--epochs", "3", "--threads", "1", "--no-pictures"]
    subprocess.run([sys.executable, "-m", "mnist_tool", *words], check=True, capture_output=True)
    return folder / "softmax-1"


@pytest.fixture
def where(run_folder, synthetic_root):
    """The options that point a command to that run and its data."""
    return ["--run", str(run_folder), "--root", str(synthetic_root), "--offline"]


@pytest.fixture
def words(synthetic_root: Path) -> list[str]:
    """What makes a command use the synthetic data, quickly."""
    return ["--root", str(synthetic_root), "--offline"]


@pytest.fixture
def train(run_tool: Callable[..., Any], words: list[str]) -> Callable[..., Any]:
    """Run a short training without pictures."""

    def run(*more: str) -> Any:
        short = ["--dataset", "synthetic", "--epochs", "2", "--threads", "1", "--no-pictures"]
        return run_tool("train", *words, *short, *more)

    return run
