"""Bring one URL's bytes into a file, and name exactly what went wrong where that fails."""

from __future__ import annotations

import email.utils
import functools
import os
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from mnist_tool import __version__, settings
from mnist_tool.errors import SourceError
from mnist_tool.files import storing
from mnist_tool.progress import Bar

if TYPE_CHECKING:
    import requests

__all__ = [
    "MAX_PACKED",
    "MAX_RETRY_AFTER",
    "RETRY_OUTCOMES",
    "Cancelled",
    "Clocks",
    "Transfer",
    "download",
    "network_errors",
    "open_url",
    "redact",
    "session",
]

# Small, so that what has arrived before a break is kept.
CHUNK = 64 << 10
# No carrier of any data set here is larger; an endless body stops at it.
MAX_PACKED = 64 << 20
MAX_REDIRECTS = 5
MAX_RETRY_AFTER = 30.0
RETRY_STATUSES = {408, 425, 429, 500, 502, 503, 504}
RETRY_OUTCOMES = {"closed", "reset", "truncated", "busy"}


class Cancelled(Exception):  # noqa: N818 - not an error: another source was faster
    """The bytes are not needed any more."""


@dataclass(frozen=True)
class Clocks:
    """How long to wait for what; seconds, and bytes a second.

    Parameters
    ----------
    connect, silence : float
        Longest wait for a connection, and for the next byte.
    min_rate, grace : float
        The rate below which a source is too slow, measured over each `grace` seconds.
    source, total : float
        Longest time for one source and for a whole fetch.
    patience : float
        Wait for a first byte before the next source starts beside this one.
    backoff : float
        First pause before sources are asked a second time; it doubles.
    """

    connect: float = 5.0
    silence: float = 15.0
    min_rate: float = 1024.0
    grace: float = 10.0
    source: float = 600.0
    total: float = 1800.0
    patience: float = 3.0
    backoff: float = 0.5

    @classmethod
    def from_settings(cls, timeout: float | None = None) -> Clocks:
        """Take the clocks from the environment; `timeout` is ``--timeout``."""
        silence = settings.get("timeout", timeout)
        return cls(
            connect=min(settings.get("connect_timeout"), silence),
            silence=silence,
            min_rate=settings.get("min_rate"),
            grace=settings.get("grace"),
            source=settings.get("source_deadline"),
            total=settings.get("deadline"),
            patience=min(settings.get("patience"), silence),
        )


@dataclass
class Transfer:
    """One download while it runs; the record of it afterwards.

    Parameters
    ----------
    url : str
        What is asked for.
    stop : threading.Event
        Set by whoever no longer needs the bytes.
    deadline : float
        When to give up, on the clock of ``time.monotonic``.
    started : threading.Event
        Set at the first byte of the body.
    status : int or None
        HTTP status of the last answer.
    received : int
        Bytes of body that came over the wire.
    retry_after : float or None
        Seconds the server asked to wait.
    resumed : bool
        Whether the bytes went on from an earlier, broken-off download.
    """

    url: str
    stop: threading.Event = field(default_factory=threading.Event)
    deadline: float = float("inf")
    started: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    received: int = 0
    retry_after: float | None = None
    resumed: bool = False


def redact(url: str) -> str:
    """Return a URL without its user, password, query and fragment.

    Examples
    --------
    >>> redact("https://me:secret@host/simple/?token=1")
    'https://***@host/simple/?***'
    """
    parts = urlsplit(url)
    _, at, host = parts.netloc.rpartition("@")
    query = "***" if parts.query else ""
    return urlunsplit((parts.scheme, f"***@{host}" if at else host, parts.path, query, ""))


