"""The command that makes a data set of one's own pictures: import."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import RootOption
from mnist_tool.cli.screen.output import Output
from mnist_tool.training.recipes import get_recipe
from mnist_tool.training.settings import a_tenth

# Of the pictures that cannot be read, so many are told one by one.
FEW = 5


@command(
    "import",
    ("A folder for each class", "mnist-tool import letters --dataset-name letters"),
    ("Once more, with pictures added", "mnist-tool import letters --dataset-name letters --force"),
)
def import_(
    out: Output,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="With CLASS/picture in it, or train/CLASS/picture and test/CLASS/picture.",
        ),
    ],
    name: Annotated[
        str,
        typer.Option("--dataset-name", metavar="NAME", help="What it will be called."),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace one of that name.")] = False,
    root: RootOption = None,
) -> None:
    """Read the pictures, keep them as a data set, and print its folder."""
    from mnist_tool.dataset.importing import check_name, keep
    from mnist_tool.dataset.store import Store
    from mnist_tool.reading.labelled import read_labelled

    where = check_name(name, root, force=force)
    with out.progress() as progress:
        read = read_labelled(folder, progress)
    entry = keep(where, name, read.classes, read.splits, str(folder))
    counts = {
        split: [Counter(labels.tolist())[place] for place in range(len(read.classes))]
        for split, (_, labels) in read.splits.items()
    }
    out.data(
        dataset=name,
        folder=str(Store(where, entry).folder),
        classes=read.classes,
        counts=counts,
        left_out=read.left_out,
    )
    out.print(str(Store(where, entry).folder))
    rows = [
        (word, *(counts[split][place] for split in counts))
        for place, word in enumerate(read.classes)
    ]
    if not out.quiet:
        out.talk_table(("class", *counts), rows)
    for reason in read.left_out[:FEW]:
        out.warn(f"Left out: {reason}")
    if len(read.left_out) > FEW:
        out.warn(f"Left out: {len(read.left_out) - FEW} more; --json tells them all.")
    recipe, images = get_recipe("softmax"), len(read.splits["train"][1])
    fewer = ["--batch-size", str(a_tenth(images, recipe))] if images < recipe.batch_size else []
    out.hint(command_line("train", *fewer, dataset=name, root=root))
