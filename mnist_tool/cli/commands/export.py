"""The command that writes the data in another form: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    DatasetOption,
    OfflineOption,
    RootOption,
    not_stdout,
    valued,
)
from mnist_tool.cli.screen.output import Output


def _format_names(incomplete: str) -> list[str]:
    from mnist_tool.dataset.export import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


@command(
    "export",
    ("The lecture's archive, for a room without a network", "mnist-tool export MNIST.tar.gz"),
    ("Pictures for ImageFolder", "mnist-tool export digits --format png --limit 1000"),
    ("A table of the test images", "mnist-tool export test.csv --split test"),
)
def export(
    out: Output,
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="PATH",
            help="The file or folder to write. Its end tells the format.",
            show_default=False,
            callback=not_stdout,
        ),
    ] = None,
    form: Annotated[
        str | None,
        valued(
            "--format",
            metavar="NAME",
            help="tar.gz, gz, npz, csv, parquet, png or mat. [default: as PATH ends, or tar.gz]",
            autocompletion=_format_names,
        ),
    ] = None,
    split: Annotated[
        str | None,
        valued("--split", metavar="NAME", help="Which part of the data. [default: all of it]"),
    ] = None,
    limit: Annotated[
        int | None,
        valued("--limit", metavar="N", help="The first N images of each split alone."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    root: RootOption = None,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
) -> None:
    """Write, print what was written, and say how it is read back."""
    from mnist_tool.dataset.export import export as write
    from mnist_tool.dataset.registry import DATASETS

    with out.progress() as progress:
        written = write(
            target,
            root=root,
            dataset=dataset,
            form=form,
            split=split,
            limit=limit,
            force=force,
            offline=offline,
            progress=progress,
        )
    out.data(
        files=[
            {"path": str(each.path), "images": each.images, "original": each.original}
            for each in written
        ]
    )
    for each in written:
        out.print(str(each.path))
    if any(each.original is False for each in written):
        out.note(
            "Some .gz have other bytes than the published ones. The files in them are the same, "
            "but torchvision's download looks at the bytes of the .gz."
        )
    row = DATASETS[dataset]
    if row.algorithms:
        out.note(
            f"No checksum of the files of {row.title} is published, only of what they come in, "
            "so that fetch cannot prove what is written here and does not take it. To give the "
            f"data on, copy the folder {row.folder} under the root whole."
        )
    elif split is None and limit is None:
        given = [word for each in written for word in ("--from", str(each.path))]
        if written[0].path.suffix == ".gz" and len(written) > 1:
            given = ["--from", str(written[0].path.parent)]
        out.hint(command_line("fetch", *given, dataset=dataset))
