"""Which commands there are and where each is: its module is loaded when it is wanted."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import typer

__all__ = ["COMMANDS", "Commands", "Entry", "register"]


@dataclass(frozen=True)
class Entry:
    """A command.

    Parameters
    ----------
    module : str
        The module of ``mnist_tool.cli.commands`` that registers it.
    summary : str
        What it does: the first line of its function's description.
    """

    module: str
    summary: str


# In the order of the help.
COMMANDS = {
    "fetch": Entry(
        "data", "Bring the data to the disk, from wherever it can be had, and verify it."
    ),
    "verify": Entry(
        "data", "Hash every file and compare it with the registered content; exit 1 if any differs."
    ),
    "sources": Entry("data", "List the sources in order; with --check, try each one."),
    "doctor": Entry(
        "doctor", "Find out what is wrong with data, torch or this machine, and mend it."
    ),
    "train": Entry("train", "Train a recipe, test it, and keep everything in a new run folder."),
    "recipes": Entry(
        "recipes",
        "List what can be trained, with the settings and what it reached when we measured it.",
    ),
    "test": Entry(
        "test",
        "Evaluate a run on the test images: accuracy, what each digit scores, what is confused.",
    ),
    "visualize": Entry(
        "visualize",
        "Draw samples, weights, cost curves, the confusion matrix, mistakes or one digit.",
    ),
    "predict": Entry(
        "predict",
        "Read the digit in pictures: any size, dark on light or light on dark, photos too.",
    ),
    "predict-random": Entry(
        "predict_random", "Show random test digits: label, prediction, probabilities and picture."
    ),
}
_loaded: dict[str, typer.Typer] = {}


def register(name: str, application: typer.Typer) -> None:
    """Keep a command, as a Typer application with nothing else in it, for `Commands` to find."""
    _loaded[name] = application


class Commands(Mapping[str, Any]):
    """Every command by its name, each made when it is looked up.

    Loading all modules and making all commands takes longer than Python and Typer take to start.
    """

    def __getitem__(self, name: str) -> Any:
        """Load the command's module, and return what Typer makes of it."""
        entry = COMMANDS[name]
        importlib.import_module(f"mnist_tool.cli.commands.{entry.module}")
        return typer.main.get_command(_loaded[name])

    def __iter__(self) -> Iterator[str]:
        """Go through the names in the order of the help."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """Count the commands."""
        return len(COMMANDS)
