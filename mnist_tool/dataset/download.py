"""Bring one URL's bytes into a file, going on where an earlier try stopped."""

from __future__ import annotations

import email.utils
import functools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from mnist_tool import __version__
from mnist_tool.dataset.addresses import redact
from mnist_tool.dataset.clocks import Clocks, Pace, Pulse
from mnist_tool.dataset.outcomes import MAX_REDIRECTS, PROXY_HINT, network_errors
from mnist_tool.dataset.partials import OTHER_CACHE
from mnist_tool.dataset.sniff import HEAD, explanation, printable
from mnist_tool.errors import SourceError
from mnist_tool.files import storing
from mnist_tool.progress import Bar

if TYPE_CHECKING:
    import requests

__all__ = [
    "MAX_PACKED",
    "MAX_RETRY_AFTER",
    "Body",
    "Cancelled",
    "Transfer",
    "content_length",
    "download",
    "open_url",
    "session",
]

# Small, so that what has arrived before a break is kept.
CHUNK = 64 << 10
# No carrier of any data set here is larger; an endless body stops at it.
MAX_PACKED = 64 << 20
MAX_RETRY_AFTER = 30.0
RETRY_STATUSES = {408, 425, 429, 500, 502, 503, 504}
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Cancelled(Exception):  # noqa: N818 - not an error: another source was faster
    """The bytes are not needed any more."""


def _always() -> bool:
    return True


@dataclass
class Transfer:
    """One download while it runs; the record of it afterwards.

    Parameters
    ----------
    url : str
        What is asked for.
    needed : callable
        Says whether somebody still needs the bytes.
    deadline : float
        When to give up, on the clock of ``time.monotonic``.
    pulse : Pulse
        Told of every sign of life.
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
    needed: Callable[[], bool] = _always
    deadline: float = float("inf")
    pulse: Pulse = field(default_factory=Pulse)
    status: int | None = None
    received: int = 0
    retry_after: float | None = None
    resumed: bool = False


@dataclass(frozen=True)
class Body:
    """The body to be brought, as far as it is known beforehand.

    Parameters
    ----------
    target : Path
        A file; what it holds is the beginning of the same body.
    remember : callable
        Told the ETag or date of the body, before its first byte is written.
    validator : str or None
        ETag or date of the body that `target` is the beginning of.
    size : int or None
        Bytes of the whole body.
    cap : int
        More bytes than this cannot be right.
    """

    target: Path
    remember: Callable[[str | None], None]
    validator: str | None = None
    size: int | None = None
    cap: int = MAX_PACKED

    def usable_beginning(self) -> int:
        """Return how many bytes are there to go on from."""
        have = self.target.stat().st_size if self.target.exists() else 0
        too_many = have >= (self.size or self.cap)
        return 0 if too_many or not (self.size or self.validator) else have


@functools.lru_cache(maxsize=1)
def _session_class() -> type[requests.Session]:
    import requests

    class Session(requests.Session):
        """Follows few redirects, and none from https to http."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:
            target = super().get_redirect_target(resp)
            if target and urlsplit(resp.url).scheme == "https":
                absolute = urljoin(resp.url, target.strip())
                if urlsplit(absolute).scheme != "https":
                    raise SourceError(
                        f"it redirects from https to plain http ({redact(printable(absolute))})",
                        hint="Use another source; a connection is never made less safe.",
                        outcome="redirect",
                    )
            return target

    return Session


def session() -> requests.Session:
    """Open a session: our User-Agent, no content coding, few redirects, the environment's proxies.

    Certificates are checked against the bundle named by ``REQUESTS_CA_BUNDLE``,
    ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, and against certifi's otherwise.
    """
    made = _session_class()()
    made.max_redirects = MAX_REDIRECTS
    made.headers.update({"User-Agent": f"mnist-tool/{__version__}", "Accept-Encoding": "identity"})
    chosen = next((os.environ[name] for name in BUNDLES if os.environ.get(name)), None)
    if chosen:
        made.verify = chosen
    return made


def download(
    transfer: Transfer, body: Body, clocks: Clocks, *, http: requests.Session, bar: Bar
) -> None:
    """Bring a URL's body into its target, going on after what is there already.

    Parameters
    ----------
    transfer : Transfer
        The URL, when to stop, and the record that is filled in.
    body : Body
        Where the bytes go, and what is known of them.
    clocks : Clocks
        The limits of patience.
    http : requests.Session
        From `session`.
    bar : Bar
        Told of every byte.

    Raises
    ------
    SourceError
        With one of the outcomes of `Attempt`; the target keeps what has arrived.
    StorageError
        If the target cannot be written.
    Cancelled
        If the bytes are no longer needed.
    """
    have = body.usable_beginning()
    try:
        _receive(transfer, body, clocks, http, bar, have)
    except _CannotResume:
        _receive(transfer, body, clocks, http, bar, 0)


class _CannotResume(Exception):  # noqa: N818 - handled at once
    """The server's answer does not go on where we stopped."""


