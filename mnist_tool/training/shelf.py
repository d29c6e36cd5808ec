"""List the runs of a folder, and remove some."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from zipfile import is_zipfile

from mnist_tool.errors import CheckpointError, StorageError
from mnist_tool.files import sweep
from mnist_tool.folders import remove_folder
from mnist_tool.training.finding import runs_in
from mnist_tool.training.runs import Run

__all__ = ["RunSummary", "list_runs", "remove_run", "summary_of"]


@dataclass(frozen=True)
class RunSummary:
    """What a run folder says of itself.

    Parameters
    ----------
    run : Run
        The folder.
    changed : str
        When it was last trained (see `Run.trained_at`), ISO 8601 in UTC.
    size : int
        Bytes of its files.
    recipe, dataset : str
        What was trained, and on what; empty where the settings are damaged.
    done, epochs : int
        Finished epochs, and all of them, of all members together.
    accuracy : float or None
        Share of the test images that it reads rightly; ``None`` where it was not tested.
    problem : str
        What is wrong with its files; empty where nothing is.
    """

    run: Run
    changed: str
    size: int
    recipe: str = ""
    dataset: str = ""
    done: int = 0
    epochs: int = 0
    accuracy: float | None = None
    problem: str = ""

    @property
    def finished(self) -> bool:
        """Whether it was trained to its end, and its files are whole."""
        return not self.problem and 0 < self.epochs <= self.done


def summary_of(run: Run) -> RunSummary:
    """Read what a run says of itself; damaged files are told, and are no error.

    Raises
    ------
    StorageError
        If the folder cannot be looked at.
    """
    when = _moment(run.trained_at)
    size = sum(_sizes(run.path))
    try:
        settings, done = run.settings, len(run.metrics())
        return RunSummary(
            run,
            when,
            size,
            settings.recipe.name,
            settings.dataset,
            done,
            settings.epochs,
            run.accuracy,
            _problem(run.checkpoint_path, done),
        )
    except CheckpointError as error:
        return RunSummary(run, when, size, problem=error.message)


def _moment(nanoseconds: int) -> str:
    """Write a time of the disk, in UTC; empty where no calendar has it."""
    try:
        moment = datetime.fromtimestamp(nanoseconds / 1e9, timezone.utc)
    except (OSError, OverflowError, ValueError):
        return ""
    return moment.isoformat(timespec="seconds")


def _problem(checkpoint: Path, done: int) -> str:
    """Say what is wrong with a checkpoint, as far as that is seen at once and without torch."""
    if not checkpoint.is_file():
        return f"There is no checkpoint {checkpoint}." if done else ""  # it has only begun
    return "" if is_zipfile(checkpoint) else f"{checkpoint} is damaged, or not a checkpoint at all."


def _sizes(folder: Path) -> Iterator[int]:
    """Yield the bytes of each file; of what the system does not let see, nothing."""
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                yield Path(place, name).lstat().st_size


def list_runs(runs: Path) -> list[RunSummary]:
    """Return the runs of a folder, the newest first.

    Parameters
    ----------
    runs : Path
        Folder of all runs; it need not exist.

    Raises
    ------
    StorageError
        If it cannot be looked at.
    """
    return [summary_of(run) for run in runs_in(runs)]


def remove_run(run: Run) -> None:
    """Remove a run with everything in its folder.

    Raises
    ------
    StorageError
        If the disk or a folder refuses, or somebody would be left in a folder that is gone.
    TrainingError
        If it is being trained.
    """
    if Path.cwd().is_relative_to(run.place):
        raise StorageError(
            f"{run.path} is the folder that you are in, or it is around that.",
            hint="Go out of it first: cd ..",
        )
    sweep(run.path.parent)
    with run.held():
        remove_folder(run.path, "Or close what uses it")
