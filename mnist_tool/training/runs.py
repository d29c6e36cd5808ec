"""Run folders: where a training keeps its checkpoint, metrics, settings and pictures."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool.advice import command_line, reason
from mnist_tool.dataset.own import NAME
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import CheckpointError, SettingError, TrainingError
from mnist_tool.files import make_folder, replacing, retried, storing, sweep
from mnist_tool.folders import held
from mnist_tool.training import records
from mnist_tool.training.settings import Settings
from mnist_tool.training.validate import Unfit, read_json

if TYPE_CHECKING:
    from torch import nn

    from mnist_tool.training.checkpoint import Checkpoint

__all__ = ["Run", "is_run", "make_run", "new_run"]

CHECKPOINT, METRICS, SETTINGS, RESULT = (
    "checkpoint.pt",
    "metrics.jsonl",
    "settings.json",
    "result.json",
)
LARGEST = 16 << 20  # bytes of a file of text; 10,000 epochs take 9 MB


@dataclass(frozen=True, repr=False)
class Run:
    """One training's folder.

    Parameters
    ----------
    path : path
        The folder.
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    def __repr__(self) -> str:
        """Tell what was trained, and how well it reads, as far as the folder says."""
        said = f"Run({str(self.path)!r})"
        try:
            settings, accuracy = self.settings, self.accuracy
        except CheckpointError:
            return said
        reads = "not tested" if accuracy is None else f"accuracy {accuracy:.4f}"
        epochs = f"{len(self.metrics())} of {settings.epochs} epochs"
        return f"{said}: {settings.recipe.name} on {settings.dataset}, {epochs}, {reads}"

    @property
    def accuracy(self) -> float | None:
        """The share of the test images that it reads rightly; ``None`` before the last epoch."""
        tested = (self.result() or {}).get("test")
        return tested[-1]["accuracy"] if tested else None

    @property
    def name(self) -> str:
        """The folder's own name, such as ``softmax-1``; of a link the link's."""
        return self.place.name

    @property
    def place(self) -> Path:
        """The folder, or the link to it, by the one path that all its other paths mean."""
        if self.path.name in {"", ".."}:
            return Path(os.path.realpath(self.path))  # `resolve` raises at a link to itself
        return Path(os.path.realpath(self.path.parent), self.path.name)

    @property
    def checkpoint_path(self) -> Path:
        """Where the checkpoint lies."""
        return self.path / CHECKPOINT

    @property
    def trained_at(self) -> int:
        """When its checkpoint was written, in nanoseconds; before the first one, its settings.

        What else comes into the folder, such as a picture, makes no run newer.
        """
        for name in (CHECKPOINT, SETTINGS):
            with suppress(OSError):
                return (self.path / name).stat().st_mtime_ns
        return 0

    @property
    def date(self) -> str:
        """The day of its checkpoint; empty where there is none, or no calendar has it."""
        try:
            return date.fromtimestamp(self.checkpoint_path.stat().st_mtime).isoformat()
        except (OSError, OverflowError, ValueError):
            return ""

    @property
    def settings(self) -> Settings:
        """The settings it was started with."""
        try:
            values = read_json(self._text(SETTINGS))
            self._check_dataset(values)
            return Settings.from_dict(values)
        except SettingError as error:
            raise self._damaged(SETTINGS, error.message) from error
        except Unfit as error:
            raise self._damaged(SETTINGS, str(error)) from error

    def metrics(self) -> list[dict[str, Any]]:
        """Return one mapping per finished epoch: epoch, cost, seconds, images, course ..."""
        text = self._text(METRICS) if (self.path / METRICS).exists() else ""
        lines = text.rstrip("\n").split("\n") if text else []
        return [self._epoch(number, line) for number, line in enumerate(lines, 1)]

    def unfinished(self) -> str:
        """Say how far a run that was stopped early came; empty for a finished one."""
        done, settings = len(self.metrics()), self.settings
        epochs, members = settings.recipe.epochs, settings.recipe.members
        if done >= settings.epochs:
            return ""
        if members > 1 and done >= epochs:
            came = f"trained {done // epochs} of its {members} members, and they alone are asked"
        elif done:
            came = f"trained {done} of its {epochs} epochs"
        else:
            came = f"stopped inside epoch 1 of {epochs}"
        first = " of the first member" if members > 1 and done < epochs else ""
        return f"{self.path} is unfinished: it {came}{first}."

    def result(self) -> dict[str, Any] | None:
        """Return the evaluation after the last epoch, or ``None`` if it did not come so far."""
        if not (self.path / RESULT).exists():
            return None
        try:
            return records.result(self.settings.classes).take(read_json(self._text(RESULT)), "")
        except Unfit as error:
            raise self._damaged(RESULT, str(error)) from error

    def checkpoint(self) -> Checkpoint:
        """Read the checkpoint; see `Checkpoint.load` and `Checkpoint.expect`."""
        from mnist_tool.training.checkpoint import Checkpoint

        loaded = Checkpoint.load(self.checkpoint_path)
        loaded.expect(self.settings, self.checkpoint_path)
        return loaded

    def model(self) -> nn.Module:
        """Return the trained model on the CPU, in eval mode.

        Raises
        ------
        CheckpointError
            If the checkpoint is missing, damaged, or does not fit its recipe's model.
        """
        from mnist_tool.training.checkpoint import restore_model

        return restore_model(self.checkpoint(), self.checkpoint_path)

    @property
    def in_training(self) -> bool:
        """Whether it is being trained at this moment."""
        with held(self.path) as granted:
            return not granted

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from training and removing it, until the block or the process ends.

        Raises
        ------
        TrainingError
            If it is being trained.
        """
        with held(self.path) as granted:
            if not granted:
                raise TrainingError(
                    f"{self.path} is being trained at this moment.",
                    hint="Wait until that has ended, or stop it with Ctrl-C where it was started.",
                )
            yield

    # ---- written by the training -------------------------------------------------------------

    def write_settings(self, settings: Settings) -> None:
        """Keep what the training was started with."""
        self._write(SETTINGS, json.dumps(settings.as_dict(), indent=2) + "\n")

    def write_metrics(self, metrics: Sequence[Mapping[str, Any]]) -> None:
        """Keep the metrics of all epochs so far, one JSON document per line."""
        self._write(METRICS, "".join(json.dumps(line) + "\n" for line in metrics))

    def write_result(self, result: Mapping[str, Any]) -> None:
        """Keep the evaluation after the last epoch."""
        self._write(RESULT, json.dumps(result, indent=2) + "\n")

    def _write(self, name: str, text: str) -> None:
        with replacing(self.path / name) as file:
            file.write(text.encode())

    def _epoch(self, number: int, line: str) -> dict[str, Any]:
        try:
            return records.EPOCH.take(read_json(line), "")
        except Unfit as error:
            raise self._damaged(METRICS, f"its line {number}: {error}") from error

    def _text(self, name: str) -> str:
        path = self.path / name
        try:
            if path.exists() and not path.is_file():  # a pipe never ends
                raise self._damaged(name, "it is no file")
            if path.stat().st_size > LARGEST:
                raise self._damaged(name, f"it is larger than {LARGEST >> 20} MiB")
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise self._damaged(name, "it is no UTF-8") from error
        except OSError as error:
            raise CheckpointError(
                f"{path} cannot be read: {reason(error)}.", hint=self._others()
            ) from error

    def _check_dataset(self, values: Any) -> None:
        """Tell a data set of somebody's own that lies elsewhere from a damaged file."""
        name = values.get("dataset") if isinstance(values, dict) else None
        if isinstance(name, str) and NAME.fullmatch(name) and name not in DATASETS:
            raise CheckpointError(
                f"{self.path} was trained on {name}, and no such data set is known here.",
                hint=f"Set MNIST_TOOL_ROOT to the folder with {name} in it, or say --root FOLDER.",
            )

    def _damaged(self, name: str, why: str) -> CheckpointError:
        return CheckpointError(
            f"{self.path / name} is damaged: {why.rstrip('.')}.", hint=self._others()
        )

    def _others(self) -> str:
        return f"Choose another run: {command_line('runs', runs=self.path.parent)}"


