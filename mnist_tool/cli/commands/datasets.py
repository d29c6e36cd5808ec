"""The command that tells of the data sets: datasets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_tool import configuration
from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import RootOption, dataset_names
from mnist_tool.cli.screen.halfblocks import row
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.own import below
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError, MissingDataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROWS = 12  # classes whose numbers are told one below the other


@command(
    "datasets",
    ("All of them", "mnist-tool datasets"),
    ("What Fashion-MNIST is", "mnist-tool datasets fashion-mnist"),
)
def datasets(
    out: Output,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            autocompletion=dataset_names,
            show_default=False,
            help="A data set. [default: all of them, in a table]",
        ),
    ] = None,
    root: RootOption = None,
) -> None:
    """Print a table of the data sets, or the card of one."""
    where = Path(configuration.get("root", root))
    if name is None:
        _list(out, where)
    else:
        _show(out, Store(where, DATASETS[name], read_only=True), root)


def _list(out: Output, root: Path) -> None:
    stores = [Store(root, entry, read_only=True) for entry in (*DATASETS.values(), *below(root))]
    out.data(datasets=[_summary(store) for store in stores])
    rows = []
    for store in stores:
        entry = store.dataset
        counts = [f"{entry.count(split.name):,} {split.name}" for split in entry.splits]
        here = "yes" if store.complete() else ""
        rows.append((entry.name, len(entry.classes), ", ".join(counts), here))
    out.table(("name", "classes", "images", "here"), rows, right=(1,))
    out.hint(command_line("datasets", "fashion-mnist"))


def _summary(store: Store) -> dict[str, Any]:
    """Return what a program may want to know of a data set."""
    entry, card = store.dataset, store.dataset.card
    return {
        "name": entry.name,
        "title": entry.title,
        "folder": str(store.raw),
        "here": store.complete(),
        "classes": list(entry.classes),
        "splits": {split.name: entry.count(split.name) for split in entry.splits},
        "about": card.about,
        "authors": card.authors,
        "licence": card.licence,
        "homepage": card.homepage,
        "citation": card.citation,
    }


def _show(out: Output, store: Store, root: Path | None) -> None:
    """Print the card of a data set."""
    entry, card = store.dataset, store.dataset.card
    data = _data(out, store)
    counts = _counts(store, data is not None)
    out.data(**_summary(store), counts=counts)
    out.print(entry.title)
    out.print(card.about)
    out.print()
    for heading, text in (
        ("Made by", card.authors),
        ("Licence", card.licence),
        ("Homepage", card.homepage),
        ("To cite", card.citation),
    ):
        if text:
            out.print(f"{heading}: {text}")
    out.print()
    _show_counts(out, entry, counts)
    if data is None:
        out.hint(command_line("fetch", dataset=entry.name, root=root))
    else:
        out.print()
        out.show(row(*_samples(entry, *data), out.stdout))


def _data(out: Output, store: Store) -> tuple[NDArray[np.uint8], NDArray[np.integer[Any]]] | None:
    """Read the smallest split where the data is here; what is damaged is only a warning."""
    from mnist_tool.dataset.arrays import read_split

    smallest = min(store.dataset.splits, key=lambda split: store.dataset.count(split.name))
    try:
        return read_split(store, smallest.name)
    except MissingDataError:
        return None
    except CorruptDataError as error:
        out.warn(error.message)
        return None


def _counts(store: Store, here: bool) -> dict[str, list[int]]:
    """Count the images of each class in each split; those not here as far as it is published."""
    from mnist_tool.dataset.arrays import read_labels

    entry, counts = store.dataset, dict[str, list[int]]()
    for split in entry.splits:
        if here:
            try:
                labels = read_labels(store, split.name)
                classes = range(len(entry.classes))
                counts[split.name] = [int((labels == each).sum()) for each in classes]
                continue
            except (MissingDataError, CorruptDataError):
                pass
        if published := entry.card.counts.get(split.name):
            counts[split.name] = list(published)
    return counts


def _show_counts(out: Output, entry: Dataset, counts: dict[str, list[int]]) -> None:
    """Print how many images there are, and of which classes."""
    told = ", ".join(f"{entry.count(split.name):,} {split.name}" for split in entry.splits)
    out.print(f"Images: {told}")
    even = all(len(set(each)) == 1 for each in counts.values())
    if counts and not even and len(entry.classes) <= MOST_ROWS:
        rows = [
            (name, *(f"{each[number]:,}" for each in counts.values()))
            for number, name in enumerate(entry.classes)
        ]
        out.table(("class", *counts), rows, right=range(1, 1 + len(counts)))
        return
    between = " " if max(map(len, entry.classes)) == 1 else ", "
    out.print(f"{len(entry.classes)} classes: {between.join(entry.classes)}")
    if counts:
        each = ", ".join(f"{_span(split)} {name}" for name, split in counts.items())
        out.print(f"Images of a class: {each}")


def _span(counts: list[int]) -> str:
    least, most = min(counts), max(counts)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _samples(
    entry: Dataset, images: NDArray[np.uint8], labels: NDArray[np.integer[Any]]
) -> tuple[list[list[list[int]]], list[str]]:
    """Take the first image of each class, in the order of the classes."""
    import numpy as np

    found, first = np.unique(labels, return_index=True)
    return images[first].tolist(), [entry.classes[each] for each in found]
