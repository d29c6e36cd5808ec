"""The options that several commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mnist_tool.configuration import SETTINGS
from mnist_tool.dataset.registry import DATASETS

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
    "TimeoutOption",
]


def _dataset_names(incomplete: str) -> list[str]:
    return [
        name for name, entry in DATASETS.items() if entry.sources and name.startswith(incomplete)
    ]


RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="FOLDER",
        help="Folder that holds MNIST/raw. [env: MNIST_TOOL_ROOT] [default: MNIST_data]",
        show_default=False,
    ),
]
DatasetOption = Annotated[
    str,
    typer.Option(
        "--dataset", metavar="NAME",
        help="mnist, or synthetic: digits the tool draws itself (not MNIST).",
        autocompletion=_dataset_names,
    ),
]  # fmt: skip
OfflineOption = Annotated[
    bool | None,
    typer.Option("--offline", help="Never use the network. [env: MNIST_TOOL_OFFLINE]",
                 show_default=False),
]  # fmt: skip
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0.1, show_default=False,
        help="Seconds of silence before a source is given up. [env: MNIST_TOOL_TIMEOUT] "
        "[default: 15]",
    ),
]  # fmt: skip


def _clock(name: str, least: float, unit: str = "SECONDS") -> Any:
    """The option for one clock, described as its setting is."""
    setting = SETTINGS[name]
    text = f"{setting.help} [env: {setting.variable}] [default: {setting.default:g}]"
    return typer.Option(
        f"--{name.replace('_', '-')}", metavar=unit, min=least, show_default=False, help=text,
    )  # fmt: skip


ConnectTimeoutOption = Annotated[float | None, _clock("connect_timeout", 0.01)]
PatienceOption = Annotated[float | None, _clock("patience", 0.01)]
MinRateOption = Annotated[int | None, _clock("min_rate", 0, "BYTES")]
GraceOption = Annotated[float | None, _clock("grace", 0.01)]
SourceDeadlineOption = Annotated[float | None, _clock("source_deadline", 0.01)]
DeadlineOption = Annotated[float | None, _clock("deadline", 0.01)]
LockWaitOption = Annotated[float | None, _clock("lock_wait", 0.01)]
RunOption = Annotated[
    Path | None,
    typer.Option("--run", metavar="FOLDER", help="Folder of a run. [default: the newest]",
                 show_default=False),
]  # fmt: skip
RunsOption = Annotated[
    Path | None,
    typer.Option("--runs", metavar="FOLDER", show_default=False,
                 help="Folder of all runs. [env: MNIST_TOOL_RUNS] [default: runs]"),
]  # fmt: skip
RunDatasetOption = Annotated[
    str | None,
    typer.Option("--dataset", metavar="NAME", show_default=False,
                 help="mnist or synthetic. [default: the run's]"),
]  # fmt: skip
ShowOption = Annotated[
    bool, typer.Option("--show", help="Also open a window, where there is a display.")
]
