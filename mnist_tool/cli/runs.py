"""What train and test share: torch made ready, accuracies in words, the next command line."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool.cli.screen.output import Output
from mnist_tool.training.recipes import Settings

if TYPE_CHECKING:
    from mnist_tool.training.evaluate import Evaluation

__all__ = ["prepare_torch", "repeat", "show_accuracies"]

SCALES = {True: ("0..255", "as the lecture tested"), False: ("0..1", "as trained")}


def prepare_torch(settings: Settings) -> None:
    """Load torch, and check what only torch knows."""
    # How long threads spin while they wait for each other, before they sleep. The steps are so
    # short that sleeping at once makes them three times slower; but with GNU OpenMP's own, longer
    # patience, training is ten times slower on a machine that is busy with other work. No digit
    # depends on it. It is read once, when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    from mnist_tool.training.trainer import resolve_device

    resolve_device(settings.device)


def repeat(words: str, **places: Path | None) -> str:
    """Return a command line that looks where the user's own one did."""
    line = ["mnist-tool", *words.split()]
    for name, place in places.items():
        line += [f"--{name}", str(place)] if place else []
    return shlex.join(line)


def show_accuracies(out: Output, settings: Settings, results: list[Evaluation]) -> None:
    """Print each accuracy with its pixels and its interval, and why there are two."""
    for result in results:
        low, high = result.interval
        where = _test_pixels(settings.dataset, raw=result.raw)
        out.print(f"Accuracy: {result.accuracy:.4f} on {where} (95 %: {low:.4f}..{high:.4f})")
    if any(result.raw for result in results):
        out.note(
            "Both are of the same weights, which were trained on pixels 0..1. "
            "On 0..255 ink counts 255 times as much, but the biases do not."
        )
    out.data(test=[result.as_dict() for result in results])


def _test_pixels(dataset: str, *, raw: bool) -> str:
    """Say what was tested on, in so few words that the line fits 80 columns."""
    pixels, why = SCALES[raw]
    return (
        f"pixels {pixels}, {why}" if dataset == "mnist" else f"{dataset} pixels {pixels}, not MNIST"
    )
