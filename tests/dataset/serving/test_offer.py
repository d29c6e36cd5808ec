"""What is offered is packed, measured and told with what is known of it."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.serving.offer import Offer, prepare
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError, SettingError
from mnist_tool.progress import Silent
from tests.faults import tiny


def test_everything_has_its_name_size_and_digest(offer: Offer) -> None:
    """The four .gz in the order of the data set, the tar.gz, and the page under one name."""
    assert [each.name for each in offer.everything] == [
        *(f"{file.name}.gz" for file in tiny.FILES),
        "Tiny.tar.gz",
        "page.html",
    ]
    for each in offer.everything:
        content = each.path.read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (each.size, each.sha256)
    for each, file in zip(offer.files, tiny.FILES, strict=True):
        assert each.holds == file
        assert gzip.decompress(each.path.read_bytes()) == tiny.CONTENT[file.name]
        assert each.original == file.name.startswith("t10k")


def test_torchvision_takes_only_originals(offer: Offer) -> None:
    """It checks MD5s, and knows mirrors of few data sets."""
    assert not offer.original
    originals = tuple(replace(each, original=True) for each in offer.files)
    assert replace(offer, files=originals).mirrors is None
    assert replace(offer, files=originals, dataset=MNIST).mirrors == "MNIST"
    assert replace(offer, dataset=MNIST).mirrors is None


@pytest.mark.parametrize("name", ["none.html", "", "x\0y"])
def test_a_page_that_is_not_there_is_told(tiny_store: Store, tmp_path: Path, name: str) -> None:
    """Nor is a folder one."""
    with pytest.raises(SettingError, match="cannot be read"):
        prepare(tiny_store, tmp_path, Silent(), tmp_path / name)


def test_nothing_wrong_is_offered(tiny_store: Store, tmp_path: Path) -> None:
    """Whatever somebody has put in the place of a file."""
    tiny_store.path(tiny.FILES[2]).write_bytes(b"something else")
    with pytest.raises(CorruptDataError):
        prepare(tiny_store, tmp_path, Silent())
