"""Name what a network did to us: one word, one sentence and one hint for each kind of failure."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from mnist_tool.advice import allow_more
from mnist_tool.dataset.attempt import redact
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.errors import SourceError

__all__ = ["MAX_REDIRECTS", "PROXY_HINT", "TIMEOUT_HINT", "explain", "foreign", "network_errors"]

MAX_REDIRECTS = 5

BUNDLE_HINT = "Name your organisation's CA bundle with REQUESTS_CA_BUNDLE=FILE."
# Of OpenSSL's codes for a certificate that does not hold; the rest is an unknown issuer.
NOT_YET_VALID, EXPIRED, OTHER_HOST, OTHER_ADDRESS = 9, 10, 62, 64
OTHER_HINT = "Try another source, for example with --mirror."
AGAIN_HINT = "Try again, or another source."
TIMEOUT_HINT = f"{allow_more('timeout')}; or try another source."
ADDRESS_HINT = "Give a full address that begins with https:// or http://."
DNS_HINT = "Check the network; behind a firewall use a package index or a local file."
PROXY_HINT = "Check HTTPS_PROXY and HTTP_PROXY (with http:// in front); NO_PROXY names exceptions."
NO_CONNECTION = "no connection to {host} in {clocks.connect_timeout:g} s"
SILENT = "silent for {clocks.timeout:g} s after {received:,} bytes"
CLOSED = "the connection was closed after {received:,} bytes"
BAD_ADDRESS = "this address cannot be used: {url}"
# What no class of exceptions tells apart: known by its text alone.
SAID = (
    (
        "SOCKS support",
        "proxy",
        "the proxy speaks SOCKS, which needs one more package",
        "Name an http proxy with HTTPS_PROXY, or let it speak SOCKS: pip install pysocks",
    ),
    (
        "CA certificate bundle",
        "tls",
        "the CA bundle that the environment names is not there",
        "Correct or unset REQUESTS_CA_BUNDLE.",
    ),
)


class _Kind(NamedTuple):
    """One kind of failure: its word, the exceptions it is known by, the sentence, the advice."""

    outcome: str
    classes: tuple[type[BaseException], ...]
    message: str
    hint: str


def _kinds() -> tuple[_Kind, ...]:
    """Return a row for each kind of failure, the narrow ones before the wide."""
    from requests import exceptions as r
    from urllib3 import exceptions as u

    proxy = (r.ProxyError, u.ProxyError)
    dns = (socket.gaierror, u.NameResolutionError)
    astray = (r.TooManyRedirects,)
    connecting = (r.ConnectTimeout, u.ConnectTimeoutError)
    silent = (r.Timeout, u.TimeoutError, TimeoutError)
    truncated = (http.client.IncompleteRead, u.InvalidChunkLength)
    hung_up = (http.client.RemoteDisconnected,)
    babble = (http.client.HTTPException,)
    reset = (ConnectionResetError, BrokenPipeError)
    closed = (u.ProtocolError, r.ConnectionError, ConnectionError)
    address = (r.InvalidURL, r.MissingSchema, r.InvalidSchema)
    return (
        _Kind("tls", (ssl.SSLError,), "TLS with {host} failed", BUNDLE_HINT),
        _Kind("proxy", proxy, "the proxy did not let it through", PROXY_HINT),
        _Kind("dns", dns, "the name {host} does not resolve", DNS_HINT),
        _Kind("refused", (ConnectionRefusedError,), "{host} refuses the connection", OTHER_HINT),
        _Kind("redirect", astray, f"more than {MAX_REDIRECTS} redirects", OTHER_HINT),
        _Kind("timeout", connecting, NO_CONNECTION, TIMEOUT_HINT),
        _Kind("timeout", silent, SILENT, TIMEOUT_HINT),
        _Kind("truncated", truncated, "the body ended after {received:,} bytes", AGAIN_HINT),
        _Kind("closed", hung_up, CLOSED, AGAIN_HINT),
        _Kind("closed", babble, "what {host} answers is not HTTP", OTHER_HINT),
        _Kind("reset", reset, "the connection was reset after {received:,} bytes", AGAIN_HINT),
        _Kind("closed", closed, CLOSED, AGAIN_HINT),
        _Kind("usage", address, BAD_ADDRESS, ADDRESS_HINT),
    )


def foreign() -> tuple[type[BaseException], ...]:
    """Return what the network libraries raise."""
    import requests
    import urllib3

    libraries = (requests.RequestException, urllib3.exceptions.HTTPError)
    return (*libraries, http.client.HTTPException, OSError, ValueError)


@contextmanager
def network_errors(url: str, clocks: Clocks) -> Iterator[None]:
    """Turn what the network libraries raise, on the way to `url`, into a `SourceError`."""
    try:
        yield
    except foreign() as error:
        raise explain(error, url, clocks) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all it came from; libraries keep the real one deep inside."""
    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        item = pending.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        pending += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def explain(error: BaseException, url: str, clocks: Clocks, received: int = 0) -> SourceError:
    """Say what happened: the first kind of failure that some cause is of.

    Parameters
    ----------
    error : exception
        One of `foreign`.
    url : str
        What was asked for.
    clocks : Clocks
        The limits of patience.
    received : int
        Bytes that had come by then.
    """
    # After a redirect it is another host's matter.
    url = getattr(getattr(error, "request", None), "url", None) or url
    shown = redact(url)
    try:
        host = urlsplit(shown).hostname or "the host"
    except ValueError:
        return SourceError(BAD_ADDRESS.format(url=shown), outcome="usage", hint=ADDRESS_HINT)
    for said, outcome, message, hint in SAID:
        if said in str(error):
            return SourceError(message, outcome=outcome, hint=hint)
    causes = list(_causes(error))
    for kind in _kinds():
        cause = next((cause for cause in causes if isinstance(cause, kind.classes)), None)
        if cause is not None:
            message = kind.message.format(host=host, url=shown, clocks=clocks, received=received)
            return _explain_kind(kind, message, cause, causes, url)
    message = f"the answer makes no sense ({type(error).__name__})"
    return SourceError(message, outcome="unexpected", hint=OTHER_HINT)


