"""The command that trains: train."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_tool import configuration
from mnist_tool.advice import command_line, quoted
from mnist_tool.cli.accuracy import calm_threads, show_accuracies, show_members
from mnist_tool.cli.drawing import finish_picture, open_painter
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    DatasetOption,
    OfflineOption,
    RootOption,
    RunsOption,
    valued,
)
from mnist_tool.cli.screen.display import open_display
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import SettingError, StorageError
from mnist_tool.training.courses import costs_to_draw
from mnist_tool.training.events import EpochDone, Event, Progressed, Started, Tested, Trained
from mnist_tool.training.finding import find_run
from mnist_tool.training.group import Group
from mnist_tool.training.learning import warning
from mnist_tool.training.recipes import RECIPES
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import DEVICES, TUNABLE, Settings
from mnist_tool.training.train import training_events
from mnist_tool.training.tuning import option_name
from mnist_tool.training.tuning import read as read_changes

if TYPE_CHECKING:
    from mnist_tool.plots.background import Painter

OTHER_VALUES = ", ".join(map(option_name, TUNABLE))


def _recipe_names(incomplete: str) -> list[str]:
    return [name for name in RECIPES if name.startswith(incomplete)]


def _device_names(incomplete: str) -> list[str]:
    return [name for name in DEVICES if name.startswith(incomplete)]


def _tunable_names(incomplete: str) -> list[str]:
    names = (f"{option_name(name)}=" for name in TUNABLE)
    return [name for name in names if name.startswith(incomplete)]


@command(
    "train",
    ("Repeat the lecture", "mnist-tool train"),
    ("Watch the accuracy on held-out images", "mnist-tool train --recipe cnn --val 10000"),
    (
        "Change the recipe",
        "mnist-tool train --recipe mlp-xavier --epochs 5 --set schedule=one-cycle",
    ),
    ("Follow it in TensorBoard", "mnist-tool train --recipe mlp-xavier --tensorboard"),
    ("Go on after Ctrl-C", "mnist-tool train --resume"),
)
def train(
    out: Output,
    recipe: Annotated[
        str | None,
        valued(
            "--recipe",
            metavar="NAME",
            help="What to train; see: mnist-tool recipes [default: softmax]",
            autocompletion=_recipe_names,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        valued("--epochs", metavar="N", help="Passes over the data. [default: the recipe's]"),
    ] = None,
    batch_size: Annotated[
        int | None,
        valued("--batch-size", metavar="N", help="Images per step. [default: the recipe's]"),
    ] = None,
    learning_rate: Annotated[
        float | None,
        valued("--learning-rate", metavar="RATE", help="Step size. [default: the recipe's]"),
    ] = None,
    seed: Annotated[
        int | None,
        valued(
            "--seed",
            metavar="N",
            help="First weights and order of the images. [default: the recipe's]",
        ),
    ] = None,
    changed: Annotated[
        list[str] | None,
        valued(
            "--set",
            metavar="NAME=VALUE",
            help=f"Change another value of the recipe; may be repeated. Names: {OTHER_VALUES}.",
            autocompletion=_tunable_names,
        ),
    ] = None,
    validation: Annotated[
        int | None,
        valued(
            "--val",
            metavar="N",
            help="Hold out N training images and show the accuracy on them. [default: 0]",
        ),
    ] = None,
    device: Annotated[
        str | None,
        valued(
            "--device",
            metavar="|".join(DEVICES),
            help="Where to train. [default: auto]",
            autocompletion=_device_names,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        valued(
            "--threads",
            metavar="N",
            help="Threads of the processor. [default: the recipe's, else torch's]",
        ),
    ] = None,
    members: Annotated[
        int | None,
        valued(
            "--members",
            metavar="N",
            help="Train N models, each with the next seed, that are asked together. "
            "[default: the recipe's]",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the newest run, or with that of --run.")
    ] = False,
    run: Annotated[
        Path | None,
        valued(
            "--run", metavar="FOLDER", help="Folder for this run. [default: the next in --runs]"
        ),
    ] = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
    tensorboard: Annotated[
        bool,
        typer.Option("--tensorboard", help="Write event files for TensorBoard to follow it."),
    ] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Do not draw the cost curve.")
    ] = False,
) -> None:
    """Print the cost of each epoch, the accuracies, and where the run lies."""
    group = Group.of_environment()
    if not group.leads:
        out.follow()
    options = {
        "recipe": recipe,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "seed": seed,
        "validation": validation,
        "device": device,
        "threads": threads,
        "members": members,
        "dataset": None if dataset == "mnist" else dataset,
    }
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    given |= read_changes(changed or [], TUNABLE, options)
    old = _resumable(run, runs, given) if resume else None
    settings = old.settings if old else Settings.of(**given)
    calm_threads()
    with ExitStack() as stack:
        draws = group.leads and not no_pictures
        painter = stack.enter_context(open_painter(out)) if draws else None
        moving = stack.enter_context(ExitStack())
        events = training_events(
            settings,
            old or run,
            runs=runs,
            root=root,
            offline=offline,
            progress=moving.enter_context(out.progress()),
            tensorboard=tensorboard,
        )
        if tensorboard:
            folder = (old.path if old else run) or configuration.get("runs", runs)
            out.note(f"Follow it with: {quoted(['tensorboard', '--logdir', str(folder)])}")
        place = _follow(out, stack.enter_context(closing(events)), moving, painter, root)
        pictures = _keep_picture(out, finish_picture(out, painter), place)
    out.print(f"Run: {place.path}")
    for picture in pictures:
        out.print(f"Picture: {picture}")
    out.data(run=place.path, pictures=pictures, settings=settings.as_dict())
    out.hint(command_line("predict-random", run=run, runs=runs, root=root))


def _resumable(run: Path | None, runs: Path | None, given: dict[str, Any]) -> Run:
    """Find the run to go on with, whose settings cannot be changed."""
    if given:
        names = ", ".join(map(_option, sorted(given)))
        raise SettingError(
            f"--resume goes on with the settings of its run, so {names} cannot be changed.",
            hint="Leave them out, or train anew without --resume.",
        )
    return find_run(run, Path(configuration.get("runs", runs)))


def _option(name: str) -> str:
    if name == "validation":
        return "--val"
    return f"--{'set ' if name in TUNABLE else ''}{option_name(name)}"


def _follow(
    out: Output,
    events: Iterable[Event],
    moving: ExitStack,
    painter: Painter | None,
    root: Path | None,
) -> Run:
    """Show what a training tells, and return its run.

    Parameters
    ----------
    out, events, root
        Where to write, what happens, and where the user's data is.
    moving : ExitStack
        Holds what moves on the terminal: one thing at a time.
    painter : Painter or None
        Draws the costs, while the model is tested.
    """
    for event in events:
        match event:
            case Started(place, settings, _, done):
                moving.close()
                again = command_line("train", "--resume", run=place.path, root=root)
                out.way_on = f"Go on with: {again}"
                if done:
                    out.note(f"Going on with {place.path} after {settings.reached(done)}.")
                display = moving.enter_context(open_display(out, event))
            case Progressed():
                display.progress(event)
            case EpochDone():
                with display.paused():
                    out.print(event.line)
            case Trained(metrics):
                moving.close()
                out.print("Learning finished")
                out.data(epochs=metrics)
                if painter:
                    from mnist_tool.plots.background import Drawing

                    costs, per_epoch = costs_to_draw({place.name: metrics})
                    painter.begin(Drawing("draw_costs", (costs,), {"per_epoch": per_epoch}))
            case Tested(evaluations, doubt, members):
                show_members(out, members)
                show_accuracies(out, settings, evaluations)
                out.data(learned=not doubt, learned_reason=doubt or None)
                if doubt:
                    out.warn(warning(doubt, settings))
    return place


def _keep_picture(out: Output, content: bytes | None, run: Run) -> list[Path]:
    if content is None:
        return []
    from mnist_tool import plots

    try:
        return [plots.write(content, run.path / "cost.png", option="")]
    except (SettingError, StorageError) as error:  # the training is done and kept
        out.warn(f"{error.message} {error.hint}")
        return []
