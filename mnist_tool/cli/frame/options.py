"""The options that several commands share, each defined once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from mnist_tool import configuration
from mnist_tool.advice import nearest, quoted
from mnist_tool.cli.frame.help import FORMER_OUTPUT
from mnist_tool.cli.screen.output import Output
from mnist_tool.cli.screen.streams import write_bytes
from mnist_tool.configuration import SETTINGS
from mnist_tool.dataset.own import look_in
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import SettingError

__all__ = [
    "STDOUT",
    "ConnectTimeoutOption",
    "DatasetOption",
    "DeadlineOption",
    "GraceOption",
    "LockWaitOption",
    "MinRateOption",
    "OfflineOption",
    "PatienceOption",
    "RootOption",
    "RunDatasetOption",
    "RunOption",
    "RunsOption",
    "ShowOption",
    "SourceDeadlineOption",
    "SplitOption",
    "TimeoutOption",
    "not_stdout",
    "one_of",
    "output_option",
    "run_names",
    "source_names",
    "to_stdout",
    "valued",
]


def dataset_names(incomplete: str) -> list[str]:
    """Return the data sets whose names begin so, for the completion of shells."""
    return [name for name in DATASETS if name.startswith(incomplete)]


def source_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the sources of the data set typed so far whose names begin so."""
    dataset = DATASETS.get(ctx.params.get("dataset") or "mnist", DATASETS["mnist"])
    return [source.name for source in dataset.sources if source.name.startswith(incomplete)]


def run_names(incomplete: str) -> list[str]:
    """Return the runs of the usual folder whose names begin so; the shell asks with each TAB."""
    folder: Path = configuration.get("runs")
    with suppress(OSError):
        return sorted(
            path.name
            for path in folder.iterdir()
            if path.name.startswith(incomplete) and (path / "settings.json").is_file()
        )
    return []


def valued(*names: str, metavar: str, help: str, **settings: Any) -> Any:  # noqa: A002
    """Make an option that takes a value; its help tells the default, if it has one to tell.

    Parameters
    ----------
    *names : str
        As people type it, dashes included.
    metavar, help : str
        What stands for the value, and the explanation.
    **settings : object
        What else `typer.Option` takes.
    """
    return typer.Option(*names, metavar=metavar, help=help, show_default=False, **settings)


def _of_setting(name: str, metavar: str, **more: Any) -> Any:
    """Make the option that decides a setting; `configuration` says what it may be."""
    setting = SETTINGS[name]
    default = setting.default if isinstance(setting.default, Path) else f"{setting.default:g}"
    text = f"{setting.help} [env: {setting.variable}] [default: {default}]"
    return valued(f"--{name.replace('_', '-')}", metavar=metavar, help=text, **more)


STDOUT = Path("-")
Choice = TypeVar("Choice", bound=Enum)


def one_of(out: Output, kind: type[Choice], word: str, unknown: str, otherwise: str) -> Choice:
    """Return the member of a closed list that a word names.

    Parameters
    ----------
    out : Output
        The command's, which knows what else was typed.
    kind : type
        The list: an `Enum` whose values are words.
    word : str
        As typed.
    unknown : str
        What is wrong with any other word.
    otherwise : str
        The hint where none of them is near.

    Raises
    ------
    SettingError
        If it names none; all that there are follow behind `unknown`.
    """
    words = [each.value for each in kind]
    if word in words:
        return kind(word)
    near = nearest(word, words)
    raise SettingError(
        f"{unknown}; there are {', '.join(words)}.",
        hint=f"Did you mean {out.line(instead={word: near})}?" if near else otherwise,
    )


def output_option(
    metavar: str, text: str, *, stdout: bool = False, formerly_save: bool = False
) -> Any:
    """Make the option that says where the thing goes that a command makes: ``--output``, ``-o``.

    Parameters
    ----------
    metavar : str
        ``FILE``, or ``FOLDER`` where several files are made.
    text : str
        The explanation.
    stdout : bool
        Whether ``-o -`` sends it to stdout, see `to_stdout`; otherwise that is refused.
    formerly_save : bool
        Take ``--save`` too, which is what it was called in this command once.
    """
    names = ("--output", "-o", *([FORMER_OUTPUT] if formerly_save else []))
    return valued(*names, metavar=metavar, help=text, callback=None if stdout else not_stdout)


