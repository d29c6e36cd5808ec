"""Bring one URL's bytes into a file, going on where an earlier try stopped."""

from __future__ import annotations

import email.utils
import hashlib
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin, urlsplit

from mnist_tool.dataset.attempt import Attempt, is_web_address, redact
from mnist_tool.dataset.bytes.kinds import HEAD
from mnist_tool.dataset.bytes.recognise import explanation
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.dataset.cache import OTHER_CACHE, Partial
from mnist_tool.dataset.datafile import LARGEST_ARCHIVE
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.failures import MAX_REDIRECTS, PROXY_HINT, explain, foreign
from mnist_tool.errors import SourceError
from mnist_tool.files import storing
from mnist_tool.progress import Bar
from mnist_tool.version import __version__

if TYPE_CHECKING:
    import requests

__all__ = ["CA_VARIABLES", "Body", "Download", "number", "open_url", "session"]

# Small, so that what has arrived before a break is kept.
CHUNK = 64 << 10
BUSY_STATUSES = {408, 425, 429, 500, 502, 503, 504}
# Where a CA bundle may be named, the first that is set counts.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")

Arrived = Literal["proven", "resumed", "new"]


def _build_response(self: Any, req: requests.PreparedRequest, resp: Any) -> requests.Response:
    """Drop cookies unread, which no source needs, and refuse to be led astray.

    Python's own reader of cookies warns, with a traceback, of numbers that are beyond it.
    """
    from requests.adapters import HTTPAdapter

    original = getattr(resp, "_original_response", None)  # where requests looks for them
    if original is not None:
        del original.msg["Set-Cookie"]
    response = HTTPAdapter.build_response(self, req, resp)
    if response.is_redirect:
        _check_redirect(response)
    return response


def _check_redirect(response: requests.Response) -> None:
    """Refuse to be led to what cannot be asked, or from https to plain http.

    What comes beside the new address is not waited for where it is more than a few words, or may
    never end.
    """
    import requests

    length = response.raw.length_remaining  # None also where it comes in chunks
    if length is None or length > HEAD:
        response.close()
    try:
        location = response.headers["Location"].encode("latin-1").decode()  # as requests reads it
        target = urljoin(response.url, location.strip())
        requests.Request("GET", target).prepare()
    except ValueError:  # so is whatever requests finds wrong with an address
        target = ""
    if not is_web_address(target):
        raise _astray(response, "to an address that cannot be asked")
    if (urlsplit(response.url).scheme, urlsplit(target).scheme) == ("https", "http"):
        raise _astray(response, f"from https to plain http ({redact(printable(target))})")


def _astray(response: requests.Response, where: str) -> SourceError:
    response.close()
    return SourceError(
        f"it redirects {where}",
        hint="Use another source; a connection is never made less safe.",
        outcome="redirect",
    )


def session() -> requests.Session:
    """Open a session: our User-Agent, no content coding, few redirects, the environment's proxies.

    Certificates are checked against the bundle named by ``REQUESTS_CA_BUNDLE``,
    ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, and against certifi's otherwise.
    """
    import requests

    made = requests.Session()
    adapter = type("Adapter", (requests.adapters.HTTPAdapter,), {"build_response": _build_response})
    for scheme in ("https://", "http://"):
        made.mount(scheme, adapter())
    made.max_redirects = MAX_REDIRECTS
    made.headers.update({"User-Agent": f"mnist-tool/{__version__}", "Accept-Encoding": "identity"})
    for name in reversed(CA_VARIABLES):
        made.verify = os.environ.get(name) or made.verify
    return made


