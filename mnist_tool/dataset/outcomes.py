"""Name what a network did to us: one word, one sentence and one hint for each kind of failure."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from mnist_tool.dataset.clocks import Clocks
from mnist_tool.errors import SourceError

if TYPE_CHECKING:
    from mnist_tool.dataset.download import Transfer

__all__ = ["MAX_REDIRECTS", "RETRY_OUTCOMES", "network_errors", "redact"]

MAX_REDIRECTS = 5
# The same question may be answered better a little later.
RETRY_OUTCOMES = {"closed", "reset", "truncated", "busy"}

TLS_HINT = (
    "Likely a proxy that inspects traffic, a missing CA bundle, or a wrong clock. Name your "
    "organisation's bundle with REQUESTS_CA_BUNDLE=FILE."
)
OTHER_HINT = "Try another source, for example with --mirror."
AGAIN_HINT = "Try again, or another source."
TIMEOUT_HINT = "Allow more with --timeout, or try another source."
ADDRESS_HINT = "Give a full address that begins with https:// or http://."
DNS_HINT = "Check the network; behind a firewall use a package index or a local file."
PROXY_HINT = "Check HTTPS_PROXY and HTTP_PROXY (with http:// in front); NO_PROXY names exceptions."


def redact(url: str) -> str:
    """Return a URL without its user, password, query and fragment.

    Examples
    --------
    >>> redact("https://me:secret@host/simple/?token=1")
    'https://***@host/simple/?***'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    _, at, host = parts.netloc.rpartition("@")
    query = "***" if parts.query else ""
    return urlunsplit((parts.scheme, f"***@{host}" if at else host, parts.path, query, ""))


@contextmanager
def network_errors(transfer: Transfer, clocks: Clocks) -> Iterator[None]:
    """Turn what the network libraries raise into a `SourceError`."""
    import requests
    import urllib3

    foreign = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException,
               OSError, ValueError)  # fmt: skip
    try:
        yield
    except foreign as error:
        raise _explain(error, transfer, clocks) from error


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


def _explain(error: BaseException, transfer: Transfer, clocks: Clocks) -> SourceError:
    """Choose the first row of which some cause is an instance; so narrow ones stand first."""
    import requests
    import urllib3

    host = urlsplit(redact(transfer.url)).hostname or "the host"
    after = f"after {transfer.received:,} bytes"
    rows: tuple[tuple[str, tuple[type[BaseException], ...], str, str], ...] = (
        ("tls", (ssl.SSLError,), f"TLS with {host} failed", TLS_HINT),
        ("proxy", (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError,
                   requests.exceptions.InvalidProxyURL),
         "the proxy did not let it through", PROXY_HINT),
        ("dns", (socket.gaierror, urllib3.exceptions.NameResolutionError),
         f"the name {host} does not resolve", DNS_HINT),
        ("refused", (ConnectionRefusedError,), f"{host} refuses the connection", OTHER_HINT),
        ("redirect", (requests.TooManyRedirects,),
         f"more than {MAX_REDIRECTS} redirects", OTHER_HINT),
        ("timeout", (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError),
         f"no connection to {host} in {clocks.connect:g} s", TIMEOUT_HINT),
        ("timeout", (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
         f"silent for {clocks.silence:g} s {after}", TIMEOUT_HINT),
        ("truncated", (http.client.IncompleteRead, urllib3.exceptions.InvalidChunkLength),
         f"the body ended {after}", AGAIN_HINT),
        ("closed", (http.client.RemoteDisconnected,), f"the connection was closed {after}",
         AGAIN_HINT),
        ("reset", (ConnectionResetError, BrokenPipeError),
         f"the connection was reset {after}", AGAIN_HINT),
        ("closed", (urllib3.exceptions.ProtocolError, requests.ConnectionError, ConnectionError),
         f"the connection was closed {after}", AGAIN_HINT),
        ("usage", (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema,
                   requests.exceptions.InvalidSchema),
         f"this address cannot be used: {redact(transfer.url)}", ADDRESS_HINT),
    )  # fmt: skip
    causes = list(_causes(error))
    if "CA certificate bundle" in str(error):  # requests says so by a bare OSError
        return SourceError("the CA bundle that the environment names is not there", outcome="tls",
                           hint="Correct or unset REQUESTS_CA_BUNDLE.")  # fmt: skip
    for outcome, kinds, message, hint in rows:
        found = next((cause for cause in causes if isinstance(cause, kinds)), None)
        if found is not None:
            detail = f": {_tls_reason(found)}" if outcome == "tls" else ""
            return SourceError(message + detail, outcome=outcome, hint=hint)
    reason = f"the answer makes no sense ({type(error).__name__})"
    return SourceError(reason, outcome="unexpected", hint=OTHER_HINT)


def _tls_reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "reason", None) or str(error)
