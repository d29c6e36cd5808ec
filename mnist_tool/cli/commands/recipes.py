"""The command that lists what there is to train: recipes."""

from __future__ import annotations

from dataclasses import asdict

from mnist_tool.cli.frame.command import command
from mnist_tool.cli.screen.output import Output
from mnist_tool.training.recipes import RECIPES, Expected


@command(
    "recipes",
    ("What there is to train", "mnist-tool recipes"),
    ("For a script", "mnist-tool recipes --json"),
)
def recipes(out: Output) -> None:
    """Print a table."""
    rows = [
        (
            each.name,
            each.lab,
            each.title,
            f"{each.epochs} x {each.batch_size}",
            f"{each.optimizer} {each.learning_rate:g}",
            *_measured(each.expected),
        )
        for each in RECIPES.values()
    ]
    headings = ("recipe", "lab", "model", "epochs", "steps", "accuracy", "time")
    out.table(headings, rows, right=(3, 5, 6))
    out.note(
        "Lab: of the lecture's course. Model: hidden layers, first weights. "
        "Epochs: passes over the data x images per step. "
        "Accuracy: percent of the test images, mean and standard deviation over several seeds. "
        "Time: of the training alone, on one or two cores. "
        "To change any of it: mnist-tool train --help"
    )
    out.data(recipes=[asdict(each) for each in RECIPES.values()])


def _measured(expected: Expected | None) -> tuple[str, str]:
    if expected is None:
        return "not yet", ""
    spread = f" ±{100 * expected.spread:.2f}" if expected.seeds > 1 else ""
    return f"{100 * expected.accuracy:.2f}{spread}", f"{expected.seconds:.3g} s"
