"""The rows themselves: whole, consistent, and what torchvision says of the same data."""

from __future__ import annotations

import re
from math import prod

import numpy as np
import pytest

from mnist_tool.dataset.bytes.idx import TYPES, parse_header
from mnist_tool.dataset.registry import DATASETS, Dataset

EVERY = tuple(DATASETS.values())
each = pytest.mark.parametrize("dataset", EVERY, ids=lambda dataset: dataset.name)


@each
def test_a_data_set_is_whole(dataset: Dataset) -> None:
    """Images and labels of each part, as many of each, and hashes that are such."""
    for split in dict.fromkeys(file.split for file in dataset.files):
        images, labels = (dataset.file(split, role) for role in ("images", "labels"))
        assert images.shape[:1] == labels.shape[:1]
        assert images.shape[1:] == (28, 28)
        assert len(labels.shape) in {1, 2}
    assert len({(file.split, file.role) for file in dataset.files}) == len(dataset.files)
    for file in dataset.files:
        digests = [file.sha256, file.gz_sha256 or "", *(each.digest for each in file.proofs)]
        assert all(re.fullmatch("[0-9a-f]{64}|[0-9a-f]{32}|", text) for text in digests)
        assert file.identity


@each
def test_file_names_say_what_is_in_them(dataset: Dataset) -> None:
    """IDX names end with the number of dimensions and the type; headers say the same."""
    for file in dataset.files:
        dimensions, kind = re.fullmatch(r".*-idx(\d)-(\w+)", file.name).groups()  # type: ignore[union-attr]
        assert len(file.shape) == int(dimensions)
        assert TYPES[file.header[2]] == file.dtype == {"ubyte": "u1", "int": ">i4"}[kind]
        assert parse_header(file.header).shape == file.shape
        itemsize = np.dtype(file.dtype).itemsize
        assert file.size == len(file.header) + prod(file.shape) * itemsize


@each
def test_splits_are_within_their_files(dataset: Dataset) -> None:
    """Each can be asked for, and none is empty."""
    for split in dataset.splits:
        assert 0 < dataset.count(split.name) <= dataset.file(split.file, "images").shape[0]
    assert len({split.name for split in dataset.splits}) == len(dataset.splits)


@each
def test_counts_on_the_card_add_up(dataset: Dataset) -> None:
    """One for each class, together the whole split."""
    for split, counts in dataset.card.counts.items():
        assert len(counts) == len(dataset.classes)
        assert sum(counts) == dataset.count(split)


@each
def test_a_card_says_everything(dataset: Dataset) -> None:
    """Who uses a data set must know where it comes from and what is allowed."""
    card = dataset.card
    assert all((card.about, card.authors, card.licence, card.homepage, card.citation))
    assert len(set(dataset.classes)) == len(dataset.classes)
    assert all(source.note for source in dataset.sources)