def new_run(runs: Path, recipe: str) -> Run:
    """Make the next free folder ``RECIPE-NUMBER``; two trainings at once get one each.

    Parameters
    ----------
    runs : Path
        Folder of all runs, made where missing.
    recipe : str
        Name of the recipe.

    Raises
    ------
    StorageError
        If the folder cannot be made.
    """
    elsewhere = "Or choose another folder with --runs"
    make_folder(runs, elsewhere)
    with storing(runs, elsewhere):
        sweep(runs, *runs.iterdir())  # what trainings have left that were killed while they wrote
        number = 1 + max((_number(path, recipe) for path in runs.iterdir()), default=0)
        while True:
            folder = runs / f"{recipe}-{number}"
            with suppress(FileExistsError):  # another training was quicker
                retried(folder.mkdir)
                return Run(folder)
            number += 1


def make_run(path: Path) -> Run:
    """Make exactly this folder for a run; it may exist, but only empty.

    Raises
    ------
    SettingError
        If there is something in it: nothing is ever overwritten.
    StorageError
        If it cannot be made.
    """
    elsewhere = "Or choose another folder with --run"
    make_folder(path, elsewhere)
    with storing(path, elsewhere):
        taken = any(path.iterdir())
    if taken:
        raise SettingError(
            f"--run is {path}, but something is in there, and nothing is ever overwritten.",
            hint="Name another folder, or go on with that run: "
            + command_line("train", "--resume", run=path),
        )
    return Run(path)


def is_run(folder: Path) -> bool:
    """Return whether a folder holds what a training writes."""
    return (folder / CHECKPOINT).is_file() or (folder / SETTINGS).is_file()


def _number(path: Path, recipe: str) -> int:
    match = re.fullmatch(re.escape(recipe) + r"-(\d+)", path.name)
    return int(match[1]) if match else 0
