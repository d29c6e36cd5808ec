"""Each answer is told once, with what came of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from mnist_tool.dataset.serving.offer import Offer
from mnist_tool.dataset.serving.transfers import Recorded, Transfer
from tests.dataset.serving.conftest import Served


def test_an_answer_is_told_with_its_bytes(served: Served) -> None:
    """Those of the body; none for a HEAD."""
    asked = [("GET", "Tiny.tar.gz"), ("HEAD", "Tiny.tar.gz"), ("GET", "no")]
    for number, (method, path) in enumerate(asked, start=1):
        requests.request(method, f"{served.url}{path}", timeout=30)
        served.told(number)  # a client may have the body before the server has told of it
    told = [(t.client, t.method, t.path, t.status, t.sent, t.whole) for t in served.told(3)]
    size = served.offer.archive.size
    assert told == [
        ("127.0.0.1", "GET", "/Tiny.tar.gz", 200, size, True),
        ("127.0.0.1", "HEAD", "/Tiny.tar.gz", 200, 0, True),
        ("127.0.0.1", "GET", "/no", 404, len("Not Found"), True),
    ]


def test_what_is_broken_off_is_told_as_that(
    serve_offer: Callable[[Offer], Served], offer: Offer, tmp_path: Path
) -> None:
    """A client that leaves in the middle of something long."""
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.truncate(64 << 20)
    archive = replace(offer.archive, path=long, size=64 << 20)
    served = serve_offer(replace(offer, archive=archive))
    with socket.create_connection(("127.0.0.1", served.port)) as wire:
        wire.sendall(b"GET /Tiny.tar.gz HTTP/1.1\r\nHost: x\r\n\r\n")
        wire.recv(1000)
    [transfer] = served.told(1)
    assert not transfer.whole
    assert transfer.sent < archive.size


def test_a_path_is_shown_without_what_a_terminal_would_obey() -> None:
    """And an application that fails has answered nothing."""
    told: list[Transfer] = []

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise OSError("gone")

    scope = {"type": "http", "method": "GET", "path": "/\x1b[31m\r\n", "client": None}
    recorded = Recorded(fails, told.append)
    with pytest.raises(OSError, match="gone"):
        asyncio.run(recorded(scope, None, None))  # type: ignore[arg-type]
    [transfer] = told
    assert transfer.path.isprintable()
    assert (transfer.status, transfer.sent, transfer.whole) == (0, 0, False)
