"""The command that trains: train."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_tool import configuration
from mnist_tool.cli.drawing import finish_picture, open_painter
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import DatasetOption, OfflineOption, RootOption, RunsOption
from mnist_tool.cli.runs import prepare_torch, repeat, show_accuracies
from mnist_tool.cli.screen.display import open_display
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import get_dataset
from mnist_tool.dataset.sources import fetch
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SettingError, StorageError
from mnist_tool.plots.background import Drawing
from mnist_tool.training.recipes import (
    OPTIONS,
    RECIPES,
    Settings,
    tunable,
)
from mnist_tool.training.runs import Run, costs_to_draw, find_run, make_run, new_run
from mnist_tool.training.tuning import option_name
from mnist_tool.training.tuning import read as read_changes

if TYPE_CHECKING:
    from torch import Tensor

    from mnist_tool.training.session import Session


def _recipe_names(incomplete: str) -> list[str]:
    return [name for name in RECIPES if name.startswith(incomplete)]


def _tunable_names(incomplete: str) -> list[str]:
    names = (f"{option_name(name)}=" for name in tunable())
    return [name for name in names if name.startswith(incomplete)]


@command(
    "train",
    ("Repeat the lecture", "mnist-tool train"),
    ("Watch the accuracy on held-out images", "mnist-tool train --recipe cnn --val 10000"),
    (
        "Change the recipe",
        "mnist-tool train --recipe mlp-xavier --epochs 5 --set schedule=one-cycle",
    ),
    ("Go on after Ctrl-C", "mnist-tool train --resume"),
)
def train(
    out: Output,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", metavar="NAME", autocompletion=_recipe_names,
                     show_default=False,
                     help="What to train; see: mnist-tool recipes [default: softmax]"),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", metavar="N", show_default=False,
                     help="Passes over the data. [default: the recipe's]"),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option("--batch-size", metavar="N", show_default=False,
                     help="Images per step. [default: the recipe's]"),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option("--learning-rate", metavar="RATE", show_default=False,
                     help="Step size. [default: the recipe's]"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", show_default=False,
                     help="First weights and order of the images. [default: the recipe's]"),
    ] = None,
    changed: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", show_default=False,
                     autocompletion=_tunable_names,
                     help="Change another value of the recipe; may be repeated. "
                          f"Names: {', '.join(map(option_name, tunable()))}."),
    ] = None,
    validation: Annotated[
        int | None,
        typer.Option("--val", metavar="N", show_default=False,
                     help="Hold out N training images and show the accuracy on them. "
                          "[default: 0]"),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="auto|cpu|cuda|mps", show_default=False,
                     help="Where to train. [default: auto]"),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", show_default=False,
                     help="Threads of the processor. [default: the recipe's, else torch's]"),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the newest run, or with that of --run."),
    ] = False,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="FOLDER", show_default=False,
                     help="Folder for this run. [default: the next in --runs]"),
    ] = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Do not draw the cost curve.")
    ] = False,
) -> None:  # fmt: skip
    """Print the cost of each epoch, the accuracies, and where the run lies."""
    changes = {
        "recipe": recipe, "epochs": epochs, "batch_size": batch_size, "seed": seed,
        "learning_rate": learning_rate, "validation": validation, "device": device,
        "threads": threads, "dataset": None if dataset == "mnist" else dataset,
        **read_changes(changed or [], tunable(), OPTIONS),
    }  # fmt: skip
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    folder = Path(configuration.get("runs", runs))
    old = _resumable(run, folder, given) if resume else None
    settings = Settings.from_dict(old.settings) if old else Settings.of(**given)
    with nullcontext() if no_pictures else open_painter(out) as painter:
        splits = _load(out, settings, root, offline)
        place = old or (make_run(run) if run else new_run(folder, settings.recipe))
        out.again = f"Go on with: {repeat('train --resume', run=place.path, root=root)}"
        session = _train(out, place, settings, *splits["train"])
        out.print("Learning finished")
        if painter:
            costs, per_epoch = costs_to_draw({place.name: session.metrics})
            painter.begin(Drawing("draw_costs", (costs,), {"per_epoch": per_epoch}))
        show_accuracies(out, settings, session.evaluate(*splits["test"]))
        pictures = _keep_picture(out, finish_picture(out, painter), place)
    out.print(f"Run: {place.path}")
    for picture in pictures:
        out.print(f"Picture: {picture}")
    out.data(run=place.path, pictures=pictures, settings=settings.as_dict(), epochs=session.metrics)
    out.hint(repeat("predict-random", run=run, runs=runs, root=root))


def _keep_picture(out: Output, content: bytes | None, run: Run) -> list[Path]:
    if content is None:
        return []
    from mnist_tool import plots

    try:
        return [plots.write(content, run.path / "cost.png")]
    except StorageError as error:  # the training is done and kept
        out.warn(f"{error.message} {error.hint}")
        return []


def _option(name: str) -> str:
    if name == "validation":
        return "--val"
    return f"--{'set ' if name in tunable() else ''}{option_name(name)}"


def _resumable(run: Path | None, runs: Path, given: dict[str, Any]) -> Run:
    if given:
        names = ", ".join(map(_option, sorted(given)))
        raise SettingError(
            f"--resume goes on with the settings of its run, so {names} cannot be changed.",
            hint="Leave them out, or train anew without --resume.",
        )
    return find_run(run, runs)


def _load(
    out: Output, settings: Settings, root: Path | None, offline: bool | None
) -> dict[str, tuple[Tensor, Tensor]]:
    """Fetch what is missing; then read both splits while torch loads."""
    store = Store(Path(configuration.get("root", root)), get_dataset(settings.dataset))
    with out.progress() as progress:
        fetch(store.root, dataset=settings.dataset, offline=offline, progress=progress)
    with ThreadPoolExecutor(1) as thread:
        reading = {split: thread.submit(store.read_split, split) for split in ("train", "test")}
        prepare_torch(settings)
    from mnist_tool.training.data import tensors

    return {split: tensors(*arrays.result()) for split, arrays in reading.items()}


def _train(out: Output, run: Run, settings: Settings, images: Tensor, labels: Tensor) -> Session:
    from mnist_tool.training.session import Session

    session = Session(run, settings, images, labels)
    done = len(session.metrics)
    if done:
        out.note(f"Going on with {run.path} after epoch {done} of {settings.epochs}.")
    with open_display(out, settings, session.trainer.batches * settings.batch_size) as display:
        for result in session.epochs(display):
            validation = result.validation_accuracy
            suffix = "" if validation is None else f" validation accuracy = {validation:.4f}"
            with display.paused():
                out.print(f"Epoch: {result.epoch:04d} cost = {result.cost:.9f}{suffix}")
    return session
