"""The examples in each command's help run as they are printed, on small data."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from mnist_tool.dataset.registry import DATASETS
from tests.cli.lines import pictures
from tests.real_data import REPOSITORY

EXAMPLES = [line for name in COMMANDS for _, line in LazyCommands()[name].examples]

# Those that cannot be run here.
EXEMPT = {
    "mnist-tool fetch --mirror": "asks the network",
    "mnist-tool sources --check": "asks the network",
    "mnist-tool fetch --from /media/stick/mnist": "needs a stick",
    "mnist-tool serve --host 0.0.0.0": "serves until Ctrl-C",
    "mnist-tool serve --port 8080": "serves until Ctrl-C",
    "mnist-tool doctor --python /usr/bin/python3": "needs that Python",
    "pbpaste | mnist-tool doctor --explain -": "needs a Mac",
    "mnist-tool doctor data torch": "trains for some seconds; tests/cli/commands/test_doctor.py",
    "mnist-tool train --recipe cnn --val 10000": "trains for minutes",
    "mnist-tool train --recipe mlp-xavier --tensorboard": "trains for a minute",
    "mnist-tool train --recipe mlp-xavier --epochs 5 --set schedule=one-cycle": "trains for long",
    "mnist-tool test --dataset qmnist --split test50k": "asks the network",
    "mnist-tool page --run fast-cnn-1 --open": "opens a browser",
}
# Those to which drawn digits are another answer: it recognises fewer of them.
ANSWERED_NO = {"mnist-tool test --run runs/softmax-1 --min-accuracy 0.92"}


@pytest.fixture
def _workplace(
    synthetic_root: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put what the examples name into the current folder, and digits that are drawn for MNIST."""
    monkeypatch.setitem(DATASETS, "mnist", replace(DATASETS["synthetic"], name="mnist"))
    monkeypatch.setenv("MNIST_TOOL_DOCTOR_SKIP", "torch interpreters packages copies")
    shutil.copytree(synthetic_root, "MNIST_data")
    for number in ("softmax-1", "mlp-1", "cnn-1", "fast-cnn-1"):
        shutil.copytree(request.getfixturevalue("run_folder"), Path("runs", number))
    for picture in ("digit.png", "photo.jpg", "pictures/seven.jpg"):
        Path(picture).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "data" / "seven-photo.jpg", picture)
    pictures(Path("letters"))


@pytest.mark.torch
@pytest.mark.usefixtures("_workplace")
@pytest.mark.parametrize("line", [line for line in EXAMPLES if line not in EXEMPT])
def test_each_example_runs(run_tool: Callable[..., Any], line: str) -> None:
    """As a reader would paste it."""
    program, *words = shlex.split(line)
    assert program == "mnist-tool"
    done = run_tool(*words)
    assert done.exit_code == int(line in ANSWERED_NO), done.stderr


@pytest.mark.parametrize("line", [line for line in EXEMPT if line.startswith("mnist-tool")])
def test_the_others_are_understood(run_tool: Callable[..., Any], line: str) -> None:
    """Their commands and options are there; with --help behind them they do nothing."""
    assert run_tool(*shlex.split(line)[1:], "--help").exit_code == 0


def test_only_examples_are_exempt() -> None:
    """Whose reasons go when they go."""
    assert set(EXEMPT) <= set(EXAMPLES)
