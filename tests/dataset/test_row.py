"""What a row says: splits that can be asked for, and how many images each has."""

from __future__ import annotations

import pytest

from mnist_tool.dataset.datafile import LARGEST_ARCHIVE, Carrier, DataFile
from mnist_tool.dataset.row import Dataset, Split
from mnist_tool.errors import SettingError

ROW = Dataset(
    "x",
    "X",
    "X",
    (
        DataFile("i", "train", "images", (10, 28, 28), "i"),
        DataFile("l", "train", "labels", (10, 8), "l", dtype=">i4"),
    ),
    splits=(Split("train", "train"), Split("first3", "train", 0, 3), Split("rest", "train", 3)),
)


def test_a_split_is_a_slice_of_a_file() -> None:
    """Of as many images as the slice has."""
    assert {split.name: ROW.count(split.name) for split in ROW.splits} == {
        "train": 10,
        "first3": 3,
        "rest": 7,
    }
    assert ROW.split("rest") == Split("rest", "train", 3)


def test_an_unknown_split_tells_the_nearest() -> None:
    """Or what there is, where none is near."""
    with pytest.raises(SettingError, match="no split 'tran' of X") as caught:
        ROW.split("tran")
    assert caught.value.hint == "Did you mean --split train?"
    with pytest.raises(SettingError) as caught:
        ROW.split("validation")
    assert caught.value.hint == "X has: train, first3, rest."


def test_a_carrier_may_be_larger_than_all_others() -> None:
    """What nobody says the size of counts as the usual."""
    assert ROW.largest_archive == LARGEST_ARCHIVE
    carriers = (Carrier("a", "0" * 32), Carrier("b", "0" * 64, LARGEST_ARCHIVE + 1))
    file = DataFile("i", "train", "images", (10,), "", carriers=carriers)
    assert Dataset("x", "X", "X", (file,)).largest_archive == LARGEST_ARCHIVE + 1
