"""Train recipes with several seeds, print their entries: python -m tests.training.measure cnn."""

from __future__ import annotations

import argparse
import os
import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import torch

from mnist_tool import plots
from mnist_tool.errors import MnistToolError
from mnist_tool.training.committee import united
from mnist_tool.training.data import load
from mnist_tool.training.evaluate import evaluate
from mnist_tool.training.recipes import RECIPES
from mnist_tool.training.settings import Settings
from tests.benchmarks.harness import machine, processor
from tests.training.histogram import draw_seeds
from tests.training.netsfolder import NetsFolder, train
from tests.training.seedlog import SeedLog, Trained

FIRST_SEED = 777  # the lecture's; the others follow it


THREADS = torch.get_num_threads()  # as torch chooses them; a recipe's own stay set behind it


@dataclass(frozen=True)
class Place:
    """Where a recipe is trained, of which its seconds depend, and in the last digits the rest."""

    machine: str
    versions: str

    @classmethod
    def of(cls, recipe: str, threads: int | None = None) -> Place:
        """Return the processor with the cores that are used, and torch's version."""
        name, cores = re.sub(r"\((?:R|TM)\)", "", processor()), os.cpu_count() or 1
        used = Settings.of(recipe, threads=threads).recipe.threads or THREADS
        some = f"{used} of {cores}" if used < cores else f"{cores}"
        version = torch.__version__.partition("+")[0]
        return cls(f"{name}, {some} cores", f"torch {version}")


def measure(
    recipe: str,
    seeds: int,
    root: Path | None = None,
    threads: int | None = None,
    log: Path | None = None,
    nets: Path | None = None,
) -> Iterator[Trained]:
    """Train a recipe as it stands, once per seed, and test each on pixels 0 to 1.

    With a `log`, each seed is kept there, and those that it already has are not trained again.
    With `nets`, each network is kept in that folder, or taken from it.
    """
    count = RECIPES[recipe].members  # each member of each committee has a seed of its own
    torch.set_num_threads(THREADS)
    settings, place = Settings.of(recipe, threads=threads), Place.of(recipe, threads)
    train_one = NetsFolder(nets).train if nets else train
    kept = SeedLog(log, settings, place.machine, place.versions) if log else None
    done = kept.read() if kept else {}
    splits = {split: load(split, root=root, offline=True) for split in ("train", "test")}
    for seed in range(FIRST_SEED, FIRST_SEED + seeds * count, count):
        if seed in done:
            yield done[seed]
            continue
        members, seconds = [], 0.0
        for member in range(1, count + 1):
            own = Settings.of(recipe, seed=seed, threads=threads).of_member(member)
            model, took = train_one(own, splits["train"])
            seconds += took
            members.append(model)
        accuracy = evaluate(united(members), *splits["test"]).accuracy
        trained = Trained(seed, accuracy, seconds)
        if kept:
            kept.add(trained)
        yield trained


def entry(results: list[Trained], place: Place) -> str:
    """Write the results as the recipe's `Expected`."""
    shares = [each.accuracy for each in results]
    spread = statistics.stdev(shares) if len(shares) > 1 else 0.0
    seconds = statistics.median(each.seconds for each in results)
    today = datetime.now(timezone.utc).date()
    return (
        f"Expected({statistics.mean(shares):.5f}, {spread:.5f}, {len(shares)}, {seconds:.3g}, "
        f'"{place.versions}", "{today}", {min(shares):.4f}, {max(shares):.4f}, "{place.machine}")'
    )


def summary(results: list[Trained]) -> str:
    """Say how many there were, how they lie, how long one took, and on what."""
    return f"{spread_of(results)}; {machine()}"


def spread_of(results: list[Trained]) -> str:
    """Say how many there were, how they lie, and how long one took."""
    shares = [100 * each.accuracy for each in results]
    spread = f"sd {statistics.stdev(shares):.3f}, " if len(shares) > 1 else ""
    seconds = statistics.median(each.seconds for each in results)
    return (
        f"n {len(shares)}, mean {statistics.mean(shares):.3f} %, {spread}min {min(shares):.2f}, "
        f"max {max(shares):.2f}, median {seconds:.3g} s"
    )


def save_picture(recipe: str, results: list[Trained], place: Place, path: Path) -> None:
    """Draw how the accuracies of the seeds lie."""
    shares = [each.accuracy for each in results]
    title, below = f"Recipe {recipe}", f"{place.machine}, {place.versions}"
    plots.save(draw_seeds(shares, title=title, subtitle=spread_of(results), note=below), path)


def main(words: list[str] | None = None) -> None:
    """Measure the recipes named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.training.measure", description=__doc__)
    parser.add_argument("recipes", nargs="+", choices=RECIPES, metavar="RECIPE")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--root", type=Path, help="where MNIST is")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="keep each seed there, and go on from it"
    )
    parser.add_argument(
        "--nets", type=Path, metavar="FOLDER", help="keep each network there, and take it from it"
    )
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="draw the seeds of a single recipe: .svg, .png"
    )
    asked = parser.parse_args(words)
    if asked.seeds < 1:
        parser.error("--seeds must be 1 or more")
    if asked.save and len(asked.recipes) > 1:
        parser.error("--save draws one recipe")
    try:
        if asked.save:
            plots.check_format(asked.save)
        for recipe in asked.recipes:
            _measure_and_tell(recipe, asked)
    except MnistToolError as error:
        parser.exit(error.exit_code, f"error: {error.message}\nhint: {error.hint}\n")
    except KeyboardInterrupt:
        kept = "the same line goes on from" if asked.log else "nothing is kept without"
        parser.exit(130, f"Interrupted; {kept} --log {asked.log or 'FILE'}\n")


def _measure_and_tell(recipe: str, asked: argparse.Namespace) -> None:
    results, place = list[Trained](), Place.of(recipe, asked.threads)
    for trained in measure(recipe, asked.seeds, asked.root, asked.threads, asked.log, asked.nets):
        results.append(trained)
        what = f"{trained.accuracy:.4f}, {trained.seconds:.3g} s"
        print(f"{recipe} seed {trained.seed}: {what}", flush=True)
    print(f"{recipe}: {summary(results)}")
    print(f"{recipe}: {entry(results, place)}", flush=True)
    if asked.save:
        save_picture(recipe, results, place, asked.save)
        print(f"Picture: {asked.save}")


if __name__ == "__main__":
    main()
