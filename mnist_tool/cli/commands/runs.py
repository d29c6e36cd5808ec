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
from mnist_tool.cli.frame.options import RunsOption, one_of, run_names, valued
from mnist_tool.cli.screen.asking import confirmed
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import MnistToolError, SettingError
from mnist_tool.training.finding import find_run, runs_in
from mnist_tool.training.runs import Run
from mnist_tool.training.shelf import RunSummary, list_runs, remove_run, summary_of


class Action(str, Enum):
    """What is to be done; a plain ``runs`` lists them."""

    LIST = "list"
    SHOW = "show"
    RM = "rm"
    CLEAN = "clean"


ACTIONS = [each.value for each in Action]
KEEPING, REMOVING = (Action.CLEAN,), (Action.RM, Action.CLEAN)
# What those that take no names were taken for.
TAKES_NAMES = {Action.LIST: ("show", Action.SHOW), Action.CLEAN: ("remove", Action.RM)}
KEPT = 5


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
        int | None,
        valued("--keep", metavar="N", min=0, help=f"How many clean leaves. [default: {KEPT}]"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    runs: RunsOption = None,
) -> None:
    """List, show or remove."""
    unknown = f"runs does nothing that is called {action!r}"
    of_a_run = f"Of a run: {command_line('runs', 'show', action, runs=runs)}"
    chosen = one_of(out, Action, action, unknown, of_a_run)
    folder = configuration.get("runs", runs)
    named = _named(names or [], folder)
    if chosen in {Action.SHOW, Action.RM} and not named:
        raise SettingError(
            f"runs {action}: which run?",
            hint=f"Name it; these there are: {command_line('runs', runs=runs)}",
        )
    if chosen in {Action.LIST, Action.CLEAN} and named:
        does, instead = TAKES_NAMES[chosen]
        raise SettingError(
            f"runs {action} takes no names.",
            hint=f"To {does} these: {out.line(instead={action: instead.value})}",
        )
    for option, given, takers in (("--keep", keep is not None, KEEPING), ("--yes", yes, REMOVING)):
        if given and chosen not in takers:
            words = " and ".join(f"runs {each.value}" for each in takers)
            raise SettingError(
                f"runs {action} has no use for {option}.", hint=f"Leave it out: it is for {words}."
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
    if chosen is Action.RM:
        doomed = [summary_of(run) for run in named]
    else:
        doomed = _stale(out, present[KEPT if keep is None else keep :])
    _remove(out, doomed, yes=yes)


def _stale(out: Output, old: list[RunSummary]) -> list[RunSummary]:
    """Leave out those that are old only because their next checkpoint is still to come."""
    busy = [each for each in old if each.run.in_training]
    for each in busy:
        out.note(f"{each.run.path} is being trained at this moment, and stays.")
    return [each for each in old if each not in busy]


def _named(names: list[str], folder: Path) -> list[Run]:
    """Return the runs that are meant, each once; a name means what the list shows."""
    listed = {run.name: run for run in runs_in(folder)} if names else {}
    found = [listed.get(name) or find_run(Path(name), folder) for name in names]
    return list({run.place: run for run in found}.values())


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
    epochs = "problem" if each.problem else f"{each.done}/{each.epochs}"
    when = each.changed[:16].replace("T", " ")
    size = _size(each.size)
    return (each.run.name, each.recipe, each.dataset, epochs, accuracy, when, size)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _show(out: Output, each: RunSummary) -> None:
    out.print(f"{each.run.path}")
    if each.problem:
        out.print(f"  problem: {each.problem}")
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
    freed = {each.run: 0 if each.run.path.is_symlink() else each.size for each in doomed}
    for run, size in freed.items():
        out.print(f"{run.path}  {_size(size)}")
    if not (yes or _confirmed(len(doomed))):
        out.note("Nothing was removed.")
        return
    gone = [run for run in freed if _removed(out, run)]
    out.data(removed=[str(run.path) for run in gone])
    if gone:
        out.note(f"{len(gone)} removed, {_size(sum(freed[run] for run in gone))} freed.")


def _removed(out: Output, run: Run) -> bool:
    """Remove a run; one that stays is told, and stops none of the others."""
    try:
        remove_run(run)
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
