"""What the tests of the data set share: a store of the tiny data set, and a fetch into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mnist_tool.dataset.cache import cache_folder
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.download import CA_VARIABLES
from mnist_tool.dataset.sources.base import Receiver, Source
from mnist_tool.dataset.store import Store
from mnist_tool.progress import Silent
from tests.faults import tiny
from tests.faults.server import Behaviour, Server, serving


@dataclass(frozen=True)
class Doing(Source):
    """A source that does what a test wants, one thing for each time it is asked."""

    name: str = "doing"
    location: str = "here"
    turns: tuple[Callable[[Receiver], Any], ...] = ()
    asked: list[str] = field(default_factory=list)

    kind: ClassVar[str] = "doing"

    def bring(self, receiver: Receiver) -> None:
        self.asked.append(self.name)
        turn = len([name for name in self.asked if name == self.name]) - 1
        self.turns[min(turn, len(self.turns) - 1)](receiver)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store whose folders are there and empty."""
    store = Store(tmp_path / "root", tiny.TINY)
    store.raw.mkdir(parents=True)
    return store


@pytest.fixture
def state(store: Store) -> Fetch:
    """A fetch of the tiny data set that has just begun."""
    until = time.monotonic() + 1000
    return Fetch(store, cache_folder(), list(tiny.FILES), tiny.CLOCKS, Silent(), [], until)


@pytest.fixture
def tiny_registered() -> None:
    """The tiny data sets in the registry; their one source is a closed port."""
    tiny.register(("closed", "files", "http://127.0.0.1:9/"))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Behaviour], Server]]:
    """Start servers of this machine that end with the test."""
    monkeypatch.setenv("NO_PROXY", "*")
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(serving(behaviour))
