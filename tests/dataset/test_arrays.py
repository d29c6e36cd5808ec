"""Arrays from the disk: what torchvision reads, verified or refused with what to do."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets.mnist import read_image_file, read_label_file

from mnist_tool.dataset.arrays import read, read_bytes, read_labels, read_split
from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError, MissingDataError
from tests.dataset.shrunk import LOST, registered
from tests.faults import tiny

FILE = tiny.TINY.file("test", "labels")


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with all files, laid down long ago by somebody else."""
    for file in tiny.FILES:
        store.path(file).write_bytes(tiny.CONTENT[file.name])
        os.utime(store.path(file), ns=(10**18, 10**18))
    return store


@pytest.mark.parametrize("split", ["train", "test"])
def test_torchvision_reads_the_same(filled: Store, split: str) -> None:
    """Values, type and shape; the memory is the caller's own."""
    images, labels = read_split(filled, split)
    theirs = [filled.path(tiny.TINY.file(split, role)) for role in ("images", "labels")]
    assert np.array_equal(images, read_image_file(str(theirs[0])).numpy())
    assert np.array_equal(labels, read_label_file(str(theirs[1])).numpy())
    assert images.dtype == labels.dtype == np.uint8
    images[:] = labels[:] = 0
    assert read(filled, tiny.TINY.file(split, "images")).any()


def test_what_was_verified_is_not_hashed_again(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reading notes it; any change of the file takes that back."""
    read(filled, FILE)
    assert filled.record.stamp(FILE) is not None
    with monkeypatch.context() as patch:
        patch.setattr("mnist_tool.dataset.arrays.hashlib", None)
        assert bytes(read_bytes(filled, FILE)) == tiny.CONTENT[FILE.name]
    filled.path(FILE).write_bytes(tiny.CONTENT[FILE.name][:-1] + b"\xff")
    os.utime(filled.path(FILE), ns=(10**18 + 1, 10**18 + 1))
    with pytest.raises(CorruptDataError, match="SHA-256"):
        read(filled, FILE)


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: c + b"x", lambda c: b"", lambda c: b"<html>" + c[6:]]
)
def test_another_content_is_refused(filled: Store, change) -> None:
    """With the command that replaces it."""
    filled.path(FILE).write_bytes(change(tiny.CONTENT[FILE.name]))
    with pytest.raises(CorruptDataError, match="is not Tiny's file") as caught:
        read(filled, FILE)
    assert "mnist-tool fetch --dataset tiny --root" in caught.value.hint


def test_what_is_not_there_is_missing(filled: Store) -> None:
    """With the command that gets it; a folder in its place is damage."""
    filled.path(FILE).unlink()
    with pytest.raises(MissingDataError, match="is not complete") as caught:
        read_split(filled, "test")
    assert "mnist-tool fetch --dataset tiny --root" in caught.value.hint
    filled.path(FILE).mkdir()
    with pytest.raises(CorruptDataError, match="not a file"):
        read(filled, FILE)


def _laid_down(name: str) -> tuple[Store, dict[str, np.ndarray]]:
    """Fetch a small data set, and return its store and its files as arrays."""
    with registered(name) as made:
        for packed, content in made[name].packed.items():
            Path(packed).write_bytes(content)
        fetch("root", dataset=name, sources=".", offline=True)
        plain = {file: decode(content) for file, content in made[name].plain.items()}
        return Store(Path("root"), made[name].dataset), plain


def test_emnist_is_upright_and_counts_from_0() -> None:
    """Unless it is wanted as it is in the files, which is as torchvision has it."""
    store, plain = _laid_down("emnist-letters")
    pictures = plain["emnist-letters-train-images-idx3-ubyte"]
    truths = plain["emnist-letters-train-labels-idx1-ubyte"]
    images, labels = read_split(store, "train")
    assert np.array_equal(images, pictures.transpose(0, 2, 1))
    assert images.flags.c_contiguous
    assert np.array_equal(labels + 1, truths)
    assert (labels.min(), labels.max()) == (0, 25)
    assert np.array_equal(read_labels(store, "train"), labels)
    images, labels = read_split(store, "train", raw=True)
    assert np.array_equal(images, pictures)
    assert np.array_equal(labels, truths)


def test_qmnist_has_splits_and_eight_columns() -> None:
    """The first column is the class; the lost digits come after those of MNIST."""
    store, plain = _laid_down("qmnist")
    pictures = plain["qmnist-test-images-idx3-ubyte"]
    classes = plain["qmnist-test-labels-idx2-int"][:, 0]
    assert read(store, store.dataset.file("test", "labels")).dtype == np.int32
    for split, part in (
        ("test", slice(None)),
        ("test10k", slice(LOST)),
        ("test50k", slice(LOST, None)),
    ):
        images, labels = read_split(store, split)
        assert np.array_equal(images, pictures[part])
        assert np.array_equal(labels, classes[part])
        assert len(labels) == store.dataset.count(split)
