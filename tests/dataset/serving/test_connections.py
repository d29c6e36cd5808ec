"""Many clients at once, and some that only take places away."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from mnist_tool.dataset.serving import connections
from mnist_tool.dataset.serving.offer import Offer
from tests.dataset.serving.conftest import Served

HEAD = b"GET /Tiny.tar.gz HTTP/1.1\r\nHost: x\r\n"


def opened(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=30)


def ends(wire: socket.socket) -> bool:
    """Return whether the server has ended a connection."""
    try:
        return wire.recv(1) == b""
    except ConnectionError:
        return True


@contextmanager
def dripping(served: Served, count: int) -> Iterator[None]:
    """Hold connections open with heads that never end, a letter at a time."""
    over = threading.Event()
    with ExitStack() as stack:
        wires = [stack.enter_context(opened(served)) for _ in range(count)]

        def drip() -> None:
            for wire in wires:
                wire.sendall(HEAD)
            while not over.wait(0.05):
                for wire in wires:
                    with suppress(OSError):  # left by the server
                        wire.sendall(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        stack.callback(thread.join)
        stack.callback(over.set)
        yield


def test_two_hundred_clients_at_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gets every byte, with slow ones among them."""
    monkeypatch.setattr(connections, "TO_ASK", 120)  # a busy machine needs long for all of them
    each = served.offer.archive
    together = threading.Barrier(200, timeout=60)

    def fetch() -> str:
        with opened(served) as wire:
            together.wait()
            wire.sendall(HEAD + b"Connection: close\r\n\r\n")
            said = b"".join(iter(lambda: wire.recv(65536), b""))
        return hashlib.sha256(said.partition(b"\r\n\r\n")[2]).hexdigest()

    with dripping(served, 20), ThreadPoolExecutor(200) as pool:
        got = list(pool.map(lambda _: fetch(), range(200)))
    assert got == [each.sha256] * 200


def test_whoever_asks_nothing_is_left(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that does not end, also after an answer; what keeps asking is kept."""
    monkeypatch.setattr(connections, "TO_ASK", 0.3)
    monkeypatch.setattr(connections, "LOOK", 0.05)
    with dripping(served, 1), opened(served) as silent, opened(served) as second:
        second.sendall(HEAD.replace(b"GET", b"HEAD") + b"\r\n")
        assert second.recv(15) == b"HTTP/1.1 200 OK"
        while second.recv(4096)[-4:] != b"\r\n\r\n":
            pass
        second.sendall(HEAD)
        assert ends(silent)
        assert ends(second)
    assert requests.get(f"{served.url}SHA256SUMS", timeout=30).ok


def test_whoever_takes_nothing_is_left(
    serve_offer: Callable[[Offer], Served],
    offer: Offer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where more is written than the system holds for it."""
    monkeypatch.setattr(connections, "TO_TAKE", 0.3)
    monkeypatch.setattr(connections, "LOOK", 0.05)
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.truncate(64 << 20)
    served = serve_offer(replace(offer, archive=replace(offer.archive, path=long, size=64 << 20)))
    with opened(served) as wire:
        wire.sendall(HEAD + b"\r\n")
        [transfer] = served.told(1)
        assert not transfer.whole


def test_places_are_for_those_who_ask(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all are taken, whoever has asked nothing for longest makes room."""
    monkeypatch.setattr(connections, "MOST", 4)
    with ExitStack() as stack:
        silent = [stack.enter_context(opened(served)) for _ in range(20)]
        for wire in silent[:10]:
            assert ends(wire)
        assert requests.get(f"{served.url}SHA256SUMS", timeout=30).ok
