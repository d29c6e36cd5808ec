"""Train recipes with several seeds, print their entries: python -m tests.training.measure cnn."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import torch

from mnist_tool.training.committee import united
from mnist_tool.training.data import load
from mnist_tool.training.evaluate import evaluate
from mnist_tool.training.recipes import RECIPES
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer
from tests.benchmarks.harness import machine

FIRST_SEED = 777  # the lecture's; the others follow it


@dataclass(frozen=True)
class Trained:
    """What one training came to."""

    seed: int
    accuracy: float
    seconds: float


def measure(
    recipe: str, seeds: int, root: Path | None = None, threads: int | None = None
) -> Iterator[Trained]:
    """Train a recipe as it stands, once per seed, and test each on pixels 0 to 1."""
    splits = {split: load(split, root=root, offline=True) for split in ("train", "test")}
    count = RECIPES[recipe].members  # each member of each committee has a seed of its own
    for seed in range(FIRST_SEED, FIRST_SEED + seeds * count, count):
        settings = Settings.of(recipe, seed=seed, threads=threads)
        members, seconds = [], 0.0
        for member in range(1, count + 1):
            trainer = Trainer(settings.of_member(member), *splits["train"])
            began = time.perf_counter()
            for _ in trainer.epochs():
                pass
            seconds += time.perf_counter() - began
            members.append(trainer.model)
        yield Trained(seed, evaluate(united(members), *splits["test"]).accuracy, seconds)


def entry(results: list[Trained]) -> str:
    """Write the results as the recipe's `Expected`."""
    shares = [each.accuracy for each in results]
    spread = statistics.stdev(shares) if len(shares) > 1 else 0.0
    seconds = statistics.median(each.seconds for each in results)
    version = torch.__version__.partition("+")[0]
    today = datetime.now(timezone.utc).date()
    return (
        f"Expected({statistics.mean(shares):.4f}, {spread:.4f}, {len(shares)}, {seconds:.3g}, "
        f'"torch {version}", "{today}")'
    )


def summary(results: list[Trained]) -> str:
    """Say how many there were, how they lie, how long one took, and on what."""
    shares = [100 * each.accuracy for each in results]
    spread = f"sd {statistics.stdev(shares):.3f}, " if len(shares) > 1 else ""
    seconds = statistics.median(each.seconds for each in results)
    return (
        f"n {len(shares)}, mean {statistics.mean(shares):.3f} %, {spread}min {min(shares):.2f}, "
        f"max {max(shares):.2f}, median {seconds:.3g} s; {machine()}"
    )


def main() -> None:
    """Measure the recipes named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipes", nargs="+", choices=RECIPES, metavar="RECIPE")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int)
    asked = parser.parse_args()
    for recipe in asked.recipes:
        results = []
        for trained in measure(recipe, asked.seeds, threads=asked.threads):
            results.append(trained)
            what = f"{trained.accuracy:.4f}, {trained.seconds:.1f} s"
            print(f"{recipe} seed {trained.seed}: {what}", flush=True)
        print(f"{recipe}: {summary(results)}")
        print(f"{recipe}: {entry(results)}", flush=True)


if __name__ == "__main__":
    main()
