"""The command that measures a run on the test images: test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from mnist_tool.advice import command_line
from mnist_tool.cli import drawing
from mnist_tool.cli.accuracy import show_accuracies
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import OfflineOption, RootOption, RunOption, RunsOption, valued
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import SettingError
from mnist_tool.files import make_folder

if TYPE_CHECKING:
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
        valued(
            "--min-accuracy",
            metavar="SHARE",
            help="Exit with 1 if the accuracy on pixels 0..1 is below, from 0 to 1.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        valued(
            "--save",
            metavar="FOLDER",
            help="Draw the confusion matrix and the worst mistakes into this folder.",
        ),
    ] = None,
) -> None:
    """Print the accuracies, and what each digit scores."""
    if min_accuracy is not None and not 0 <= min_accuracy <= 1:
        raise SettingError(
            f"--min-accuracy is {min_accuracy}, but a share goes from 0 to 1.",
            hint=f"For percent, divide by 100: --min-accuracy {min_accuracy / 100:g}",
        )
    scene = Scene(out, run, runs, root, offline=offline)
    place = scene.run
    out.note(f"Testing {place.path}")
    settings, done = place.settings, len(place.metrics())
    results = scene.evaluate()
    show_accuracies(out, settings, results)
    trained = results[-1]
    out.print(f"Mean cost: {trained.cost:.4f}")
    _show_digits(out, trained)
    pictures = _draw(scene, save, trained) if save else []
    for picture in pictures:
        out.print(f"Picture: {picture}")
    finished = done == settings.recipe.epochs
    out.data(run=place.path, recipe=settings.recipe.name, epochs=done, pictures=pictures)
    out.data(finished=finished)
    if not finished:
        out.hint(command_line("train", "--resume", run=place.path, root=root))
    if min_accuracy is not None and trained.accuracy < min_accuracy:
        out.print(f"Below --min-accuracy {min_accuracy:g}: {trained.accuracy:.4f}")
        out.answer(1)


def _draw(scene: Scene, folder: Path, result: Evaluation) -> list[Path]:
    """Draw what is confused, and the worst mistakes where there are any."""
    from mnist_tool import plots

    make_folder(folder, "Or choose another folder with --save")
    drawn = {"confusion.png": drawing.draw_confusion(scene)}
    if result.correct < result.total:
        drawn["mistakes.png"] = drawing.draw_mistakes(scene)
    return [plots.save(figure, folder / name, "--save") for name, figure in drawn.items()]


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
