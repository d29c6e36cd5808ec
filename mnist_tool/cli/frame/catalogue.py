"""Which commands there are, what each does, and its loading when it is wanted."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

import typer

__all__ = ["COMMANDS", "LazyCommands"]

# What people type, and what it does, in the order of the help. Each is the function of that name in
# the module of that name in `mnist_tool.cli.commands`.
COMMANDS = {
    "init": "Write the lecture's script and a file of settings to begin from.",
    "fetch": "Bring the data to the disk, from wherever it can be had, and verify it.",
    "verify": "Hash every file and compare it with the registered content; exit 1 if any differs.",
    "sources": "List the sources in order; with --check, try each one.",
    "export": "Write the data in another form: archive, .gz, NumPy, CSV, parquet, PNG, MATLAB.",
    "serve": "Give the data on to the machines around, as a mirror for them, until Ctrl-C.",
    "datasets": "List the data sets; of one: what it is, whose, its licence, how to cite it.",
    "import": "Make a data set of your own pictures, which train and test take by its name.",
    "doctor": "Find out what is wrong with data, torch or this machine, and mend it.",
    "train": "Train a recipe, test it, and keep everything in a new run folder.",
    "recipes": (
        "List what can be trained, with the settings and what it reached when we measured it."
    ),
    "runs": "List the trainings there are, show one, or remove those that are not needed any more.",
    "test": (
        "Evaluate a run on the test images: accuracy, what each class scores, what is confused."
    ),
    "compare": "Show two runs the same images: which is better, and may chance have done it?",
    "visualize": (
        "Draw samples, weights, cost curves, confusion, mistakes, disputed labels or one digit."
    ),
    "predict": "Read the digit in pictures: any size, dark on light or light on dark, photos too.",
    "predict-random": "Show random test digits: label, prediction, probabilities and picture.",
    "export-model": "Write a run's model for others to use: ONNX, safetensors or JSON.",
    "page": "Make one HTML file to draw digits on: it reads them by itself, without any network.",
}


class LazyCommands(Mapping[str, Any]):
    """Every command by its name, each made when it is looked up.

    Loading all modules and making all commands takes longer than Python and Typer take to start.
    """

    def __getitem__(self, name: str) -> Any:
        """Load the command's module, and return what Typer makes of its function."""
        if name not in COMMANDS:
            raise KeyError(name)
        word = name.replace("-", "_") + "_" * iskeyword(name)
        module = importlib.import_module(f"mnist_tool.cli.commands.{word}")
        return typer.main.get_command(getattr(module, word))

    def __iter__(self) -> Iterator[str]:
        """Go through the names in the order of the help."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """Count the commands."""
        return len(COMMANDS)
