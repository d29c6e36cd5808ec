"""Go to a host one stage at a time: its name, a connection, its certificate; time each."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.failures import PROXY_HINT, TIMEOUT_HINT, network_errors
from mnist_tool.errors import SourceError

if TYPE_CHECKING:
    import ssl

    import requests

__all__ = ["Way", "go"]

PORTS = {"http": 80, "https": 443}


class Way:
    """How far the way to a source went, readable from another thread while it is gone.

    Attributes
    ----------
    stage : str
        Where it is, or where it stopped: ``"DNS"``, ``"TCP"``, ``"TLS"`` and what comes after.
    figures : dict of str to float
        What was measured so far: seconds for the stages, in lower case.
    """

    def __init__(self) -> None:
        self.stage = ""
        self.figures: dict[str, float] = {}

    @contextmanager
    def at(self, stage: str) -> Iterator[None]:
        """Be at a stage; note its seconds if it is passed."""
        self.stage = stage
        began = time.monotonic()
        yield
        self.figures[stage.lower()] = round(time.monotonic() - began, 4)


def go(url: str, http: requests.Session, clocks: Clocks, way: Way) -> None:
    """Resolve the host of a URL, connect to it, and for https shake hands; send nothing.

    Where the environment names a proxy, the way to the proxy is gone: what lies behind it shows
    only in its answer.

    Parameters
    ----------
    url : str
        Where to go.
    http : requests.Session
        From `network.download.session`; says which certificates count.
    clocks : Clocks
        The limits of patience.
    way : Way
        Told of each stage.

    Raises
    ------
    SourceError
        If a stage is not passed; `way` says which.
    """
    target = urlsplit(url)
    proxy = _proxy(target)
    if proxy is None:
        _go(target, http, clocks, way)
        return
    try:
        _go(proxy._replace(scheme="http"), http, clocks, way)
    except SourceError as error:
        raise SourceError(
            f"the proxy cannot be reached: {error.message}", outcome="proxy", hint=PROXY_HINT
        ) from error


def _go(hop: SplitResult, http: requests.Session, clocks: Clocks, way: Way) -> None:
    host = hop.hostname or ""
    with network_errors(hop.geturl(), clocks):
        with way.at("DNS"):
            port = hop.port or PORTS[hop.scheme]
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with way.at("TCP"):
            connection = _connect(host, places, clocks.connect_timeout)
        with connection:
            if hop.scheme == "https":
                with way.at("TLS"):
                    _context(http).wrap_socket(connection, server_hostname=host).close()


def _proxy(target: SplitResult) -> SplitResult | None:
    """Return the proxy that the environment names for a URL, as requests chooses it."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    named = proxies.get(target.scheme) or proxies.get("all")
    if not named or proxy_bypass(target.netloc.rpartition("@")[2]):
        return None
    try:
        return urlsplit(named if "://" in named else f"http://{named}")
    except ValueError as error:
        raise SourceError(
            "the proxy's address cannot be used", outcome="proxy", hint=PROXY_HINT
        ) from error


def _connect(host: str, places: list[Any], patience: float) -> socket.socket:
    """Connect to the first address that lets us; `socket.create_connection` would resolve again."""
    refusal: OSError | None = None
    for family, kind, protocol, _, address in places:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(patience)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            refusal = error
        else:
            return connection
    if isinstance(refusal, ConnectionError):
        raise refusal
    reason = "" if refusal is None or isinstance(refusal, TimeoutError) else refusal.strerror
    raise SourceError(
        f"no connection to {host}: {reason}"
        if reason
        else f"no connection to {host} in {patience:g} s",
        outcome="timeout",
        hint=TIMEOUT_HINT,
    )


def _context(http: requests.Session) -> ssl.SSLContext:
    """Return what requests would check a certificate with."""
    import certifi
    from urllib3.util.ssl_ import create_urllib3_context

    bundle = http.verify if isinstance(http.verify, str) else certifi.where()
    if not os.path.exists(bundle):  # noqa: PTH110 - a text, as requests takes it
        raise OSError(f"no CA certificate bundle at {bundle}")
    context = create_urllib3_context()
    context.check_hostname = True
    folder = os.path.isdir(bundle)  # noqa: PTH112
    context.load_verify_locations(**{"capath" if folder else "cafile": bundle})
    return context
