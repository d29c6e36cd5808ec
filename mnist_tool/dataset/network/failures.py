"""Name what a network did to us: one word, one sentence and one hint for each kind of failure."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

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
TIMEOUT_HINT = "Allow more with --timeout, or try another source."
ADDRESS_HINT = "Give a full address that begins with https:// or http://."
DNS_HINT = "Check the network; behind a firewall use a package index or a local file."
PROXY_HINT = "Check HTTPS_PROXY and HTTP_PROXY (with http:// in front); NO_PROXY names exceptions."
SOCKS_HINT = "Name an http proxy with HTTPS_PROXY, or let it speak SOCKS: pip install pysocks"


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
    """Say what happened: the first row of which some cause is an instance; narrow ones come first.

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
    import requests
    import urllib3

    # After a redirect it is another host's matter.
    url = getattr(getattr(error, "request", None), "url", None) or url
    try:
        host = urlsplit(redact(url)).hostname or "the host"
    except ValueError:
        return SourceError(
            f"this address cannot be used: {redact(url)}", outcome="usage", hint=ADDRESS_HINT
        )
    after = f"after {received:,} bytes"
    rows: tuple[tuple[str, tuple[type[BaseException], ...], str, str], ...] = (
        ("tls", (ssl.SSLError,), f"TLS with {host} failed", BUNDLE_HINT),
        (
            "proxy",
            (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError),
            "the proxy did not let it through",
            PROXY_HINT,
        ),
        (
            "dns",
            (socket.gaierror, urllib3.exceptions.NameResolutionError),
            f"the name {host} does not resolve",
            DNS_HINT,
        ),
        ("refused", (ConnectionRefusedError,), f"{host} refuses the connection", OTHER_HINT),
        (
            "redirect",
            (requests.TooManyRedirects,),
            f"more than {MAX_REDIRECTS} redirects",
            OTHER_HINT,
        ),
        (
            "timeout",
            (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError),
            f"no connection to {host} in {clocks.connect_timeout:g} s",
            TIMEOUT_HINT,
        ),
        (
            "timeout",
            (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
            f"silent for {clocks.timeout:g} s {after}",
            TIMEOUT_HINT,
        ),
        (
            "truncated",
            (http.client.IncompleteRead, urllib3.exceptions.InvalidChunkLength),
            f"the body ended {after}",
            AGAIN_HINT,
        ),
        (
            "closed",
            (http.client.RemoteDisconnected,),
            f"the connection was closed {after}",
            AGAIN_HINT,
        ),
        (
            "reset",
            (ConnectionResetError, BrokenPipeError),
            f"the connection was reset {after}",
            AGAIN_HINT,
        ),
        (
            "closed",
            (urllib3.exceptions.ProtocolError, requests.ConnectionError, ConnectionError),
            f"the connection was closed {after}",
            AGAIN_HINT,
        ),
        (
            "usage",
            (
                requests.exceptions.InvalidURL,
                requests.exceptions.MissingSchema,
                requests.exceptions.InvalidSchema,
            ),
            f"this address cannot be used: {redact(url)}",
            ADDRESS_HINT,
        ),
    )
    causes = list(_causes(error))
    if "SOCKS support" in str(error):
        return SourceError(
            "the proxy speaks SOCKS, which needs one more package", outcome="proxy", hint=SOCKS_HINT
        )
    if "CA certificate bundle" in str(error):  # requests says so by a bare OSError
        return SourceError(
            "the CA bundle that the environment names is not there",
            outcome="tls",
            hint="Correct or unset REQUESTS_CA_BUNDLE.",
        )
    for outcome, kinds, message, hint in rows:
        found = next((cause for cause in causes if isinstance(cause, kinds)), None)
        if found is None:
            continue
        if outcome == "usage" and requests.utils.get_environ_proxies(url):
            # Addresses of sources were looked at before anything was asked, a proxy's was not.
            return SourceError(
                "the proxy's address cannot be used", outcome="proxy", hint=PROXY_HINT
            )
        if outcome == "tls":
            return _explain_tls(found, message)
        if outcome == "proxy":
            message += _proxy_reason(causes)
        return SourceError(message, outcome=outcome, hint=hint)
    reason = f"the answer makes no sense ({type(error).__name__})"
    return SourceError(reason, outcome="unexpected", hint=OTHER_HINT)


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
