"""Proxies from the environment: one that works, and every way in which one does not."""

from __future__ import annotations

import base64
import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from tests.faults import tiny
from tests.faults.conftest import Run, Serve
from tests.faults.rows import fixed, good
from tests.faults.server import Behaviour, Request, Server, Wire, answer

PASSWORD = "hunter2"
BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()


def forward(request: Request, wire: Wire) -> None:
    """A proxy that knows its user: it passes a request on, or opens a tunnel."""
    if request.headers.get("proxy-authorization") != BASIC:
        wire.send(answer(b"", "407 Proxy Authentication Required"))
    elif request.method == "CONNECT":
        host, _, port = request.path.partition(":")
        wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        wire.relay(host, int(port), b"")
    else:
        to = urlsplit(request.path)
        assert to.hostname
        assert to.port
        head = f"GET {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nConnection: close\r\n\r\n"
        wire.relay(to.hostname, to.port, head.encode())


def _use(monkeypatch: pytest.MonkeyPatch, variable: str, address: str) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(variable, address)


def _address(proxy: Server) -> str:
    return f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_of_the_environment_works(
    variable: str, serve: Serve, fetch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything goes through it, with its password, which is told to nobody."""
    context = None
    if variable == "HTTPS_PROXY":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
    origin, proxy = serve(good, context), serve(forward)
    _use(monkeypatch, variable, _address(proxy))
    tiny.register(("good", "files", origin.url))
    done = fetch("--json")
    assert done.exit_code == 0
    assert origin.connections == proxy.connections >= 1
    assert all("proxy-authorization" not in request.headers for request in origin.requests)
    assert PASSWORD not in done.stdout + done.stderr


REFUSALS: dict[str, tuple[Behaviour, str]] = {
    "407": (
        fixed(b"", "407 Proxy Authentication Required"),
        "it answers (HTTP )?407 Proxy Authentication Required",
    ),
    "403 for a tunnel": (fixed(b"", "403 Forbidden"), "it answers 403 Forbidden"),
    "gone": (good, "it refuses the connection"),
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_proxy_that_refuses(
    refusal: str, scheme: str, serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the proxy that is blamed, once for each source, with the variables to look at."""
    if refusal == "403 for a tunnel" and scheme == "http":
        pytest.skip("a 403 without a tunnel may be the source's own")
    behaviour, words = REFUSALS[refusal]
    proxy = serve(behaviour)
    if refusal == "gone":
        proxy.close()
    _use(monkeypatch, f"{scheme.upper()}_PROXY", _address(proxy))
    tiny.register(("m", "files", f"{scheme}://mirror.invalid/d/"))
    done = fetch("--json")
    assert done.exit_code == 3
    [attempt] = done.json["data"]["attempts"]
    assert attempt["outcome"] == "proxy"
    assert attempt["what"] == "train-images-idx3-ubyte.gz"
    assert re.fullmatch(f"the proxy did not let it through: {words}", attempt["message"])
    assert "NO_PROXY" in done.json["errors"][0]["hint"]
    assert len(proxy.requests) == (refusal != "gone")
    assert PASSWORD not in done.stdout + done.stderr + fetch().stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("socks5://me:hunter2@127.0.0.1:1", "speaks SOCKS"),
        ("me:hunter2@127.0.0.1:1", "the proxy's address cannot be used"),
        ("http://me:hunter2@[127.0.0.1:1", "the proxy's address cannot be used"),
        ("http://me:hunter2@proxy.invalid:1", "its name does not resolve"),
    ],
)
def test_a_proxy_that_cannot_be_one(
    address: str, words: str, serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in the variable is told as one, not as a fault of the source."""
    _use(monkeypatch, "HTTPS_PROXY", address)
    tiny.register(("m", "files", "https://mirror.invalid/d/"))
    done = fetch()
    assert done.exit_code == 3
    assert words in done.stderr
    assert "HTTPS_PROXY" in done.stderr
    assert PASSWORD not in done.stderr


def test_a_site_that_needs_no_proxy(
    serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``NO_PROXY`` names exceptions."""
    origin, proxy = serve(good), serve(forward)
    _use(monkeypatch, "HTTP_PROXY", _address(proxy))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    tiny.register(("good", "files", origin.url))
    assert fetch().exit_code == 0
    assert proxy.connections == 0
