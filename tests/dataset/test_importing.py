"""Images and labels become a data set that all others can use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_tool.dataset import own
from mnist_tool.dataset.arrays import read_split
from mnist_tool.dataset.importing import check_name, keep
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.store import Store, verify
from mnist_tool.errors import SettingError

DRAW = np.random.default_rng(0)
SPLITS = {
    split: (DRAW.integers(0, 256, (n, 28, 28), np.uint8), DRAW.integers(0, 3, n, np.uint8))
    for split, n in (("train", 8), ("test", 4))
}


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_named", [])


def test_what_was_kept_is_read_and_verified() -> None:
    """By its name; the record says where it came from."""
    entry = keep(Path("root"), "mine", ["a", "b", "c"], SPLITS, "pictures")
    assert DATASETS["mine"] == entry
    assert {status.state for status in verify("root", "mine")} == {"verified"}
    store = Store(Path("root"), entry)
    for split, (images, labels) in SPLITS.items():
        found = read_split(store, split)
        assert np.array_equal(found[0], images)
        assert np.array_equal(found[1], labels)
    origin = store.record.origin(entry.files[0])
    assert origin is not None
    assert (origin.source, origin.location) == ("import", "pictures")


def test_the_same_images_to_train_and_to_test_are_two_files() -> None:
    """Each under its own name, though they are equal."""
    same = {"train": SPLITS["test"], "test": SPLITS["test"]}
    keep(Path("root"), "mine", ["a", "b", "c"], same, "pictures")
    assert {status.state for status in verify("root", "mine")} == {"verified"}


def test_a_class_must_have_a_name_that_can_be_shown() -> None:
    """Folders may be called anything."""
    with pytest.raises(SettingError, match="cannot be shown"):
        keep(Path("root"), "mine", ["a", "b\x1b", "c"], SPLITS, "pictures")
    assert not Path("root").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Mine", "no name"),
        ("a b", "no name"),
        ("../x", "no name"),
        ("", "no name"),
        ("nul", "no name"),  # a device of Windows, as is
        ("com1", "no name"),
        ("mnist", "of the tool"),
        ("synthetic", "of the tool"),
        ("fashion-mnist", "of the tool"),
        ("emnist", "of the tool"),
        ("taken", "There is a data set taken"),
    ],
)
def test_a_name_must_be_free(name: str, words: str) -> None:
    """And be one that can be typed; a folder of the tool's own is none."""
    keep(Path("root"), "taken", ["a", "b", "c"], SPLITS, "pictures")
    with pytest.raises(SettingError, match=words):
        check_name(name, Path("root"))
    assert check_name("taken", Path("root"), force=True) == Path("root")
    for free in ("free", "console", "com", "nulls"):
        assert check_name(free, None) == Path("MNIST_data")
