"""The command that looks after run folders: runs."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from mnist_tool import configuration
from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import RunsOption, one_of, run_names
from mnist_tool.cli.screen.asking import confirmed
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import MnistToolError, SettingError
from mnist_tool.training.runs import find_run
from mnist_tool.training.shelf import RunSummary, list_runs, remove_run, summary_of


class Action(str, Enum):
    """What is to be done; a plain ``runs`` lists them."""

    LIST = "list"
    SHOW = "show"
    RM = "rm"
    CLEAN = "clean"


ACTIONS = [each.value for each in Action]


def _actions(incomplete: str) -> list[str]:
    return [word for word in ACTIONS if word.startswith(incomplete)]


@command(
    "runs",
    ("What has been trained", "mnist-tool runs"),
    ("One of them, with its settings", "mnist-tool runs show softmax-1"),
    ("Keep the five newest", "mnist-tool runs clean --keep 5"),
)
def runs(
    out: Output,
    action: Annotated[
        str,
        typer.Argument(metavar="list|show|rm|clean", help="What to do.", autocompletion=_actions),
    ] = "list",
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            help="Names or folders of runs, for show and rm.",
            autocompletion=run_names,
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option("--keep", metavar="N", min=0, help="How many clean leaves.")
    ] = 5,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    runs: RunsOption = None,
) -> None:
    """List, show or remove."""
    unknown = f"runs does nothing that is called {action!r}"
    of_a_run = f"Of a run: {command_line('runs', 'show', action, runs=runs)}"
    chosen = one_of(out, Action, action, unknown, of_a_run)
    folder = configuration.get("runs", runs)
    named = [find_run(Path(name), folder) for name in names or []]
    if chosen in {Action.SHOW, Action.RM} and not named:
        raise SettingError(
            f"runs {action}: which run?",
            hint=f"Name it; these there are: {command_line('runs', runs=runs)}",
        )
    if chosen in {Action.LIST, Action.CLEAN} and named:
        raise SettingError(
            f"runs {action} takes no names.",
            hint=f"To remove these: {out.line(instead={action: Action.RM.value})}",
        )
    if chosen is Action.SHOW:
        found = [summary_of(run) for run in named]
        for each in found:
            _show(out, each)
        out.data(runs=[_plain(each) for each in found])
        return
    present = list_runs(folder)
    if chosen is Action.LIST:
        _list(out, present, folder)
        return
    doomed = [summary_of(run) for run in named] if named else _stale(out, present[keep:])
    _remove(out, doomed, yes=yes)


def _stale(out: Output, old: list[RunSummary]) -> list[RunSummary]:
    """Leave out those that are old only because their next checkpoint is still to come."""
    busy = [each for each in old if each.run.in_training]
    for each in busy:
        out.note(f"{each.run.path} is being trained at this moment, and stays.")
    return [each for each in old if each not in busy]


def _list(out: Output, found: list[RunSummary], folder: Path) -> None:
    out.data(runs=[_plain(each) for each in found])
    if not found:
        out.note(f"There is no run in {folder} yet.")
        out.hint(command_line("train", runs=folder))
        return
    headings = ("run", "recipe", "data set", "epochs", "accuracy", "last trained", "size")
    out.table(headings, [_row(each) for each in found], right=(3, 4, 6))


def _row(each: RunSummary) -> tuple[str, ...]:
    accuracy = "" if each.accuracy is None else f"{each.accuracy:.2%}"
    epochs = "damaged" if each.problem else f"{each.done}/{each.epochs}"
    when = each.changed[:16].replace("T", " ")
    size = _size(each.size)
    return (each.run.name, each.recipe, each.dataset, epochs, accuracy, when, size)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _show(out: Output, each: RunSummary) -> None:
    out.print(f"{each.run.path}")
    if each.problem:
        out.print(f"  damaged: {each.problem}")
        return
    settings = each.run.settings
    state = "finished" if each.finished else f"{each.done} of {each.epochs} epochs"
    rows = {"state": state, "last trained": each.changed, "size": _size(each.size)}
    if each.accuracy is not None:
        rows["accuracy"] = f"{each.accuracy:.4f}"
    alone = (each.run.result() or {}).get("members")
    if alone:
        rows["each alone"] = ", ".join(f"{member['accuracy']:.4f}" for member in alone)
    metrics = each.run.metrics()
    if metrics:
        rows["cost"] = f"{metrics[-1]['cost']:.9f}"
        rows["trained for"] = f"{sum(epoch.get('seconds', 0.0) for epoch in metrics):.1f} s"
    for name, value in {**rows, **settings.as_dict()}.items():
        out.print(f"  {name:<15} {value}")


def _plain(each: RunSummary) -> dict[str, Any]:
    facts = asdict(each)
    del facts["run"]
    return {"name": each.run.name, "path": str(each.run.path), "finished": each.finished, **facts}


def _remove(out: Output, doomed: list[RunSummary], *, yes: bool) -> None:
    out.data(removed=[])
    if not doomed:
        out.note("There is nothing to remove.")
        return
    for each in doomed:
        out.print(f"{each.run.path}  {_size(each.size)}")
    if not (yes or _confirmed(len(doomed))):
        out.note("Nothing was removed.")
        return
    gone = [each for each in doomed if _removed(out, each)]
    out.data(removed=[str(each.run.path) for each in gone])
    if gone:
        out.note(f"{len(gone)} removed, {_size(sum(each.size for each in gone))} freed.")


def _removed(out: Output, each: RunSummary) -> bool:
    """Remove a run; one that stays is told, and stops none of the others."""
    try:
        remove_run(each.run)
    except MnistToolError as error:
        out.error(error)
        return False
    return True


def _confirmed(count: int) -> bool:
    what = "this run" if count == 1 else f"these {count} runs"
    return confirmed(
        f"Remove {what} for ever?",
        "There is no terminal to ask on whether they may be removed.",
        "Allow it with --yes.",
    )
