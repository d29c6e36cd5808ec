"""The registered data sets: consistent among themselves, and with what torchvision knows."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from mnist_tool.dataset.registry import DATASETS, MNIST, Dataset
from mnist_tool.dataset.rows.fashion import FASHION
from mnist_tool.errors import SettingError

EVERY = tuple(DATASETS.values())


def test_no_two_files_are_one() -> None:
    """Content is identity, so no file, and no name of a data set or source, may stand twice."""
    identities = [file.identity for dataset in EVERY for file in dataset.files]
    assert len(set(identities)) == len(identities)
    places = [(dataset.folder, file.name) for dataset in EVERY for file in dataset.files]
    assert len(set(places)) == len(places)
    assert [dataset.name for dataset in EVERY] == list(DATASETS)
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
    assert dataset.sources[0].location in theirs.mirrors
    if dataset is FASHION:  # torchvision spells digits out
        assert list(dataset.classes) == theirs.classes


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
