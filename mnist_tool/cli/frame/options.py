"""The options that several commands share, each defined once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from mnist_tool import configuration
from mnist_tool.cli.frame.help import FORMER_OUTPUT
from mnist_tool.configuration import SETTINGS
from mnist_tool.dataset.own import look_in
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import SettingError

__all__ = [
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
    "alone_on_stdout",
    "output_option",
    "run_names",
    "source_names",
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


def output_option(metavar: str, text: str, *, formerly_save: bool = False) -> Any:
    """Make the option that says where the thing goes that a command makes: ``--output``, ``-o``.

    Parameters
    ----------
    metavar : str
        ``FILE``, or ``FOLDER`` where several files are made.
    text : str
        The explanation.
    formerly_save : bool
        Take ``--save`` too, which is what it was called in this command once.
    """
    names = ("--output", "-o", *([FORMER_OUTPUT] if formerly_save else []))
    return valued(
        *names, metavar=metavar, help=text, callback=_a_folder if metavar == "FOLDER" else None
    )


def _a_folder(output: Path | None) -> Path | None:
    """Refuse stdout where several files are made."""
    if output == STDOUT:
        raise SettingError(
            "-o - is stdout, which cannot take a folder of pictures.",
            hint="Name a folder: -o FOLDER",
        )
    return output


def alone_on_stdout(output: Path | None, what: str, example: str, **others: bool) -> bool:
    """Return whether `what` is to be written to stdout, which then nothing else may want.

    Parameters
    ----------
    output : Path or None
        The value of ``--output``.
    what : str
        What the command writes.
    example : str
        Words of a command that writes it into a file.
    **others : bool
        Options that have no use for it, by their names, and whether they are given.

    Raises
    ------
    SettingError
        If one of them is.
    """
    given = [name for name, is_given in others.items() if is_given]
    if output == STDOUT and given:
        raise SettingError(
            f"-o - sends the {what} to stdout, which --{given[0]} has no use for.",
            hint=f"Name a file: {example}",
        )
    return output == STDOUT


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
