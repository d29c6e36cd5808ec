"""The command that measures a run on the test images: test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool import configuration
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import OfflineOption, RootOption, RunOption, RunsOption
from mnist_tool.cli.runs import prepare_torch, repeat, show_accuracies
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import SettingError
from mnist_tool.files import storing
from mnist_tool.training.recipes import Settings, get_recipe
from mnist_tool.training.runs import Run, find_run

if TYPE_CHECKING:
    from torch import Tensor, nn

    from mnist_tool.training.evaluate import Evaluation


@command(
    "test",
    ("Of the newest run", "mnist-tool test"),
    ("Fail below 92 %", "mnist-tool test --run runs/softmax-1 --min-accuracy 0.92"),
)
def test(
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
    """Print the accuracies, and what each digit scores."""
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
    show_accuracies(out, settings, results)
    trained = results[-1]
    out.print(f"Mean cost: {trained.cost:.4f}")
    _show_digits(out, trained)
    pictures = _draw_test(save, place, model, images, labels) if save else []
    for picture in pictures:
        out.print(f"Picture: {picture}")
    out.data(run=place.path, recipe=settings.recipe, epochs=done, pictures=pictures)
    out.data(finished=done == settings.epochs)
    if done < settings.epochs:
        out.hint(repeat("train --resume", run=place.path, root=root))
    if min_accuracy is not None and trained.accuracy < min_accuracy:
        out.print(f"Below --min-accuracy {min_accuracy:g}: {trained.accuracy:.4f}")
        out.answer(1)


def _read_for_test(
    out: Output, run: Run, settings: Settings, root: Path | None, offline: bool | None
) -> tuple[nn.Module, Tensor, Tensor]:
    prepare_torch(settings)
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
