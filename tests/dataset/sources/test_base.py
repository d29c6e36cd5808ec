"""What every kind of source has, without being told each by itself."""

from __future__ import annotations

import pytest

from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.network.way import Way
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.sources.base import Source
from mnist_tool.dataset.sources.local import Leftovers, LocalPath, OpenStream
from tests.dataset.conftest import Doing

REGISTERED = [source for dataset in DATASETS.values() for source in dataset.sources]
KINDS: list[Source] = [*REGISTERED, LocalPath("local", "x"), OpenStream(), Leftovers()]


@pytest.mark.parametrize("source", KINDS, ids=lambda source: source.name)
def test_a_source_says_what_reports_need(source: Source) -> None:
    """Its kind in one word, and where it is."""
    assert source.kind.isalpha()
    assert source.shown or source.name == "local"
    assert isinstance(source.by_hand(["x"]), list)


def test_kinds_are_told_apart() -> None:
    """One word is one class."""
    classes = {type(source) for source in KINDS}
    assert len({kind.kind for kind in classes}) == len(classes)


def test_what_a_kind_need_not_say_is_harmless() -> None:
    """No address to try, nothing to do by hand, no secret shown."""
    source = Doing(location="https://me:hunter2@host/")
    with session() as http:
        assert source.sample((), http, Clocks(), Way()) is None
    assert source.by_hand(["x"]) == []
    assert source.shown == "https://***@host/"
