"""The way to a host, one stage at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.network.way import Way, go
from mnist_tool.errors import SourceError
from tests.faults.rows import good
from tests.faults.server import Behaviour, Server

Serve = Callable[[Behaviour], Server]


def walked(url: str) -> tuple[Way, SourceError | None]:
    """Go there and return how far that went."""
    way = Way()
    with session() as http:
        try:
            go(url, http, Clocks(connect_timeout=30), way)
        except SourceError as error:
            return way, error
    return way, None


def test_a_host_that_lets_us_in_is_asked_for_nothing(serve: Serve) -> None:
    """A name and a connection are enough; each has its seconds."""
    server = serve(good)
    way, error = walked(server.url)
    assert error is None
    assert set(way.figures) == {"dns", "tcp"}
    server.close()
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "stage", "outcome"),
    [("http://127.0.0.1:9/", "TCP", "refused"), ("http://host:99999/", "DNS", "unexpected"),
     ("http://nowhere.invalid/", "DNS", "dns")],
)  # fmt: skip
def test_where_it_stops(serve: Serve, url: str, stage: str, outcome: str) -> None:
    """The stage is known, and what had been passed before is measured."""
    way, error = walked(url)
    assert error is not None
    assert (way.stage, error.outcome) == (stage, outcome)
    assert set(way.figures) == ({"dns"} if stage == "TCP" else set())


def test_what_answers_without_tls_is_told_at_that_stage(serve: Serve) -> None:
    """As a login portal does."""
    way, error = walked(serve(good).url.replace("http:", "https:"))
    assert error is not None
    assert (way.stage, error.outcome) == ("TLS", "tls")


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:9", "127.0.0.1:9", "http://[bad", "http://h:99999"]
)
def test_a_proxy_is_the_way(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """What cannot be reached then is the proxy, however its address is written."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    _, error = walked("http://nowhere.invalid/")
    assert error is not None
    assert error.outcome == "proxy"