def _receive(
    transfer: Transfer, body: Body, clocks: Clocks, http: requests.Session, bar: Bar, have: int
) -> None:
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and body.validator:
        headers["If-Range"] = body.validator
    with open_url(transfer, clocks, http, headers) as response:
        if response.status_code == 206 and have:
            _check_range(response, have, body.size)
            transfer.resumed = True
        elif response.status_code == 416 and have:
            raise _CannotResume
        else:
            _check_status(response, transfer, clocks)
            have = 0
        tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
        body.remember(None if tag is None or tag.startswith("W/") else tag)
        length = content_length(response)
        bar.resize(body.size or (have + length if length else None))
        bar.advance(have)
        with _opened(body.target, have) as file, network_errors(transfer, clocks):
            got = _copy_body(response, file, body.cap, transfer, clocks, bar)
        if length is not None and got < length:
            raise SourceError(
                f"the body ended after {have + got:,} of {have + length:,} bytes",
                outcome="truncated",
                hint="Try again, or another source.",
            )


@contextmanager
def _opened(target: Path, have: int) -> Iterator[BinaryIO]:
    with storing(target, OTHER_CACHE), target.open("r+b" if have else "wb", buffering=0) as file:
        file.seek(have)
        file.truncate()
        yield file


def _check_range(response: requests.Response, have: int, expected: int | None) -> None:
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    start, _, total = rest.replace("/", "-").partition("-")
    whole = _number(total.rpartition("-")[2])
    fits = expected is None or whole is None or whole == expected
    if unit != "bytes" or _number(start) != have or not fits:
        raise _CannotResume


def _number(text: str | None) -> int | None:
    """Read a number of a header; a stranger may have written anything there."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def content_length(response: requests.Response) -> int | None:
    """Return the announced length of a body, if that is a number."""
    return _number(response.headers.get("Content-Length"))


def _check_status(response: requests.Response, transfer: Transfer, clocks: Clocks) -> None:
    code = response.status_code
    if code == 200:
        return
    reason = f"HTTP {code} {printable(response.reason or '')}".rstrip()
    if said := _first_words(response, transfer, clocks):
        reason += f" ({said})"
    if code in RETRY_STATUSES:
        transfer.retry_after = _retry_after(response.headers.get("Retry-After"))
        raise SourceError(reason, hint="The server is busy; try again later.", outcome="busy")
    if code in {204, 206}:
        raise SourceError(f"{reason}, which nobody asked for", hint="Try another source.",
                          outcome="unexpected")  # fmt: skip
    if code == 407:
        raise SourceError(f"the proxy did not let it through: it answers {reason}",
                          hint=PROXY_HINT, outcome="proxy")  # fmt: skip
    raise SourceError(
        reason, hint="Try another source, for example with --mirror.", outcome="status"
    )


def _first_words(response: requests.Response, transfer: Transfer, clocks: Clocks) -> str:
    """Return what the page beside a refusal says of itself, where it does."""
    head = b""
    with suppress(SourceError), network_errors(transfer, clocks):
        head = next(_raw_chunks(response, transfer.pulse), b"")
    return explanation(head[:HEAD])


def _retry_after(text: str | None) -> float | None:
    """Read a ``Retry-After``: seconds or a date; anything else is as good as none."""
    if not text:
        return None
    seconds = _number(text)
    if seconds is not None:
        return float(seconds)
    try:
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, date.timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _copy_body(
    response: requests.Response, file: BinaryIO, cap: int, transfer: Transfer, clocks: Clocks,
    bar: Bar,
) -> int:  # fmt: skip
    """Copy the raw bytes of the body as they arrive; return how many."""
    got = 0
    pace = Pace(clocks)
    for chunk in _raw_chunks(response, transfer.pulse):
        got += len(chunk)
        transfer.received += len(chunk)
        with storing(Path(file.name), OTHER_CACHE):
            file.write(chunk)
        bar.advance(len(chunk))
        if not transfer.needed():
            raise Cancelled
        if file.tell() > cap:
            raise SourceError(f"the body goes on after {cap:,} bytes", outcome="too-large",
                              hint="This is not a data set; try another source.")  # fmt: skip
        if time.monotonic() > transfer.deadline:
            raise SourceError(f"not done in time; {got:,} bytes came", outcome="deadline",
                              hint="Allow more with --source-deadline or --deadline.")  # fmt: skip
        pace.check(got)
    return got


def _raw_chunks(response: requests.Response, pulse: Pulse) -> Iterator[bytes]:
    """Yield the body's bytes as they come over the wire, each as soon as it is there.

    Nothing is decoded: a .gz that is sent with ``Content-Encoding: gzip`` stays a .gz. `read1`
    returns what is there; `read` would wait for a whole chunk, and a drip be silence.
    """
    raw: Any = response.raw
    while True:
        with pulse.waiting():
            chunk = raw.read1(CHUNK, decode_content=False)
        if not chunk:
            return
        yield chunk


@contextmanager
def open_url(
    transfer: Transfer, clocks: Clocks, http: requests.Session, headers: dict[str, str]
) -> Iterator[requests.Response]:
    """Ask for a URL and give the open answer; a failure to get one is a `SourceError`."""
    with network_errors(transfer, clocks), transfer.pulse.waiting():
        response = http.get(
            transfer.url, headers=headers, stream=True, timeout=(clocks.connect, clocks.silence)
        )
    transfer.status = response.status_code
    # Our own count of the body says more than the library's: it names both sizes.
    response.raw.enforce_content_length = False
    with response:
        yield response
