"""Images and labels in memory: which files of a data set they are, or why they are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mnist_tool.dataset.bytes.archives import Capped
from mnist_tool.dataset.bytes.forms.values import InMemory
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.dataset.bytes.recognise import describe
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.reordered import known_order_free, order_free

if TYPE_CHECKING:
    from mnist_tool.dataset.row import Dataset

__all__ = ["file_by_file", "why_other", "why_unfit"]

# Kaggle's "Digit Recognizer", often taken for the original.
KAGGLE = {42_000: "train.csv", 28_000: "test.csv"}


class Part(InMemory):
    """One file of several that were one array.

    Parameters
    ----------
    whole : InMemory
        That.
    start, stop : int
        Which of its values it is.
    """

    def __init__(self, whole: InMemory, start: int, stop: int) -> None:
        super().__init__(whole.values[start:stop])
        self.whole, self.within, self.member = whole, whole.within, whole.member


def file_by_file(
    dataset: Dataset, found: Iterable[tuple[str, InMemory]]
) -> Iterator[tuple[str, InMemory]]:
    """Yield the values found; an array of all images or labels of a data set file by file.

    OpenML and scikit-learn have MNIST so: 60,000 images to train with, then 10,000 to test with.
    """
    for name, whole in found:
        files = _alike(whole, dataset)
        if len(whole.values) != sum(map(_count, files)):
            yield name, whole
            continue
        start = 0
        for file in files:
            yield name, Part(whole, start, start + _count(file))
            start += _count(file)


def _alike(stream: InMemory, dataset: Dataset) -> list[DataFile]:
    """Return the files of a data set that hold such values: images of that size, or labels."""
    return [file for file in dataset.files if file.shape[1:] == stream.values.shape[1:]]


def _count(file: DataFile) -> int:
    return file.shape[0]


def why_other(stream: Readable, dataset: Dataset) -> str:
    """Say what is wrong with values that are as many as those of a file, but not the same.

    Returns
    -------
    str
        Empty where nothing is known but the difference itself.
    """
    if not isinstance(stream, InMemory):
        return ""
    whole = stream.whole if isinstance(stream, Part) else stream
    alike = _alike(stream, dataset)
    groups = [alike] if isinstance(stream, Part) else [[file] for file in alike]
    groups = [group for group in groups if sum(map(_count, group)) == len(whole.values)]
    wanted = {known_order_free(group): group for group in groups}
    if wanted.pop("", None) and not wanted:
        return ""
    group = wanted.get(order_free(whole.values), [])
    if not group:
        return ""
    of = " and ".join(file.name for file in group)
    return (
        f"it has the {_told(whole.values.shape)} of {of}, but in another order, so that the "
        "original cannot be made from it"
    )


def why_unfit(stream: Readable, dataset: Dataset) -> str:
    """Say what values are that no file of a data set has as many of; empty if one has."""
    if not isinstance(stream, InMemory | Capped):
        return ""
    if any(stream.head.startswith(file.header) for file in dataset.files):
        return ""
    if isinstance(stream, Capped):
        return f"it is {describe(stream.head)}"
    alike = [f"{_count(file):,} ({file.split})" for file in _alike(stream, dataset)]
    shape = stream.values.shape
    if not alike:
        return f"it has {_told(shape)}, and {dataset.title} has no such files"
    told = f"it has {_told(shape)} where {dataset.title} has {' and '.join(alike)}"
    if dataset.name == "mnist" and shape[0] in KAGGLE and len(shape) > 1:
        told += (
            f"; so many has Kaggle's {KAGGLE[shape[0]]}, which lacks {70_000 - shape[0]:,} of the "
            "70,000 images and their order, so that the originals cannot be made from it"
        )
    return told


def _told(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]:,} labels"
    return f"{shape[0]:,} images of {shape[1]} x {shape[2]} pixels"
