"""The commands about training: train, recipes, test."""

from __future__ import annotations

import os
import shlex
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_tool import settings as configuration
from mnist_tool.cli.app import app
from mnist_tool.cli.command import command
from mnist_tool.cli.display import open_display
from mnist_tool.cli.options import DatasetOption, OfflineOption, RootOption, RunOption, RunsOption
from mnist_tool.cli.render import Output
from mnist_tool.errors import DependencyError, SettingError
from mnist_tool.files import storing
from mnist_tool.training.recipes import (
    OPTIONS,
    RECIPES,
    Expected,
    Settings,
    get_recipe,
    tunable,
)
from mnist_tool.training.runs import Run, find_run, make_run, new_run
from mnist_tool.training.tuning import option_name
from mnist_tool.training.tuning import read as read_changes

if TYPE_CHECKING:
    from torch import Tensor, nn

    from mnist_tool.plots.background import CurvePainter
    from mnist_tool.training.evaluate import Evaluation
    from mnist_tool.training.session import Session

SCALES = {True: ("0..255", "as the lecture tested"), False: ("0..1", "as trained")}


def _recipe_names(incomplete: str) -> list[str]:
    return [name for name in RECIPES if name.startswith(incomplete)]


def _tunable_names(incomplete: str) -> list[str]:
    names = (f"{option_name(name)}=" for name in tunable())
    return [name for name in names if name.startswith(incomplete)]


