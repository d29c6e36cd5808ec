"""Find the run that was named, or the newest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mnist_tool.advice import command_line, nearest, quoted
from mnist_tool.errors import RunNotFoundError
from mnist_tool.files import inside, looking, stands
from mnist_tool.training.runs import Run, is_run

__all__ = ["find_run", "runs_in"]

NAMED = 5  # runs that an error lists


def find_run(path: Path | None, runs: Path, beside: Sequence[str] = ()) -> Run:
    """Return a run by its folder, or the one that was trained last.

    Parameters
    ----------
    path : Path or None
        The run's folder, or its name in `runs`; ``None`` for the newest.
    runs : Path
        Folder of all runs.
    beside : sequence of str
        What else the caller takes in the place of a run, and may have been meant.

    Raises
    ------
    RunNotFoundError
        If there is no such run, or none at all.
    """
    if path is not None:
        for folder in (path, runs / path):
            with looking(folder):
                if is_run(folder):
                    return Run(folder)
        raise _no_such_run(path, runs, beside)
    trained = _with_checkpoint(runs)
    if not trained:
        raise RunNotFoundError(
            f"There is no run in {os.path.realpath(runs)} yet.",
            hint=f"Train first with: {command_line('train', runs=runs)}, or name a run's folder.",
        )
    return trained[0]


def runs_in(folder: Path) -> list[Run]:
    """Return the runs of a folder, the newest first: whatever takes or keeps the newest asks here.

    Parameters
    ----------
    folder : Path
        Folder of all runs; it need not exist. What is hidden in it is no run.

    Raises
    ------
    StorageError
        If it cannot be looked at.
    """
    found = inside(folder, lambda path: not path.name.startswith(".") and is_run(path))
    return sorted(map(Run, found), key=lambda run: (run.trained_at, run.name), reverse=True)


def _with_checkpoint(folder: Path) -> list[Run]:
    return [run for run in runs_in(folder) if run.checkpoint_path.is_file()]


def _no_such_run(path: Path, runs: Path, beside: Sequence[str]) -> RunNotFoundError:
    """Name the run that a file is of, or the runs that lie where this one was looked for."""
    for inner in (path, runs / path):
        if stands(inner) == "file" and is_run(inner.parent):
            return RunNotFoundError(
                f"{inner} is a file of a run, and not its folder.",
                hint=f"Did you mean {quoted([str(inner.parent)])}?",
            )
    word = nearest(str(path), beside)
    # A bare name is rather that of a run among all than that of one in the current folder.
    places = [runs, path.parent] if path.name == str(path) else [path.parent, runs]
    found = {place: there for place in places if (there := _with_checkpoint(place))}
    if found:
        # Without --run: to some commands it is an option, to others an argument.
        by_name = {run.name: run for there in reversed(found.values()) for run in there}
        # A number that is not there is no misspelling of another one.
        alike = [name for name in by_name if _number_of(name) == _number_of(path.name)]
        near = nearest(path.name, alike)
        newest = next(iter(found.values()))[0]
        meant = quoted([str((by_name[near] if near else newest).path)])
        if near or word:
            hint = f"Did you mean {meant if near else word}?"
        else:
            hint = f"Name another one, such as the newest: {meant}"
        listed = ", and ".join(f"in {place} there is {_listed(found[place])}" for place in found)
        return RunNotFoundError(f"There is no run in {path}; {listed}.", hint=hint)
    train = f"Train one with: {command_line('train', runs=runs)}"
    instead = f", or name {' or '.join(beside)} instead, which needs no run." if beside else ""
    return RunNotFoundError(
        f"There is no run in {path}, and none in {runs} either.",
        hint=f"Did you mean {word}?" if word else train + instead,
    )


def _listed(runs: list[Run]) -> str:
    names = ", ".join(run.name for run in runs[:NAMED])
    return names + (" and others" if len(runs) > NAMED else "")


def _number_of(name: str) -> str:
    return name[len(name.rstrip("0123456789")) :]
