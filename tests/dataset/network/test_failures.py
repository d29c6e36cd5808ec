"""What a network did, in one word: raised by the libraries themselves, on this machine."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.network.failures import explain, foreign, network_errors
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.errors import SourceError
from tests.faults.server import Behaviour, Request, Server, Wire, answer

URL = "https://me:hunter2@host/x.gz?token=hunter2"
Serve = Callable[[Behaviour], Server]


def says(body: bytes) -> Behaviour:
    """A server that answers all the same."""
    return lambda request, wire: wire.send(body)


def resets(request: Request, wire: Wire) -> None:
    wire.send(answer(b"x", length=99))
    wire.reset()


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (says(b""), "closed"),
        (resets, "reset"),
        (says(b"nonsense\r\n\r\n"), "closed"),
        (says(answer(b"", "302 Found", "Location: /d/")), "redirect"),
        *(
            (says(answer(b"", "302 Found", f"Location: {target}")), "redirect")
            for target in ("http://[bad/", "ftp://host/d", "file:///etc/passwd", "http://", "//[::",
                           "http://h:99999/", "data:,x", "http://a..b/", "http://%00/", "http://\xe9/")
        ),
        (says(answer(b"", "302 Found", "Location: http://elsewhere.invalid/")), "dns"),
        (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "truncated"),
    ],
)  # fmt: skip
def test_what_a_server_does(serve: Serve, behaviour: Behaviour, outcome: str) -> None:
    """One word for each; no secret of the address in any sentence."""
    url = serve(behaviour).url.replace("://", "://me:hunter2@")
    with pytest.raises(SourceError) as caught, session() as client, network_errors(url, Clocks()):
        assert client.get(url, timeout=30, stream=True).content
    assert caught.value.outcome == outcome
    assert ("elsewhere.invalid" in caught.value.message) == (outcome == "dns")
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "body",
    [b"220 mail ESMTP\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, b"HTTP/9.9 200 OK\r\n"],
)
def test_what_speaks_no_http_is_told_from_what_hangs_up(serve: Serve, body: bytes) -> None:
    url = serve(says(body)).url
    with pytest.raises(SourceError) as caught, session() as client, network_errors(url, Clocks()):
        client.get(url, timeout=30)
    assert "is not HTTP" in caught.value.message


@pytest.mark.parametrize(
    ("proxy", "outcome"),
    [("http://[bad", "proxy"), ("http://127.0.0.1:9", "proxy"), ("socks5://127.0.0.1:9", "proxy"),
     ("http://127.0.0.1:99999", "proxy")],
)  # fmt: skip
def test_a_proxy_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, proxy: str, outcome: str
) -> None:
    """Its address is not ours to be blamed for."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    url = "http://host.invalid/"
    with pytest.raises(SourceError) as caught, session() as client, network_errors(url, Clocks()):
        client.get(url, timeout=30)
    assert caught.value.outcome == outcome


CAUSES: list[tuple[BaseException, str]] = [
    (socket.gaierror(-2, "x"), "dns"),
    (ConnectionRefusedError(), "refused"),
    (ConnectionResetError(), "reset"),
    (BrokenPipeError(), "reset"),
    (TimeoutError(), "timeout"),
    (ssl.SSLError("x"), "tls"),
    (http.client.IncompleteRead(b""), "truncated"),
    (http.client.RemoteDisconnected(), "closed"),
    (requests.TooManyRedirects(), "redirect"),
    (ValueError("x"), "unexpected"),
    (OSError("x"), "unexpected"),
]
layers: list[Callable[[BaseException], BaseException]] = [
    lambda cause: requests.ConnectionError(cause),
    lambda cause: urllib3.exceptions.ProtocolError("x", cause),
    lambda cause: _raised(OSError("x"), cause),
]


def _raised(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@given(st.sampled_from(CAUSES), st.lists(st.sampled_from(layers), max_size=4))
def test_the_cause_is_found_however_deep(
    cause: tuple[BaseException, str], wraps: list[Callable[[BaseException], BaseException]]
) -> None:
    """What libraries wrap around it says less; unless it says nothing itself."""
    error, outcome = cause
    for wrap in wraps:
        error = wrap(error)
    found = explain(error, URL, Clocks(), 1234)
    assert found.outcome == outcome or (outcome == "unexpected" and found.outcome == "closed")
    assert found.outcome in OUTCOMES
    assert found.message
    assert found.hint
    assert "hunter2" not in found.message + found.hint


def test_a_circle_of_causes_has_an_end() -> None:
    """Two exceptions may name each other."""
    one, two = OSError("one"), OSError("two")
    one.__cause__, two.__context__ = two, one
    assert explain(one, URL, Clocks()).outcome == "unexpected"


@pytest.mark.parametrize("url", ["http://[bad/", "", "http://host:x/", "\0"])
def test_any_address_can_be_explained(url: str) -> None:
    """Also one that nobody can take apart."""
    assert explain(OSError("x"), url, Clocks()).outcome in {"usage", "unexpected"}


def test_faults_of_ours_pass_through() -> None:
    """Only what the network's libraries raise is the network's."""
    with pytest.raises(ZeroDivisionError), network_errors(URL, Clocks()):
        raise ZeroDivisionError
    assert not issubclass(KeyboardInterrupt, foreign())
    assert not issubclass(SourceError, foreign())
