"""One try to get something from one source: the record of it, and while it lasts its state."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import urlsplit

from mnist_tool.advice import allow_more
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.errors import SourceError

__all__ = [
    "MAX_RETRY_AFTER",
    "Attempt",
    "Cancelled",
    "is_web_address",
    "redact",
    "redact_all",
]

MAX_RETRY_AFTER = 30.0
# What people mistype is looked at too: one slash, no scheme, a blank or a quotation mark in front,
# a password with "/" or "#" in it.
_START = re.compile(r"(\s*https?:|[^/?#@:]*(:(?=/)|(?=//)))?/*", re.IGNORECASE)
# Where there is a password it may have "@" in it: what stands before the last one is not shown.
_USER = re.compile(r"[^/?#@]*:(?!\d*([/?#]|$)).*@|[^/?#]*@", re.DOTALL)
_ADDRESS = re.compile(r"\bhttps?:/+\S*@\S*", re.IGNORECASE)


def redact(url: str) -> str:
    """Return a URL without its user, password, query and fragment.

    Examples
    --------
    >>> redact("https://me:secret@host/simple/?token=1")
    'https://***@host/simple/?***'
    >>> redact("https:/me:sec/ret@host/")
    'https:/***@host/'
    >>> redact("me:a@b/c@host/")
    '***@host/'
    """
    start = _START.match(url)
    begin = start.end() if start else 0
    user = _USER.match(url, begin)
    rest = url[user.end() if user else begin :].partition("#")[0]
    path, mark, _ = rest.partition("?")
    return url[:begin] + ("***@" if user else "") + path + ("?***" if mark else "")


def redact_all(text: str) -> str:
    """Return a text in which no web address has a user and a password.

    Examples
    --------
    >>> redact_all("Say: mnist-tool fetch --from https://me:secret@host/ --json")
    'Say: mnist-tool fetch --from https://***@host/ --json'
    """
    return _ADDRESS.sub(lambda found: redact(found[0]), text)


def is_web_address(url: str) -> bool:
    """Return whether a URL is one that can be asked: of http or https, with a host.

    Examples
    --------
    >>> [is_web_address(url) for url in ("https://host:8000/", "ftp://host/", "http://a..b/")]
    [True, False, False]
    >>> [is_web_address(url) for url in ("http://[fe80::1%25eth0]/", "http://%00/")]
    [True, False]
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")  # as a name server is asked for it
        named = bool(host) and (b"%" not in host or b":" in host)  # that of IPv6 may have a zone
        return parts.scheme in {"http", "https"} and named and parts.port != 0
    except ValueError:
        return False


class Cancelled(Exception):  # noqa: N818 - not an error: nobody waits for the bytes any more
    """What the attempt brings is not needed any more."""


@dataclass
class Attempt:
    """One try to get something from one source.

    Parameters
    ----------
    source : str
        Name of the source.
    location : str
        Address or path, without credentials.
    what : str
        The file or the archive asked for.
    started : str
        When, ISO 8601 in UTC.
    seconds : float
        How long it took.
    received : int
        Bytes over the wire.
    status : int or None
        HTTP status, if it came to that.
    outcome : str
        One word for how it ended, a key of `outcomes.OUTCOMES`; ``"ok"`` until then.
    message, hint : str
        In words, and what would help; empty when it worked.
    delivered : list of str
        Names of the files it brought.
    retry_after : float or None
        Seconds the server asked to wait.
    page : str or None
        What tells one web page from another, if one came instead of data; equal ones from several
        hosts mean a login portal.

    Attributes
    ----------
    over : callable
        Says whether nobody waits for it any more.
    deadline, began : float
        When to give up, and when it began, on the clock of ``time.monotonic``.
    """

    source: str
    location: str
    what: str
    started: str = ""
    seconds: float = 0.0
    received: int = 0
    status: int | None = None
    outcome: str = "ok"
    message: str = ""
    hint: str = ""
    delivered: list[str] = field(default_factory=list)
    retry_after: float | None = None
    page: str | None = None

    def __post_init__(self) -> None:
        # Its state while it lasts is no part of the record.
        self.over: Callable[[], bool] = lambda: False
        self.deadline = float("inf")
        self.started = self.started or datetime.now(timezone.utc).isoformat()
        self.began = time.monotonic()
        self._waiting_since: float | None = None
        self._working_since = self.began

    @property
    def again(self) -> bool:
        """Whether the same question may be answered better a little later."""
        patient = self.retry_after is None or self.retry_after <= MAX_RETRY_AFTER
        return OUTCOMES[self.outcome].again and patient

    def go_on(self) -> None:
        """Raise `Cancelled` if nobody waits for it, or a `SourceError` if its time is up."""
        if self.over():
            raise Cancelled
        if time.monotonic() > self.deadline:
            raise SourceError(
                f"not done in time; {self.received:,} bytes came",
                outcome="deadline",
                hint=f"{allow_more('source_deadline')}. {allow_more('deadline')}.",
            )

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the network's silence inside the block; what happens outside is our own work."""
        self._waiting_since = time.monotonic()
        try:
            yield
        finally:
            self._waiting_since = None
            self._working_since = time.monotonic()

    def silence_and_work(self) -> tuple[float, float]:
        """Return for how many seconds nothing has come, and what came is being looked into.

        One of them is 0: while more may come, nobody looks into what came.
        """
        now = time.monotonic()
        if self._waiting_since is not None:
            return now - self._waiting_since, 0.0
        return 0.0, now - self._working_since

    def end(self, error: SourceError) -> None:
        """Note how it failed."""
        self.outcome, self.message, self.hint = error.outcome, error.message, error.hint
