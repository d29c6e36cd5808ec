"""The options that several commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mnist_tool.dataset.registry import DATASETS

__all__ = [
    "DatasetOption",
    "OfflineOption",
    "RootOption",
    "RunOption",
    "RunsOption",
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
        help="Folder that holds MNIST/raw. [env: MNIST_TOOL_ROOT] [default: MNIST_data]",
        show_default=False,
    ),
]
DatasetOption = Annotated[
    str,
    typer.Option(
        "--dataset", help="mnist, or synthetic: digits the tool draws itself (not MNIST).",
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
        "--timeout", min=0.1, show_default=False,
        help="Seconds of silence before a source is given up. [env: MNIST_TOOL_TIMEOUT] "
        "[default: 15]",
    ),
]  # fmt: skip
RunOption = Annotated[
    Path | None,
    typer.Option("--run", help="Folder of a run. [default: the newest]", show_default=False),
]
RunsOption = Annotated[
    Path | None,
    typer.Option("--runs", help="Folder of all runs. [env: MNIST_TOOL_RUNS] [default: runs]",
                 show_default=False),
]  # fmt: skip
