"""What reads pictures: a run that was named or is the newest, else the weights that ship."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.row import DIGITS
from mnist_tool.errors import RunNotFoundError

if TYPE_CHECKING:
    from mnist_tool.reading.predict import Digit, Model

__all__ = ["Reader", "find_reader"]

SHIPPED = "shipped"  # what --run says for the weights that ship
SUREST = "robust"
SURE = 0.7  # below that probability the second digit is told as well


@dataclass(frozen=True)
class Reader:
    """A model and how its answers are told.

    Parameters
    ----------
    model : callable
        From images in MNIST's form to ten probabilities each.
    path : Path or None
        The run's folder; none of the weights that ship.
    recipe : str
        What it was trained by.
    least : float
        The probability below which what it reads is no digit; 0 where it has never seen such.
    classes : sequence of str
        The names of what it tells apart.
    """

    model: Model
    path: Path | None
    recipe: str
    least: float = 0.0
    classes: Sequence[str] = DIGITS

    @property
    def reads_digits(self) -> bool:
        """Whether it reads digits, of which a picture may show several."""
        return tuple(self.classes) == DIGITS

    @property
    def folder(self) -> Path:
        """Where pictures go by default."""
        return self.path or Path()

    def verdict(self, digit: Digit) -> str:
        """Say in a word how sure it is."""
        if digit.confidence < self.least:
            return "no digit"
        return "sure" if digit.confidence >= SURE else "not sure"

    def say(self, digit: Digit) -> str:
        """Say what a single digit is read as."""
        first, second = (self.classes[each] for each in digit.ranking[:2])
        return {
            "no digit": f"no digit, most like a {first}",
            "not sure": f"{first}, not sure: {first} or {second}",
            "sure": f"{first}",
        }[self.verdict(digit)]

    def short(self, digit: Digit) -> str:
        """Say it in a row of several."""
        name = self.classes[digit.digit]
        marks = {"no digit": "?", "not sure": f"{name}?", "sure": name}
        return marks[self.verdict(digit)]

    def other(self, digit: Digit) -> str:
        """Say what else it may be."""
        second = digit.ranking[1]
        return f"{self.classes[second]} {digit.probabilities[second]:.3f}"

    def advise(self, out: Output) -> None:
        """Say what would be surer on pictures."""
        if self.reads_digits and self.recipe != SUREST:
            out.note(
                f"On pictures by people recipe {SUREST} is surer than {self.recipe}: "
                f"--run {SHIPPED} reads with the weights that ship."
            )


def find_reader(out: Output, run: Path | None, runs: Path | None) -> Reader:
    """Return what a command is to read with, and say what that is.

    Parameters
    ----------
    out : Output
        Told which weights are used where there is no run.
    run, runs : Path or None
        As given with ``--run`` and ``--runs``; ``--run shipped`` for the weights that ship.

    Raises
    ------
    RunNotFoundError
        If a run is named that is not there.
    """
    if run != Path(SHIPPED):
        scene = Scene(out, run, runs, beside=[SHIPPED])
        try:
            found = scene.run
        except RunNotFoundError:
            if run is not None:
                raise
        else:
            recipe = found.settings.recipe.name
            return Reader(scene.recognise, found.path, recipe, classes=scene.classes)
    return _shipped(out)


def _shipped(out: Output) -> Reader:
    # numpy's products are small here, and its threads, waiting for each other, would take the
    # processor from those that prepare the next pictures.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from mnist_tool.reading.network import shipped

    model = shipped()
    facts = model.facts
    out.note(
        f"Read with the weights that ship: recipe {facts['recipe']} of {facts['date']}, "
        f"{facts['accuracy']:.2%} on MNIST."
    )
    return Reader(model, None, facts["recipe"], facts["least"])
