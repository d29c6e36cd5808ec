"""The registered data sets: consistent among themselves, and with what torchvision knows."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from mnist_tool.dataset.registry import DATASETS, FASHION, MNIST, Dataset
from mnist_tool.errors import SettingError

EVERY = tuple(DATASETS.values())


@pytest.mark.parametrize("dataset", EVERY, ids=lambda dataset: dataset.name)
def test_a_data_set_is_whole(dataset: Dataset) -> None:
    """Images and labels of both splits, as many of each, and hashes that are such."""
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images, labels = (dataset.file(split, role) for role in ("images", "labels"))
        assert images.shape[:1] == labels.shape
        assert images.name == f"{prefix}-images-idx3-ubyte"
        assert labels.name == f"{prefix}-labels-idx1-ubyte"
    assert len(dataset.files) == 4
    hashes = [file.sha256 for file in dataset.files] + [
        file.gz_sha256 or "" for file in dataset.files
    ]
    assert all(re.fullmatch("[0-9a-f]{64}|", text) for text in hashes)


def test_no_two_files_are_one() -> None:
    """Content is identity, so no hash, name of a data set, folder or source may stand twice."""
    hashes = [file.sha256 for dataset in EVERY for file in dataset.files]
    assert len(set(hashes)) == len(hashes)
    assert len({dataset.folder for dataset in EVERY}) == len(EVERY)
    for dataset in EVERY:
        names = [source.name for source in dataset.sources]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("dataset", [MNIST, FASHION], ids=lambda dataset: dataset.name)
def test_names_and_mirrors_are_torchvisions(dataset: Dataset) -> None:
    """The folder is its class, the files are its resources, and its bucket is the primary site."""
    from torchvision import datasets

    theirs = getattr(datasets, dataset.folder)
    assert [name.removesuffix(".gz") for name, _ in theirs.resources] == [
        file.name for file in dataset.files
    ]
    if dataset.sources:
        assert dataset.sources[0].location in theirs.mirrors


def test_mirrors_end_with_a_slash_and_only_plain_http_where_the_hash_decides() -> None:
    """The name of a file is put behind the location as it is."""
    for source in (source for dataset in EVERY for source in dataset.sources):
        assert source.note
        if source.kind == "files":
            assert source.location.endswith("/")
        if source.kind in {"files", "archive"}:
            assert urlsplit(source.location).scheme in {"http", "https"}


def test_fallbacks_leave_the_primary_site_out_and_put_archives_first() -> None:
    """Each other source is still there, in its order among its kind."""
    fallbacks = MNIST.fallbacks
    assert set(fallbacks) == set(MNIST.sources[1:])
    kinds = [source.kind == "archive" for source in fallbacks]
    assert kinds == sorted(kinds, reverse=True)
    rest = [source for source in MNIST.sources[1:] if source.kind != "archive"]
    assert [source for source in fallbacks if source.kind != "archive"] == rest


def test_an_unknown_name_tells_the_nearest() -> None:
    """As a setting that cannot be used."""
    with pytest.raises(SettingError, match="'minst'") as caught:
        DATASETS["minst"]
    assert "mnist" in caught.value.hint
