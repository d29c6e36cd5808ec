"""Which registered file some bytes are, and the first thing in which they differ from another."""

from __future__ import annotations

import hashlib

import pytest

from mnist_tool.dataset.identity import difference, longest_with, name_known, unproven
from mnist_tool.dataset.registry import DATASETS
from tests.faults import tiny

FILES = [file for dataset in DATASETS.values() for file in dataset.files if file.sha256]
IMAGES = tiny.TINY.file("test", "images")
CONTENT = tiny.CONTENT[IMAGES.name]


def test_every_registered_file_is_known_by_its_hash() -> None:
    """A file of any data set is called by its name, wherever it turns up."""
    for dataset in DATASETS.values():
        for file in dataset.files:
            if file.sha256:
                assert name_known(file.sha256) == f"{file.name} of {dataset.title}"
    assert name_known("0" * 64) is None
    assert name_known("") is None


def test_the_largest_file_with_a_header_decides_how_far_to_read() -> None:
    """Two data sets may begin alike; what begins like none is not read at all."""
    for file in FILES:
        assert longest_with(file.header) == max(f.size for f in FILES if f.header == file.header)
    assert longest_with(b"") == 0
    assert longest_with(FILES[0].header[:-1]) == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CONTENT[:-1], f"it has {IMAGES.size - 1:,} bytes where {IMAGES.size:,} are expected"),
        (CONTENT[:-1] + b"!", "its SHA-256 is {} where " + IMAGES.sha256),
        (b"<html>x", "it is a web page (7 bytes)"),
        (b"", "it is nothing"),
    ],
)
def test_the_first_difference_that_says_something(content: bytes, words: str) -> None:
    """Another kind of file, another size, another content - in this order."""
    sha256 = hashlib.sha256(content).hexdigest()
    assert difference(IMAGES, len(content), sha256, content).startswith(words.format(sha256))


def test_a_file_of_another_data_set_is_called_by_its_name() -> None:
    """That says more than a size or a header that differs."""
    other = DATASETS["fashion-mnist"].files[0]
    told = difference(IMAGES, other.size, other.sha256, other.header)
    assert told == f"it is {other.name} of Fashion-MNIST"


def test_what_only_carriers_prove_is_not_judged_without_them() -> None:
    """Neither right nor wrong can be said of bytes of its form."""
    file = DATASETS["kmnist"].file("test", "labels")
    told = difference(file, file.size, "0" * 64, file.header)
    assert (
        told
        == unproven(file)
        == ("no checksum of the unpacked file is published, only of t10k-labels-idx1-ubyte.gz")
    )
    told = difference(file, file.size, "0" * 64, file.header, "1" * 64)
    assert told == f"its SHA-256 is {'0' * 64} where {'1' * 64} is expected"
    zipped = DATASETS["emnist-letters"].file("test", "labels")
    assert unproven(zipped).endswith("only of gzip.zip or emnist-gzip.zip")