@dataclass(frozen=True)
class Body:
    """What is known of a body before it comes.

    Parameters
    ----------
    size, sha256 : int and str, optional
        Of all its bytes. What has them is taken, whatever the server has announced or does with the
        connection.
    cap : int
        More bytes than this cannot be right.
    """

    size: int | None = None
    sha256: str | None = None
    cap: int = LARGEST_ARCHIVE

    def begins(self, path: Path) -> bool:
        """Return whether a file begins with just these bytes; what follows them is cut off."""
        if not self.size or not self.sha256 or path.stat().st_size < self.size:
            return False
        with storing(path, OTHER_CACHE), path.open("r+b") as file:
            whole = hashlib.sha256(file.read(self.size)).hexdigest() == self.sha256
            if whole:
                file.truncate()
        return whole


@dataclass
class Download:
    """A URL's body on its way into a file, going on after what is there already.

    Parameters
    ----------
    url : str
        What is asked for.
    partial : Partial
        Where the bytes go, and what is there of the same body.
    attempt : Attempt
        Whose download it is: says when to stop, and notes status and bytes.
    clocks : Clocks
        The limits of patience.
    http : requests.Session
        From `session`.
    bar : Bar
        Opened for the body's size; told of every byte, and of the size where only the server knows
        it.
    body : Body
        What should come.
    """

    url: str
    partial: Partial
    attempt: Attempt
    clocks: Clocks
    http: requests.Session
    bar: Bar
    body: Body = Body()

    def run(self) -> Arrived:
        """Bring it, and say how it has come.

        Returns
        -------
        {'proven', 'resumed', 'new'}
            ``proven``: it has the size and the SHA-256 that are known. ``resumed``: nothing is
            known of it, and it begins with the bytes of an earlier, broken-off download.

        Raises
        ------
        SourceError
            With one of the outcomes of `outcomes`; the file keeps what has arrived.
        StorageError
            If the file cannot be written.
        Cancelled
            If the bytes are no longer needed.
        """
        start = self.partial.size()
        if start == self.body.size and self.body.begins(self.partial.path):
            return "proven"  # it had all come when the disk refused what is in it
        validator = self.partial.validator() if start else None
        if start >= (self.body.size or self.body.cap) or not (self.body.size or validator):
            start = 0
        while True:
            headers = {"Range": f"bytes={start}-"} if start else {}
            if start and validator:
                headers["If-Range"] = validator
            with open_url(self.url, self.attempt, self.clocks, self.http, headers) as response:
                if not start or _of_use(response, start, self.body.size):
                    return self._take(response, start)
            start = 0

    def _take(self, response: requests.Response, start: int) -> Arrived:
        """Write what an answer brings: the whole body, or the rest of it after `start` bytes."""
        resumed = bool(start) and response.status_code == 206
        if not resumed:
            if response.status_code != 200:
                raise _refusal(response, self.attempt)
            start = 0
        tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
        self.partial.remember(None if tag is None or tag.startswith("W/") else tag)
        length = number(response.headers.get("Content-Length"))
        if not self.body.size and length:
            self.bar.resize(start + length)
        self.bar.advance(start)
        got = 0
        for got in self._copied(response, start):
            if self.body.begins(self.partial.path):
                return "proven"
            if start + got > self.body.cap:
                raise SourceError(
                    f"the body goes on after {self.body.cap:,} bytes",
                    outcome="too-large",
                    hint="This is not a data set; try another source.",
                )
        if length is not None and got < length:
            raise SourceError(
                f"the body ended after {start + got:,} of {start + length:,} bytes",
                outcome="truncated",
                hint="Try again, or another source.",
            )
        return "resumed" if resumed else "new"

    def _copied(self, response: requests.Response, start: int) -> Iterator[int]:
        """Write the raw bytes as they come, after `start` bytes; yield how many so far.

        Nothing is decoded: a .gz that is sent with ``Content-Encoding: gzip`` stays a .gz. `read1`
        returns what is there; `read` would wait for a whole chunk, and a drip be silence.
        """
        path, got = self.partial.path, 0
        window = deque([(time.monotonic(), 0)])
        with storing(path, OTHER_CACHE):
            file = path.open("r+b" if start else "wb", buffering=0)
            file.truncate(start)
            file.seek(start)
        with file:
            while True:
                with self.attempt.waiting():
                    chunk = response.raw.read1(CHUNK, decode_content=False)
                if not chunk:
                    return
                got += len(chunk)
                self.attempt.received += len(chunk)
                with storing(path, OTHER_CACHE):
                    file.write(chunk)
                self.bar.advance(len(chunk))
                yield got
                self.attempt.go_on()
                _check_rate(window, got, self.clocks)


