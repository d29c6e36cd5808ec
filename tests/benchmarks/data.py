"""Comparisons about the data and about starting: against curl, sha256sum and bare imports."""

from __future__ import annotations

import sys
from collections.abc import Callable

from mnist_tool.dataset.registry import MNIST
from tests.benchmarks.harness import Comparison, Sample, Side
from tests.real_data import REPOSITORY

__all__ = ["COMPARISONS"]

TOOL = ("-m", "mnist_tool")
ADDRESSES = " ".join(f"{{mirror}}{file.name}.gz" for file in MNIST.files)


def _shell(label: str, script: str) -> Side:
    """A side that is a shell script instead of an interpreter."""
    return Side(label, ("-c", script), program="bash")


CURL = _shell(
    "curl, gunzip, sha256sum",
    f"set -e; curl -s --remote-name-all {ADDRESSES}; gunzip *.gz; sha256sum *",
)
HASH = _shell("sha256sum of the four files", "sha256sum {root}/MNIST/raw/*-ubyte")
HASH_AND_START = _shell(
    "sha256sum, and python -c 'import typer, rich'",
    f"sha256sum {{root}}/MNIST/raw/*-ubyte; {sys.executable} -c 'import typer, rich'",
)
START = Side("python -c 'import typer, rich'", ("-c", "import typer, rich"))
COMPLETION = _shell(
    "completion of mnist-tool pre<TAB>",
    "_MNIST_TOOL_COMPLETE=complete_bash COMP_WORDS='mnist-tool pre' COMP_CWORD=1 "
    f"{sys.executable} -m mnist_tool",
)
TORCH = Side("python -c 'import torch'", ("-c", "import torch"))
PICTURE = str(REPOSITORY / "data" / "two-black-on-white.png")


def within(limit: float) -> Callable[[Sample, Sample], str]:
    """Return what says if ours takes more seconds than that."""
    return lambda ours, _theirs: "" if ours.seconds <= limit else f"more than {limit} s"


COMPARISONS = (
    Comparison(
        "fetch",
        Side("mnist-tool fetch", (*TOOL, "fetch", "--from", "{mirror}", "--root", "new")),
        CURL,
        reach=1 / 1.3,
    ),
    Comparison(
        "fetch-again",
        Side("mnist-tool fetch, all there", (*TOOL, "fetch")),
        HASH_AND_START,
        reach=1 / 1.3,
        wrong=within(0.35),
    ),
    Comparison(
        "verify", Side("mnist-tool verify", (*TOOL, "verify")), HASH_AND_START, reach=1 / 1.3
    ),
    Comparison("help", Side("mnist-tool --help", (*TOOL, "--help")), START, reach=1 / 2),
    Comparison("version", Side("mnist-tool --version", (*TOOL, "--version")), START, reach=1 / 2),
    Comparison("completion", COMPLETION, START, reach=1 / 2),
    Comparison(
        "doctor",
        Side("mnist-tool doctor", (*TOOL, "doctor"), answers=(0, 1)),
        Side("python -c 'import torch, torchvision'", ("-c", "import torch, torchvision")),
        reach=1,
    ),
    Comparison(
        "predict",
        Side("mnist-tool predict, one picture", (*TOOL, "predict", PICTURE, "--runs", "{runs}")),
        TORCH,
        reach=1 / 1.3,
    ),
    Comparison(
        "predict-shipped",
        Side("the same, with the weights that ship", (*TOOL, "predict", PICTURE)),
        TORCH,
        reach=2,
        wrong=within(0.4),
    ),
    Comparison(
        "predict-random",
        Side("mnist-tool predict-random", (*TOOL, "predict-random", "--runs", "{runs}")),
        TORCH,
        reach=1 / 1.3,
    ),
)