@functools.lru_cache(maxsize=1)
def _session_class() -> type[requests.Session]:
    import requests

    class Session(requests.Session):
        """Follows few redirects, and none from https to http."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:
            target = super().get_redirect_target(resp)
            if target and resp.url.startswith("https:") and target.lower().startswith("http:"):
                raise SourceError(
                    f"it redirects from https to plain http ({redact(target)})",
                    hint="Use another source; a connection is never made less safe.",
                    outcome="redirect",
                )
            return target

    return Session


def session() -> requests.Session:
    """Open a session: our User-Agent, no content coding, few redirects, the environment's proxies.

    Certificates are checked against the bundle named by ``REQUESTS_CA_BUNDLE``,
    ``CURL_CA_BUNDLE`` or ``SSL_CERT_FILE``, and against certifi's otherwise.
    """
    made = _session_class()()
    made.max_redirects = MAX_REDIRECTS
    made.headers.update({"User-Agent": f"mnist-tool/{__version__}", "Accept-Encoding": "identity"})
    bundles = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    chosen = next((os.environ[name] for name in bundles if os.environ.get(name)), None)
    if chosen:
        made.verify = chosen
    return made


def download(
    transfer: Transfer,
    target: Path,
    clocks: Clocks,
    *,
    http: requests.Session,
    bar: Bar,
    remember: Callable[[str | None], None],
    expected: int | None = None,
    validator: str | None = None,
) -> None:
    """Bring a URL's body into `target`, going on after what is there already.

    Parameters
    ----------
    transfer : Transfer
        The URL, when to stop, and the record that is filled in.
    target : Path
        A file; what it holds must be the beginning of the same body.
    clocks : Clocks
        The limits of patience.
    http : requests.Session
        From `session`.
    bar : Bar
        Told of every byte.
    remember : callable
        Told the ETag or date of the body, before its first byte is written.
    expected : int, optional
        Bytes of the whole body, where known.
    validator : str, optional
        ETag or date of the body that `target` is the beginning of.

    Raises
    ------
    SourceError
        With one of the outcomes of `Attempt`; `target` keeps what has arrived.
    Cancelled
        If `transfer.stop` was set.
    """
    have = target.stat().st_size if target.exists() else 0
    if have and (have >= (expected or MAX_PACKED) or not (expected or validator)):
        have = 0
    try:
        _receive(transfer, target, clocks, http, bar, remember, have, expected, validator)
    except _CannotResume:
        _receive(transfer, target, clocks, http, bar, remember, 0, expected, None)


class _CannotResume(Exception):  # noqa: N818 - handled at once
    """The server's answer does not go on where we stopped."""


def _receive(
    transfer: Transfer, target: Path, clocks: Clocks, http: requests.Session, bar: Bar,
    remember: Callable[[str | None], None], have: int, expected: int | None, validator: str | None,
) -> None:  # fmt: skip
    headers = {}
    if have:
        headers["Range"] = f"bytes={have}-"
        if validator:
            headers["If-Range"] = validator
    with open_url(transfer, clocks, http, headers) as response:
        if response.status_code == 206 and have:
            _check_range(response, have, expected)
            transfer.resumed = True
        elif response.status_code == 416 and have:
            raise _CannotResume
        else:
            _check_status(response, transfer)
            have = 0
        tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
        remember(None if tag is None or tag.startswith("W/") else tag)
        length = _content_length(response)
        bar.resize(expected or (have + length if length else None))
        bar.advance(have)
        with storing(target), target.open("r+b" if have else "wb") as file:
            file.seek(have)
            file.truncate()
            with network_errors(transfer, clocks):
                got = _copy_body(response, file, transfer, clocks, bar)
        if length is not None and got < length:
            raise _truncated(have + got, have + length)


def _check_range(response: requests.Response, have: int, expected: int | None) -> None:
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    start, _, total = rest.replace("/", "-").partition("-")
    whole = total.rpartition("-")[2]
    fits = not (expected and whole.isdigit()) or int(whole) == expected
    if unit != "bytes" or start != str(have) or not fits:
        raise _CannotResume


def _content_length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdigit() else None


def _check_status(response: requests.Response, transfer: Transfer) -> None:
    code = response.status_code
    if code == 200:
        return
    reason = f"HTTP {code}{' ' + response.reason if response.reason else ''}"
    if code in RETRY_STATUSES:
        transfer.retry_after = _retry_after(response.headers.get("Retry-After"))
        raise SourceError(reason, hint="The server is busy; try again later.", outcome="busy")
    if code in {204, 206}:
        raise SourceError(f"{reason}, which nobody asked for", hint="Try another source.",
                          outcome="unexpected")  # fmt: skip
    raise SourceError(
        reason, hint="Try another source, for example with --mirror.", outcome="status"
    )


