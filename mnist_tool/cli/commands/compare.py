"""The command that holds two runs against each other: compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    OfflineOption,
    RootOption,
    RunDatasetOption,
    RunsOption,
    SplitOption,
    run_names,
)
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output

if TYPE_CHECKING:
    from mnist_tool.training.compare import Comparison
    from mnist_tool.training.runs import Run

SHOWN = 12  # images that are named for each of the runs
SELDOM = 0.05  # below it chance is a poor explanation


@command(
    "compare",
    ("Is the second one better?", "mnist-tool compare softmax-1 mlp-1"),
    ("All images that one alone reads rightly", "mnist-tool compare softmax-1 mlp-1 --json"),
)
def compare(
    out: Output,
    first: Annotated[Path, typer.Argument(metavar="RUN", help="A run.", autocompletion=run_names)],
    second: Annotated[
        Path, typer.Argument(metavar="RUN", help="Another one.", autocompletion=run_names)
    ],
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    split: SplitOption = "test",
    offline: OfflineOption = None,
) -> None:
    """Show both the same images, and print where they differ and what chance would do."""
    from mnist_tool.training.compare import compare_mistakes

    scenes = [Scene(out, each, runs, root, dataset, offline, split) for each in (first, second)]
    names = _names([scene.run for scene in scenes])
    scenes[1].dataset = scenes[0].dataset_name
    results = [scene.evaluate()[-1] for scene in scenes]
    found = compare_mistakes(results[0].total, results[0].mistakes, results[1].mistakes)
    for name, result in zip(names, results, strict=True):
        low, high = result.interval
        out.print(f"{name}: {result.accuracy:.4f} (95 %: {low:.4f}..{high:.4f})")
    out.print()
    rows = [
        ("both right", found.both, ""),
        (f"only {names[0]} right", len(found.only_first), _places(found.only_first)),
        (f"only {names[1]} right", len(found.only_second), _places(found.only_second)),
        ("both wrong", len(found.neither), _places(found.neither)),
    ]
    out.table(("images", "count", "their numbers"), rows, right=(1,))
    out.print()
    differ = len(found.only_first) + len(found.only_second)
    out.print(
        f"On {differ} images one is right and one wrong; McNemar's test: p = {found.p_value:.2g}, "
        f"{_said(found, names)}."
    )
    out.data(
        runs=[str(scene.run.path) for scene in scenes],
        dataset=scenes[0].dataset_name,
        split=split,
        accuracies=[result.accuracy for result in results],
        both=found.both,
        only_first=list(found.only_first),
        only_second=list(found.only_second),
        neither=list(found.neither),
        p_value=found.p_value,
    )


def _names(runs: list[Run]) -> list[str]:
    """Return what tells them apart: their names, or their folders where those are the same."""
    names = [run.name for run in runs]
    return names if names[0] != names[1] else [str(run.path) for run in runs]


def _said(found: Comparison, names: list[str]) -> str:
    """Say what the test says; of runs that no image tells apart there is nothing to say."""
    if not found.only_first and not found.only_second:
        return "no image tells them apart"
    if found.p_value >= SELDOM:
        return "chance may have done it"
    return f"{names[len(found.only_second) > len(found.only_first)]} is better"


def _places(places: tuple[int, ...]) -> str:
    more = " ..." if len(places) > SHOWN else ""
    return ", ".join(map(str, places[:SHOWN])) + more
