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


def test_fallbacks_leave_out_what_refuses_and_put_archives_first() -> None:
    """The site of the 403 is not asked; each other source is still there, in its order."""
    fallbacks = MNIST.fallbacks
    left_out = set(MNIST.sources) - set(fallbacks)
    assert [urlsplit(source.location).hostname for source in left_out] == ["yann.lecun.com"]
    assert all("403" in source.note for source in left_out)
    assert MNIST.sources[-1] in left_out
    kinds = [source.kind == "archive" for source in fallbacks]
    assert kinds == sorted(kinds, reverse=True)
    rest = [each for each in MNIST.sources if each.kind != "archive" and not each.refuses]
    assert [source for source in fallbacks if source.kind != "archive"] == rest


@pytest.mark.parametrize("dataset", EVERY, ids=lambda dataset: dataset.name)
def test_whatever_has_sources_has_fallbacks(dataset: Dataset) -> None:
    """`--mirror` leaves nobody without."""
    assert bool(dataset.fallbacks) == bool(dataset.sources)


def test_an_unknown_name_tells_the_nearest() -> None:
    """As a setting that cannot be used."""
    with pytest.raises(SettingError, match="'minst'") as caught:
        DATASETS["minst"]
    assert "mnist" in caught.value.hint


@pytest.mark.parametrize("name", [5, 1.5, b"mnist", ("mnist",)])
def test_what_is_no_text_is_no_name(name: object) -> None:
    """In a notebook anything may be given."""
    with pytest.raises(SettingError, match="There is no data set"):
        DATASETS[name]  # type: ignore[index]
