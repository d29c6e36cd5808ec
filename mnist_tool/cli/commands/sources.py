"""The command that lists and tries where the data comes from: sources."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import DatasetOption, OfflineOption, TimeoutOption
from mnist_tool.cli.screen.output import Output


@command(
    "sources",
    ("In the order in which fetch asks them", "mnist-tool sources"),
    ("Which of them answer from here", "mnist-tool sources --check"),
)
def sources(
    out: Output,
    check: Annotated[
        bool, typer.Option("--check", help="Try each one, all within seconds.")
    ] = False,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Print a table of the sources, or of their answers."""
    from mnist_tool.dataset.check import check_sources
    from mnist_tool.dataset.registry import DATASETS

    listed = DATASETS[dataset].sources
    if not check:
        out.data(sources=[{"kind": source.kind, **asdict(source)} for source in listed])
        out.table(
            ("name", "kind", "location", "note"),
            [(s.name, s.kind, s.location, s.note) for s in listed],
        )
        return
    answers = check_sources(dataset, offline=offline, timeout=timeout)
    out.data(sources=[asdict(answer) for answer in answers])
    rows = [
        (a.name, "yes" if a.reachable else "no", a.status or "", a.answer, f"{a.seconds:.2f} s")
        for a in answers
    ]
    out.table(("name", "reachable", "status", "answer", "time"), rows, right=(4,))
    if not any(answer.reachable for answer in answers):
        out.answer(1)
