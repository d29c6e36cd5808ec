"""What the commands that use a run share: threads that do not wait long, accuracies in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mnist_tool.cli.screen.output import Output
from mnist_tool.training.settings import Settings

if TYPE_CHECKING:
    from mnist_tool.training.evaluate import Evaluation

__all__ = ["calm_threads", "show_accuracies", "show_members"]

SCALES = {True: ("0..255", "as the lecture tested"), False: ("0..1", "as trained")}


def calm_threads() -> None:
    """Let torch's threads, when it is loaded, give up the processor while they wait.

    They spin for a while before they sleep. The steps are so short that sleeping at once makes them
    three times slower; but with GNU OpenMP's own, longer patience, training is ten times slower on
    a machine that is busy with other work. No digit depends on it.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")


def show_accuracies(
    out: Output,
    settings: Settings,
    results: list[Evaluation],
    dataset: str | None = None,
    split: str = "test",
) -> None:
    """Print each accuracy with its pixels and its interval, and why there are two.

    `dataset` and `split` are what the model was shown; by default the test images of what it was
    trained on.
    """
    for result in results:
        low, high = result.interval
        where = _pixels(dataset or settings.dataset, split, raw=result.raw)
        out.print(f"Accuracy: {result.accuracy:.4f} on {where} (95 %: {low:.4f}..{high:.4f})")
    if any(result.raw for result in results):
        out.note(
            "Both are of the same weights, which were trained on pixels 0..1. "
            "On 0..255 ink counts 255 times as much, but the biases do not."
        )
    out.data(test=[result.as_dict() for result in results])


def show_members(out: Output, results: list[Evaluation]) -> None:
    """Print how each member of a committee does by itself; nothing where there is one model."""
    for number, result in enumerate(results, 1):
        low, high = result.interval
        out.print(f"Member {number}: {result.accuracy:.4f} alone (95 %: {low:.4f}..{high:.4f})")
    if results:
        out.data(members=[result.as_dict() for result in results])


def _pixels(dataset: str, split: str, *, raw: bool) -> str:
    """Say what was tested on, in so few words that the line fits 80 columns."""
    pixels, why = SCALES[raw]
    if dataset == "mnist":
        return f"pixels {pixels}, {why}" if split == "test" else f"{split} pixels {pixels}"
    part = "" if split == "test" else f"{split} "
    return f"{dataset} {part}pixels {pixels}, not MNIST"