def _explain_kind(
    kind: _Kind, message: str, cause: BaseException, causes: Sequence[BaseException], url: str
) -> SourceError:
    """Add to the words of its row what more is known of some kinds."""
    import requests

    if kind.outcome == "tls":
        return _explain_tls(cause, message)
    if kind.outcome == "proxy":
        message += _proxy_reason(causes)
    elif kind.outcome == "usage" and requests.utils.get_environ_proxies(url):
        # Addresses of sources were looked at before anything was asked, a proxy's was not.
        message = "the proxy's address cannot be used"
        return SourceError(message, outcome="proxy", hint=PROXY_HINT)
    return SourceError(message, outcome=kind.outcome, hint=kind.hint)


def _explain_tls(error: BaseException, message: str) -> SourceError:
    """Name the likely cause of a broken TLS connection; the variable to set stands behind it."""
    reason = getattr(error, "verify_message", None) or getattr(error, "reason", None) or str(error)
    code = getattr(error, "verify_code", None)
    if code in {NOT_YET_VALID, EXPIRED}:
        likely = f"a wrong clock (here it is {datetime.now().astimezone():%Y-%m-%d %H:%M})"
    elif code in {OTHER_HOST, OTHER_ADDRESS}:
        likely = "a login portal or a proxy that answers in its place"
    elif code is not None:
        likely = "a proxy that inspects traffic, or a missing CA bundle"
    elif reason == "WRONG_VERSION_NUMBER":
        reason, likely = "it answers without TLS", "a login portal or a proxy in between"
    else:
        likely = "a proxy that inspects traffic"
    return SourceError(
        f"{message}: {reason}", outcome="tls", hint=f"Likely {likely}. {BUNDLE_HINT}"
    )


def _proxy_reason(causes: Sequence[BaseException]) -> str:
    """Say what the proxy answered, or how it could not be reached."""
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return ": its name does not resolve"
        if isinstance(cause, ConnectionRefusedError):
            return ": it refuses the connection"
        before, tunnel, answer = str(cause).partition("Tunnel connection failed: ")
        if tunnel and not before:
            return f": it answers {printable(answer)}"
    return ""