def _retry_after(text: str | None) -> float | None:
    """Read a ``Retry-After``: seconds or a date; anything else is as good as none."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, date.timestamp() - time.time())


def _copy_body(
    response: requests.Response, file: BinaryIO, transfer: Transfer, clocks: Clocks, bar: Bar
) -> int:
    """Copy the raw bytes of the body as they arrive; return how many."""
    got = 0
    window: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
    for chunk in _raw_chunks(response):
        transfer.started.set()
        got += len(chunk)
        transfer.received += len(chunk)
        with storing(Path(file.name)):
            file.write(chunk)
        bar.advance(len(chunk))
        if transfer.stop.is_set():
            raise Cancelled
        if file.tell() > MAX_PACKED:
            raise SourceError(f"the body goes on after {MAX_PACKED:,} bytes", outcome="too-large",
                              hint="This is not a data set; try another source.")  # fmt: skip
        _check_pace(window, got, transfer, clocks)
    return got


def _check_pace(
    window: deque[tuple[float, int]], got: int, transfer: Transfer, clocks: Clocks
) -> None:
    now = time.monotonic()
    if now > transfer.deadline:
        raise SourceError(
            f"not done in time; {got:,} bytes came",
            outcome="deadline",
            hint="Allow more with MNIST_TOOL_SOURCE_DEADLINE or MNIST_TOOL_DEADLINE.",
        )
    window.append((now, got))
    if now - window[0][0] < clocks.grace:
        return
    while now - window[1][0] >= clocks.grace:
        window.popleft()
    began, before = window[0]
    rate = (got - before) / (now - began)
    if rate < clocks.min_rate:
        raise SourceError(f"too slow: {rate:,.0f} bytes a second over {now - began:.0f} s",
                          outcome="slow", hint="Allow it with MNIST_TOOL_MIN_RATE=0.")  # fmt: skip


def _raw_chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield the body's bytes as they come over the wire, each as soon as it is there.

    Nothing is decoded: a .gz that is sent with ``Content-Encoding: gzip`` stays a .gz.
    """
    raw: Any = response.raw
    if getattr(raw, "chunked", False) and raw.supports_chunked_reads():
        yield from raw.read_chunked(CHUNK, decode_content=False)
        return
    # read1 returns what is there; read would wait for a whole chunk, and a drip be silence.
    while chunk := raw.read1(CHUNK, decode_content=False):
        yield chunk


@contextmanager
def open_url(
    transfer: Transfer, clocks: Clocks, http: requests.Session, headers: dict[str, str]
) -> Iterator[requests.Response]:
    """Ask for a URL and give the open answer; a failure to get one is a `SourceError`."""
    with network_errors(transfer, clocks):
        response = http.get(
            transfer.url, headers=headers, stream=True, timeout=(clocks.connect, clocks.silence)
        )
    transfer.status = response.status_code
    # Our own count of the body says more than the library's: it names both sizes.
    response.raw.enforce_content_length = False
    with response:
        yield response


@contextmanager
def network_errors(transfer: Transfer, clocks: Clocks) -> Iterator[None]:
    """Turn what the network libraries raise into a `SourceError`."""
    import requests
    import urllib3

    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
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
    """Turn what the network libraries raise into one of our outcomes.

    The first row of which some cause is an instance decides, so narrow classes stand first.
    """
    import requests
    import urllib3

    host = urlsplit(transfer.url).hostname or "the host"
    after = f"after {transfer.received:,} bytes"
    protocol = urllib3.exceptions.ProtocolError
    rows: tuple[tuple[str, tuple[type[BaseException], ...], str, str], ...] = (
        ("tls", (ssl.SSLError,), f"TLS with {host} failed", TLS_HINT),
        ("proxy", (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError),
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
        ("truncated", (urllib3.exceptions.IncompleteRead, urllib3.exceptions.InvalidChunkLength),
         f"the body ended {after}", AGAIN_HINT),
        ("reset", (ConnectionResetError, BrokenPipeError),
         f"the connection was reset {after}", AGAIN_HINT),
        ("closed", (protocol, requests.ConnectionError, ConnectionError),
         f"the connection was closed {after}", AGAIN_HINT),
        ("usage", (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema,
                   requests.exceptions.InvalidSchema),
         f"this address cannot be used: {redact(transfer.url)}", ADDRESS_HINT),
    )  # fmt: skip
    causes = list(_causes(error))
    for outcome, kinds, message, hint in rows:
        found = next((cause for cause in causes if isinstance(cause, kinds)), None)
        if found is not None:
            detail = f": {_tls_reason(found)}" if outcome == "tls" else ""
            return SourceError(message + detail, outcome=outcome, hint=hint)
    reason = f"the answer makes no sense ({type(error).__name__})"
    return SourceError(reason, outcome="unexpected", hint=OTHER_HINT)


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


def _tls_reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "reason", None) or str(error)


def _truncated(got: int, expected: int | None) -> SourceError:
    of = f" of {expected:,}" if expected is not None else ""
    return SourceError(f"the body ended after {got:,}{of} bytes", outcome="truncated",
                       hint="Try again, or another source.")  # fmt: skip