def _of_use(response: requests.Response, start: int, expected: int | None) -> bool:
    """Return whether an answer is of use to who has `start` bytes: the rest, or all of it."""
    if response.status_code == 416:
        return False
    if response.status_code != 206:
        return True
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    first, _, total = rest.replace("/", "-").partition("-")
    whole = number(total.rpartition("-")[2])
    fits = expected is None or whole is None or whole == expected
    return unit == "bytes" and number(first) == start and fits


def number(text: str | None) -> int | None:
    """Return the number that a header says, if it is one; a stranger may have written anything."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _refusal(response: requests.Response, attempt: Attempt) -> SourceError:
    """Return the error that a status stands for; a server may have said when to come again."""
    code = response.status_code
    reason = f"HTTP {code} {printable(response.reason or '')}".rstrip()
    if said := _first_words(response, attempt):
        reason += f" ({said})"
    if code in BUSY_STATUSES:
        attempt.retry_after = _retry_after(response.headers.get("Retry-After"))
        hint, outcome = "The server is busy; try again later.", "busy"
    elif code in {204, 206}:
        reason += ", which nobody asked for"
        hint, outcome = "Try another source.", "unexpected"
    elif code == 407:
        reason = f"the proxy did not let it through: it answers {reason}"
        hint, outcome = PROXY_HINT, "proxy"
    else:
        hint, outcome = "Try another source, for example with --mirror.", "status"
    return SourceError(reason, hint=hint, outcome=outcome)


def _first_words(response: requests.Response, attempt: Attempt) -> str:
    """Return what the page beside a refusal says of itself, where it does."""
    head = b""
    with suppress(*foreign()), attempt.waiting():
        head = response.raw.read1(HEAD, decode_content=False)
    return explanation(head)


def _retry_after(text: str | None) -> float | None:
    """Read a ``Retry-After``: seconds or a date; anything else is as good as none."""
    if not text:
        return None
    seconds = number(text)
    if seconds is not None:
        return float(seconds)
    try:
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, date.timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _check_rate(window: deque[tuple[float, int]], got: int, clocks: Clocks) -> None:
    """Note the number of bytes so far, and raise a `SourceError` if they come too slowly.

    The `window` holds moments and bytes of the last `grace` seconds, the oldest first.
    """
    now = time.monotonic()
    window.append((now, got))
    if now - window[0][0] < clocks.grace:
        return
    while now - window[1][0] >= clocks.grace:
        window.popleft()
    began, before = window[0]
    rate = (got - before) / (now - began)
    if rate < clocks.min_rate:
        raise SourceError(
            f"too slow: {rate:,.0f} bytes a second over {now - began:.0f} s",
            outcome="slow",
            hint="Allow it with MNIST_TOOL_MIN_RATE=0, in fetch also with --min-rate 0.",
        )


@contextmanager
def open_url(
    url: str, attempt: Attempt, clocks: Clocks, http: requests.Session, headers: dict[str, str]
) -> Iterator[requests.Response]:
    """Ask for a URL and give the open answer.

    What the network does, then or while the body is read, becomes a `SourceError`.
    """
    try:
        with attempt.waiting():
            response = http.get(
                url, headers=headers, stream=True, timeout=(clocks.connect_timeout, clocks.timeout)
            )
        attempt.status = response.status_code
        # Our own count of the body says more than the library's: it names both sizes.
        response.raw.enforce_content_length = False
        with response:
            yield response
    except foreign() as error:
        raise explain(error, url, clocks, attempt.received) from error
