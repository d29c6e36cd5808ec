"""The command that measures a run on the test images: test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from mnist_tool.advice import command_line
from mnist_tool.cli import drawing
from mnist_tool.cli.accuracy import show_accuracies
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    OfflineOption,
    RootOption,
    RunDatasetOption,
    RunOption,
    RunsOption,
    SplitOption,
    output_option,
    valued,
)
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.row import DIGITS
from mnist_tool.errors import SettingError
from mnist_tool.files import make_folder

if TYPE_CHECKING:
    from mnist_tool.training.evaluate import Evaluation

# Columns of a confusion matrix that a terminal has room for, letters of their headings, and
# confusions that are told instead of a larger one.
MOST_COLUMNS, ABBREVIATED, CONFUSIONS = 12, 4, 20


@command(
    "test",
    ("Of the newest run", "mnist-tool test"),
    ("Fail below 92 %", "mnist-tool test --run runs/softmax-1 --min-accuracy 0.92"),
    ("On digits no one tuned on", "mnist-tool test --dataset qmnist --split test50k"),
)
def test(
    out: Output,
    run: RunOption = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    split: SplitOption = "test",
    offline: OfflineOption = None,
    min_accuracy: Annotated[
        float | None,
        valued(
            "--min-accuracy",
            metavar="SHARE",
            help="Exit with 1 if the accuracy on pixels 0..1 is below, from 0 to 1.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        output_option(
            "FOLDER",
            "Draw the confusion matrix and the worst mistakes into this folder.",
            formerly_save=True,
        ),
    ] = None,
) -> None:
    """Print the accuracies, and what each class scores."""
    if min_accuracy is not None and not 0 <= min_accuracy <= 1:
        percent = 1 < min_accuracy <= 100
        raise SettingError(
            f"--min-accuracy is {min_accuracy}, but a share goes from 0 to 1.",
            hint=f"For percent, divide by 100: --min-accuracy {min_accuracy / 100:g}"
            if percent
            else "Say for example: --min-accuracy 0.9",
        )
    scene = Scene(out, run, runs, root, dataset, offline, split)
    place = scene.run
    out.note(f"Testing {place.path}")
    settings, done = place.settings, len(place.metrics())
    if output:  # before all the work
        make_folder(output, "Or choose another folder with --output")
    results = scene.evaluate()
    show_accuracies(out, settings, results, dataset, split)
    trained = results[-1]
    _show_undisputed(out, scene, trained)
    out.print(f"Mean cost: {trained.cost:.4f}")
    _show_classes(out, trained, scene.classes)
    pictures = _draw(scene, output, trained) if output else []
    for picture in pictures:
        out.print(f"Picture: {picture}")
    finished = done == settings.epochs
    out.data(run=place.path, recipe=settings.recipe.name, epochs=done, pictures=pictures)
    out.data(finished=finished, dataset=scene.dataset_name, split=split)
    out.data(classes=list(scene.classes))
    if not finished:
        out.hint(command_line("train", "--resume", run=place.path, root=root))
    if min_accuracy is not None and trained.accuracy < min_accuracy:
        out.print(f"Below --min-accuracy {min_accuracy:g}: {trained.accuracy:.4f}")
        out.answer(1)


def _show_undisputed(out: Output, scene: Scene, result: Evaluation) -> None:
    """Print the accuracy without the labels that people dispute, beside the official one."""
    disputed = DATASETS[scene.dataset_name].disputed
    if disputed and scene.split == "test":
        share = result.without(disputed)
        out.print(
            f"Accuracy: {share:.4f} on pixels 0..1, "
            f"without the {len(disputed)} labels that people dispute"
        )
        out.data(without_disputed=share)


def _draw(scene: Scene, folder: Path, result: Evaluation) -> list[Path]:
    """Draw what is confused, and the worst mistakes where there are any."""
    from mnist_tool import plots

    drawn = {"confusion.png": drawing.draw_confusion(scene)}
    if result.correct < result.total:
        drawn["mistakes.png"] = drawing.draw_mistakes(scene)
    return [plots.save(figure, folder / name) for name, figure in drawn.items()]


def _show_classes(out: Output, result: Evaluation, classes: tuple[str, ...]) -> None:
    """Print each class's precision and recall, and what is confused."""
    letters = max(map(len, classes)) == 1
    heading = "digit" if classes == DIGITS else "class"
    scores = [
        (name, f"{precision:.4f}", f"{recall:.4f}")
        for name, precision, recall in zip(classes, result.precision, result.recall, strict=True)
    ]
    out.table((heading, "precision", "recall"), scores, right=(1, 2))
    out.print()
    if len(classes) > MOST_COLUMNS:
        _show_confusions(out, result, classes)
        return
    rows = [(name, *counts) for name, counts in zip(classes, result.confusion, strict=True)]
    columns = classes if letters else [name[:ABBREVIATED] for name in classes]
    out.table(("label", *columns), rows, right=range(1, len(classes) + 1))
    out.print("Rows: what it is. Columns: what the model says.")


def _show_confusions(out: Output, result: Evaluation, classes: tuple[str, ...]) -> None:
    """Print what is confused most often, where the whole matrix would be too wide."""
    wrong = [
        (count, classes[label], classes[prediction])
        for label, counts in enumerate(result.confusion)
        for prediction, count in enumerate(counts)
        if count and label != prediction
    ]
    rows = [(label, said, count) for count, label, said in sorted(wrong, reverse=True)[:CONFUSIONS]]
    out.table(("label", "read as", "times"), rows, right=(2,))
    out.print("The whole matrix: --json, or --output FOLDER for a picture.")
