"""Fixtures of the fault tests: the tiny data set, servers that end with the test."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from mnist_tool.dataset.download import BUNDLES
from mnist_tool.dataset.registry import DATASETS
from tests.faults.server import Behaviour, Server, serving

Serve = Callable[..., Server]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start fault servers; they end with the test, and the registry is as before."""
    monkeypatch.setenv("NO_PROXY", "*")
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    before = dict(DATASETS)
    with ExitStack() as stack:

        def start(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Server:
            return stack.enter_context(serving(behaviour, context))

        yield start
    DATASETS.clear()
    DATASETS.update(before)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root that does not exist yet."""
    return tmp_path / "data root"


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URL of a port that takes no connection: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            waiting.append(client)
        yield f"http://127.0.0.1:{address[1]}/"
        for client in waiting:
            client.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority nobody trusts by itself."""
    return trustme.CA()