@command(
    app,
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
    """Train a recipe, test it, and keep everything in a new run folder."""
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
    with nullcontext() if no_pictures else _open_painter(out) as painter:
        _prepare_torch(settings)
        splits = _read_splits(out, settings, root, offline)
        place = old or (make_run(run) if run else new_run(folder, settings.recipe))
        out.again = f"Go on with: {_repeat('train --resume', run=place.path, root=root)}"
        session = _train(out, place, settings, *splits["train"])
        out.print("Learning finished")
        if painter:
            costs = [epoch["cost"] for epoch in session.metrics]
            painter.begin(place.name, costs, place.path / "cost.png")
        _show_accuracies(out, settings, session.evaluate(*splits["test"]))
        pictures = _finish_picture(out, painter) if painter else []
    out.print(f"Run: {place.path}")
    for picture in pictures:
        out.print(f"Picture: {picture}")
    out.data(run=place.path, pictures=pictures, settings=settings.as_dict(), epochs=session.metrics)
    out.hint(_repeat("predict-random", run=run, runs=runs, root=root))


def _repeat(words: str, **places: Path | None) -> str:
    """Return a command line that looks where the user's own one did."""
    line = ["mnist-tool", *words.split()]
    for name, place in places.items():
        line += [f"--{name}", str(place)] if place else []
    return shlex.join(line)


def _open_painter(out: Output) -> AbstractContextManager[CurvePainter | None]:
    """Start drawing in the background; where that cannot be, it costs the picture alone."""
    from mnist_tool.plots.background import CurvePainter

    try:
        return CurvePainter()
    except DependencyError as error:
        out.warn(f"{error.message} {error.hint}")
        return nullcontext()


def _finish_picture(out: Output, painter: CurvePainter) -> list[Path]:
    try:
        return [painter.finish()]
    except DependencyError as error:  # the training is done and kept
        out.warn(f"{error.message} {error.hint}")
        return []


def _resumable(run: Path | None, runs: Path, given: dict[str, Any]) -> Run:
    if given:
        names = ", ".join(sorted(given))
        raise SettingError(
            f"--resume goes on with the settings of its run, so {names} cannot be changed.",
            hint="Leave them out, or train anew without --resume.",
        )
    return find_run(run, runs)


def _prepare_torch(settings: Settings) -> None:
    """Load torch, and check what only torch knows, before any data is touched."""
    # How long threads spin while they wait for each other, before they sleep. The steps are so
    # short that sleeping at once makes them three times slower; but with GNU OpenMP's own, longer
    # patience, training is ten times slower on a machine that is busy with other work. No digit
    # depends on it. It is read once, when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    from mnist_tool.training.trainer import resolve_device

    resolve_device(settings.device)


def _read_splits(
    out: Output, settings: Settings, root: Path | None, offline: bool | None
) -> dict[str, tuple[Tensor, Tensor]]:
    from mnist_tool.training.data import load

    with out.progress() as progress:
        return {
            split: load(
                split, root=root, dataset=settings.dataset, offline=offline, progress=progress
            )
            for split in ("train", "test")
        }


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


def _show_accuracies(out: Output, settings: Settings, results: list[Evaluation]) -> None:
    for result in results:
        low, high = result.interval
        where = _test_pixels(settings.dataset, raw=result.raw)
        out.print(f"Accuracy: {result.accuracy:.4f} on {where} (95 %: {low:.4f}..{high:.4f})")
    if any(result.raw for result in results):
        out.note("Both are of the same weights, which were trained on pixels 0..1.")
    out.data(test=[result.as_dict() for result in results])


def _test_pixels(dataset: str, *, raw: bool) -> str:
    """Say what was tested on, in so few words that the line fits 80 columns."""
    pixels, why = SCALES[raw]
    return (
        f"pixels {pixels}, {why}" if dataset == "mnist" else f"{dataset} pixels {pixels}, not MNIST"
    )


@command(
    app,
    "recipes",
    ("What there is to train", "mnist-tool recipes"),
    ("For a script", "mnist-tool recipes --json"),
)
def recipes(out: Output) -> None:
    """List what can be trained, with the settings and what it reached when we measured it."""
    rows = [
        (each.name, each.title, f"{each.epochs} x {each.batch_size}",
         f"{each.optimizer} {each.learning_rate:g}", *_measured(each.expected))
        for each in RECIPES.values()
    ]  # fmt: skip
    headings = ("recipe", "model", "epochs x batch", "steps", "accuracy", "time")
    out.table(headings, rows, right=(2, 4, 5))
    out.note(
        "Accuracy: percent of the test images, mean and standard deviation over several seeds. "
        "Time: of the training alone, on two cores."
    )
    out.data(recipes=[asdict(each) for each in RECIPES.values()])


def _measured(expected: Expected | None) -> tuple[str, str]:
    if expected is None:
        return "not measured", ""
    spread = f" ± {100 * expected.spread:.2f}" if expected.seeds > 1 else ""
    return f"{100 * expected.accuracy:.2f}{spread}", f"{expected.seconds:.3g} s"


@command(
    app,
    "test",
    ("Of the newest run", "mnist-tool test"),
    ("Fail below 92 %", "mnist-tool test --run runs/softmax-1 --min-accuracy 0.92"),
)
def assess(
    out: Output,
    run: RunOption = None,
    runs: RunsOption = None,
    root: RootOption = None,
    offline: OfflineOption = None,
    min_accuracy: Annotated[
        float | None,
        typer.Option("--min-accuracy", metavar="SHARE", show_default=False,
                     help="Exit with 1 if the accuracy on pixels 0..1 is below, from 0 to 1."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FOLDER", show_default=False,
                     help="Draw the confusion matrix and the worst mistakes into this folder."),
    ] = None,
) -> None:  # fmt: skip
    """Evaluate a run on the test images: accuracy, what each digit scores, what is confused."""
    if min_accuracy is not None and not 0 <= min_accuracy <= 1:
        raise SettingError(
            f"--min-accuracy is {min_accuracy}, but a share goes from 0 to 1.",
            hint=f"For percent, divide by 100: --min-accuracy {min_accuracy / 100:g}",
        )
    place = find_run(run, Path(configuration.get("runs", runs)))
    out.note(f"Testing {place.path}")
    settings = Settings.from_dict(place.settings)
    done = len(place.metrics())
    if unfinished := place.unfinished():
        out.warn(unfinished)
    model, images, labels = _read_for_test(out, place, settings, root, offline)
    results = _evaluate(settings, model, images, labels)
    _show_accuracies(out, settings, results)
    trained = results[-1]
    out.print(f"Mean cost: {trained.cost:.4f}")
    _show_digits(out, trained)
    pictures = _draw_test(save, place, model, images, labels) if save else []
    for picture in pictures:
        out.print(f"Picture: {picture}")
    out.data(run=place.path, recipe=settings.recipe, epochs=done, pictures=pictures)
    out.data(finished=done == settings.epochs)
    if done < settings.epochs:
        out.hint(_repeat("train --resume", run=place.path, root=root))
    if min_accuracy is not None and trained.accuracy < min_accuracy:
        out.print(f"Below --min-accuracy {min_accuracy:g}: {trained.accuracy:.4f}")
        out.answer(1)


def _read_for_test(
    out: Output, run: Run, settings: Settings, root: Path | None, offline: bool | None
) -> tuple[nn.Module, Tensor, Tensor]:
    _prepare_torch(settings)
    from mnist_tool.training.data import load

    model = run.model()
    with out.progress() as progress:
        images, labels = load(
            "test", root=root, dataset=settings.dataset, offline=offline, progress=progress
        )
    return model, images, labels


def _evaluate(
    settings: Settings, model: nn.Module, images: Tensor, labels: Tensor
) -> list[Evaluation]:
    from mnist_tool.training.evaluate import evaluate_scales

    return evaluate_scales(model, images, labels, raw=get_recipe(settings.recipe).raw_accuracy)


def _draw_test(
    folder: Path, run: Run, model: nn.Module, images: Tensor, labels: Tensor
) -> list[Path]:
    from mnist_tool import plots
    from mnist_tool.training.evaluate import confusion_matrix, probabilities

    with storing(folder, "Or choose another folder with --save"):
        folder.mkdir(parents=True, exist_ok=True)
    confidences, predictions = probabilities(model, images).max(1)
    matrix = confusion_matrix(labels, predictions)
    confusion = plots.draw_confusion(matrix.numpy(), subtitle=run.name)
    mistakes = plots.draw_mistakes(
        images.numpy(), labels.numpy(), predictions.numpy(), confidences.numpy(), subtitle=run.name
    )
    return [
        plots.save(confusion, folder / "confusion.png", "--save"),
        plots.save(mistakes, folder / "mistakes.png", "--save"),
    ]


def _show_digits(out: Output, result: Evaluation) -> None:
    """Print each digit's precision and recall, and the confusion matrix."""
    scores = [
        (digit, f"{result.precision[digit]:.4f}", f"{result.recall[digit]:.4f}")
        for digit in range(10)
    ]
    out.table(("digit", "precision", "recall"), scores, right=(1, 2))
    out.print()
    rows = [(digit, *counts) for digit, counts in enumerate(result.confusion)]
    out.table(("label", *map(str, range(10))), rows, right=range(1, 11))
    out.print("Rows: what it is. Columns: what the model says.")