def not_stdout(output: Path | None) -> Path | None:
    """Refuse ``-`` where something else is printed: no file of that name is meant."""
    if output == STDOUT:
        raise SettingError(
            "- stands for stdout, to which this command prints something else.",
            hint="Name a file or a folder; ./- is one that is called so.",
        )
    return output


def to_stdout(
    out: Output, output: Path | None, name: str, *, text: bool = False, **others: bool
) -> Callable[[bytes], None] | None:
    """Return what writes the product to stdout, where ``-o -`` asks for that: the only way there.

    Parameters
    ----------
    out : Output
        The command's; ``--json`` has its own use for stdout.
    output : Path or None
        The value of ``--output``.
    name : str
        What the product could be called as a file.
    text : bool
        Whether it is text, which may be shown on a terminal.
    **others : bool
        Options that have no use for it, by their names, and whether they are given.

    Raises
    ------
    SettingError
        If one of them is, or if a terminal would get bytes that are no text.
    """
    if output != STDOUT:
        return None
    given = [option for option, is_given in {"json": out.json_mode, **others}.items() if is_given]
    if given:
        raise SettingError(
            f"-o - sends the bytes of {name} to stdout, which --{given[0]} has no use for.",
            hint=f"Name a file: {out.line('-o', name)}",
        )
    if not text and sys.stdout.isatty():
        raise SettingError(
            f"-o - would write the bytes of {name} to a terminal, which cannot show them.",
            hint=f"Send them to a file: {out.line()} > {quoted([name])}",
        )
    return write_bytes


def _named_root(root: Path | None) -> Path | None:
    """Let the data sets of one's own be found that lie below the root named."""
    look_in(root)
    return root


RootOption = Annotated[Path | None, _of_setting("root", "FOLDER", callback=_named_root)]
RunsOption = Annotated[Path | None, _of_setting("runs", "FOLDER")]
TimeoutOption = Annotated[float | None, _of_setting("timeout", "SECONDS")]
ConnectTimeoutOption = Annotated[float | None, _of_setting("connect_timeout", "SECONDS")]
PatienceOption = Annotated[float | None, _of_setting("patience", "SECONDS")]
MinRateOption = Annotated[int | None, _of_setting("min_rate", "BYTES")]
GraceOption = Annotated[float | None, _of_setting("grace", "SECONDS")]
SourceDeadlineOption = Annotated[float | None, _of_setting("source_deadline", "SECONDS")]
DeadlineOption = Annotated[float | None, _of_setting("deadline", "SECONDS")]
LockWaitOption = Annotated[float | None, _of_setting("lock_wait", "SECONDS")]
OfflineOption = Annotated[
    bool | None, typer.Option("--offline", help="Never use the network. [env: MNIST_TOOL_OFFLINE]")
]
DatasetOption = Annotated[
    str,
    typer.Option(
        "--dataset",
        metavar="NAME",
        help="Which data; see: mnist-tool datasets",
        autocompletion=dataset_names,
    ),
]
RunDatasetOption = Annotated[
    str | None,
    valued(
        "--dataset",
        metavar="NAME",
        help="Which data to show it. [default: the run's]",
        autocompletion=dataset_names,
    ),
]
SplitOption = Annotated[
    str,
    typer.Option(
        "--split", metavar="NAME", help="Which part of the data; see: mnist-tool datasets NAME"
    ),
]
RunOption = Annotated[
    Path | None,
    valued(
        "--run",
        metavar="RUN",
        help="Name or folder of a run. [default: the newest]",
        autocompletion=run_names,
    ),
]
ShowOption = Annotated[
    bool, typer.Option("--show", help="Also open a window, where there is a display.")
]
