"""The command that lists what there is to train: recipes."""

from __future__ import annotations

from dataclasses import asdict

from mnist_tool.cli.frame.command import command
from mnist_tool.cli.screen.output import Output
from mnist_tool.training.recipes import RECIPES, Recipe

UNKNOWN = "-"
REACHED = ("recipe", "n", "mean", "sd", "min", "max", "time", "machine")


@command(
    "recipes",
    ("What there is to train", "mnist-tool recipes"),
    ("For a script", "mnist-tool recipes --json"),
)
def recipes(out: Output) -> None:
    """Print two tables: what each recipe does, and what it reached."""
    rows = [
        (
            each.name,
            each.lab,
            each.title,
            f"{each.epochs} x {each.batch_size}",
            f"{each.optimizer} {each.learning_rate:g}",
        )
        for each in RECIPES.values()
    ]
    out.table(("recipe", "lab", "model", "epochs", "steps"), rows, right=(3,))
    out.print()
    out.table(REACHED, [reached(each) for each in RECIPES.values()], right=(1, 6))
    out.note("Lab: of the lecture's course. Model: hidden layers, first weights.")
    out.note("Epochs: passes over the data x images per step.")
    out.note(
        "n: trainings, each with its own seed; mean, standard deviation, least and most of their "
        "accuracies after the last epoch, in percent of the test images."
    )
    out.note(
        "Time: median of the trainings alone. "
        f"{UNKNOWN}: it was not kept, or one training has none."
    )
    out.note("To change any of it: mnist-tool train --help")
    out.data(recipes=[asdict(each) for each in RECIPES.values()])


def reached(recipe: Recipe) -> tuple[str, ...]:
    """Return a row below `REACHED`: how many seeds, how they lie, how long, and on what."""
    found = recipe.expected
    if found is None:
        return (recipe.name, "0", "not yet", *5 * (UNKNOWN,))
    return (
        recipe.name,
        str(found.seeds),
        _percent(found.accuracy),
        f"±{_percent(found.spread)}" if found.seeds > 1 else UNKNOWN,
        _percent(found.minimum),
        _percent(found.maximum),
        f"{found.seconds:.0f} s" if found.seconds >= 100 else f"{found.seconds:.3g} s",
        found.machine or UNKNOWN,
    )


def _percent(share: float | None) -> str:
    """Return a share with as many digits as were kept of it, but at least two."""
    if share is None:
        return UNKNOWN
    percent = round(100 * share, 3)
    return f"{percent:.2f}" if percent == round(percent, 2) else f"{percent:.3f}"
