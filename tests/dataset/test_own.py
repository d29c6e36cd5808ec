"""A row beside its files is found by its name, and whatever else stands there is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset import own
from mnist_tool.dataset.own import below, find, look_in, row, row_text
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.store import open_store
from mnist_tool.errors import SettingError

DIGESTS = [f"{n}" * 64 for n in range(4)]
ROW = row("mine", ["a", "b"], DIGESTS, 8, 2)


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_named", [])


def lay_down(text: bytes, name: str = "mine", root: str = "MNIST_data") -> Path:
    """Write a row."""
    path = Path(root, name, own.ROW)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return path


def test_what_was_written_is_found_by_its_name() -> None:
    """In the usual root, and in each one that was named."""
    assert "mine" not in DATASETS
    lay_down(row_text(ROW))
    assert DATASETS["mine"] == ROW
    assert "mine" in DATASETS
    assert DATASETS["mine"].file("test", "images").shape == (2, 28, 28)
    lay_down(row_text(row("other", ["x", "y"], DIGESTS, 1, 1)), "other", "elsewhere")
    with pytest.raises(SettingError, match="no data set 'other'"):
        DATASETS["other"]
    look_in("elsewhere")
    look_in(None)
    assert DATASETS["other"].classes == ("x", "y")
    assert [entry.name for entry in below(Path("elsewhere"))] == ["other"]
    assert below(Path("nowhere")) == []


def test_the_root_that_was_named_last_comes_first() -> None:
    """Also one that was named before another one of the same data set."""
    for root, classes in (("one", ["a", "b"]), ("two", ["x", "y"])):
        lay_down(row_text(row("mine", classes, DIGESTS, 1, 1)), "mine", root)
    for root, first in (("one", "a"), ("two", "x"), ("one", "a")):
        assert open_store(root, "mine").dataset.classes[0] == first
        assert open_store(root, "mine").root == Path(root)
        assert [entry.classes[0] for entry in below(Path(root))] == [first]


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "Mine", "-a", "a" * 41, "mine\n", "\0"])
def test_no_other_name_is_looked_for(name: str) -> None:
    """It would be a path."""
    lay_down(row_text(ROW))
    assert find(name) is None
    assert name not in DATASETS


GOOD = json.loads(row_text(ROW))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"classes": "ab"},
        {"classes": ["a"]},
        {"classes": ["a", 3]},
        {"classes": ["a", "b\n"]},
        {"classes": ["a", ""]},
        {"classes": ["a"] * 257},
        {"digests": DIGESTS[:3]},
        {"digests": [*DIGESTS[:3], "x" * 64]},
        {"digests": 4},
        {"train": 0},
        {"train": True},
        {"test": 10**9},
        {"test": "2"},
    ],
    ids=str,
)
def test_an_odd_row_is_refused(change: dict[str, Any]) -> None:
    """It may be anybody's."""
    path = lay_down(json.dumps(GOOD | change).encode())
    with pytest.raises(SettingError) as refused:
        DATASETS["mine"]
    assert str(path) in refused.value.message
    assert "mnist-tool import FOLDER --dataset-name mine" in refused.value.hint
    assert below(Path("MNIST_data")) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_a_row_or_refused(text: bytes) -> None:
    """Nothing else comes out."""
    lay_down(text)
    with pytest.raises(SettingError):
        find("mine")


def test_a_row_without_end_is_refused() -> None:
    """No more is read than any row has."""
    lay_down(b"[" * (own.LONGEST + 10))
    with pytest.raises(SettingError):
        find("mine")
