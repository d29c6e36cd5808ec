"""A served offer of the tiny data set, on this machine, for one test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mnist_tool.dataset.serving.offer import Offer, prepare
from mnist_tool.dataset.serving.server import listen, server_of, urls_of
from mnist_tool.dataset.serving.transfers import Transfer
from mnist_tool.dataset.store import Store
from mnist_tool.progress import Silent
from tests.faults import tiny


@dataclass
class Served:
    """A running server."""

    url: str
    offer: Offer
    transfers: list[Transfer] = field(default_factory=list)

    def told(self, count: int) -> list[Transfer]:
        """Wait for so many transfers: they are told when the client has everything already."""
        until = time.monotonic() + 30
        while len(self.transfers) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.transfers

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].strip("/"))


@pytest.fixture
def tiny_store(tmp_path: Path) -> Store:
    """All of the tiny data set, with the original .gz of the test half beside it."""
    raw = tmp_path / "root" / tiny.TINY.folder / "raw"
    beside = {name: packed for name, packed in tiny.PACKED.items() if name.startswith("t10k")}
    tiny.laid_down(raw, tiny.CONTENT | beside)
    return Store(tmp_path / "root", tiny.TINY)


@pytest.fixture
def offer(tiny_store: Store, tmp_path: Path) -> Offer:
    """What is offered of it, and a page besides."""
    page = tmp_path / "draw.html"
    page.write_text("<h1>draw</h1>")
    packed = tmp_path / "packed"
    packed.mkdir()
    return prepare(tiny_store, packed, Silent(), page)


@pytest.fixture
def serve_offer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Offer], Served]]:
    """Start servers that end with the test."""
    monkeypatch.setenv("NO_PROXY", "*")
    with ExitStack() as stack:

        def start(offer: Offer) -> Served:
            opened = stack.enter_context(listen("127.0.0.1", 0))
            served = Served(urls_of(opened)[0], offer)
            server = server_of(offer, served.url, served.transfers.append)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
            thread.start()
            stack.callback(thread.join)
            stack.callback(setattr, server, "should_exit", True)
            return served

        yield start


@pytest.fixture
def served(serve_offer: Callable[[Offer], Served], offer: Offer) -> Served:
    """A server of the tiny data set."""
    return serve_offer(offer)
