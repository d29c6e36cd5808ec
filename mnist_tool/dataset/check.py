"""Try each source without downloading it: does it answer, with what, and how fast."""

from __future__ import annotations

import email.utils
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tool import configuration
from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.bytes.archives import CONTAINERS
from mnist_tool.dataset.bytes.kinds import HEAD, kind_of
from mnist_tool.dataset.bytes.recognise import describe
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import number, open_url, session
from mnist_tool.dataset.network.way import Way, go
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.dataset.sources.base import Source
from mnist_tool.errors import OfflineError, SourceError

if TYPE_CHECKING:
    import requests

__all__ = ["Answer", "check_sources"]

CHECK_TIMEOUT = 4.0
# What the rate is measured on: at most so many bytes and seconds; of fewer bytes it says nothing.
SAMPLE = 256 << 10
SAMPLE_SECONDS = 1.0
SMALLEST_SAMPLE = 32 << 10


@dataclass(frozen=True)
class Answer:
    """What one source said when it was tried.

    Parameters
    ----------
    name : str
        Name of the source.
    reachable : bool
        Whether it sent the beginning of what it should.
    status : int or None
        HTTP status, if it came to that.
    answer : str
        What it sent, or why nothing came.
    seconds : float
        Until its first bytes, or until it failed.
    outcome : str
        ``"ok"`` or one of the outcomes of `Attempt`.
    stage : str
        Where it stopped: ``"index"`` (looking it up), ``"DNS"``, ``"TCP"``, ``"TLS"``,
        ``"status"``, ``"first bytes"`` or ``"body"``; empty for a source that is reachable.
    figures : mapping of str to float
        What was measured as far as it went: ``index``, ``dns``, ``tcp``, ``tls`` and ``first_byte``
        in seconds, ``rate`` in bytes a second, ``skew``: by how many seconds the server's clock is
        ahead of ours.
    """

    name: str
    reachable: bool
    status: int | None
    answer: str
    seconds: float
    outcome: str
    stage: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


def check_sources(
    dataset: str = "mnist", *, offline: bool | None = None, timeout: float | None = None
) -> list[Answer]:
    """Try all sources of a data set at once; it takes a few seconds altogether.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    offline : bool, optional
        As in `fetch`; by default ``MNIST_TOOL_OFFLINE``.
    timeout : float, optional
        Longest wait for a connection or for a byte, in seconds; 4 by default.

    Returns
    -------
    list of Answer
        In the order of the registry.

    Raises
    ------
    OfflineError
        If the network is forbidden.
    SettingError
        If there is no such data set, or `timeout` is no length of time.
    """
    chosen = DATASETS[dataset]
    if configuration.get("offline", offline):
        raise OfflineError(
            "Sources cannot be tried: the network is forbidden.",
            hint="Leave out --offline and MNIST_TOOL_OFFLINE.",
        )
    timeout = configuration.get("timeout", CHECK_TIMEOUT if timeout is None else timeout)
    clocks = Clocks(connect_timeout=timeout, timeout=timeout)
    answers: dict[str, Answer] = {}
    ways = {source.name: Way() for source in chosen.sources}

    def ask(source: Source) -> None:
        """Note the answer of one source."""
        answers[source.name] = _check(source, chosen, clocks, ways[source.name])

    # Daemons: a name server that never answers must keep neither us nor the exit waiting.
    threads = [threading.Thread(target=ask, args=(s,), daemon=True) for s in chosen.sources]
    until = time.monotonic() + clocks.answer
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [answers.get(name) or _silent(name, way, clocks) for name, way in ways.items()]


def _silent(name: str, way: Way, clocks: Clocks) -> Answer:
    text, patience = f"no answer in {clocks.answer:g} s", clocks.answer
    return Answer(name, False, None, text, patience, "timeout", way.stage, dict(way.figures))


def _check(source: Source, dataset: Dataset, clocks: Clocks, way: Way) -> Answer:
    attempt = Attempt(source.name, source.shown, "")
    began = time.monotonic()
    try:
        with session() as http:
            url = source.sample(dataset.files, http, clocks, way)
            if url is None:
                return Answer(source.name, True, None, source.shown, 0.0, "ok")
            head, size = _first_bytes(url, http, attempt, clocks, way)
        good = kind_of(head) in {*CONTAINERS, "idx"}
        answer, outcome = describe(head, size), "ok" if good else "content"
        way.stage = "" if good else "first bytes"
    except SourceError as error:
        good, answer, outcome = False, error.message, error.outcome
    seconds = round(time.monotonic() - began, 3)
    return Answer(
        source.name, good, attempt.status, answer, seconds, outcome, way.stage, way.figures
    )


def _first_bytes(
    url: str, http: requests.Session, attempt: Attempt, clocks: Clocks, way: Way
) -> tuple[bytes, int | None]:
    """Return the beginning of what a URL sends, and its size where that is told."""
    go(url, http, clocks, way)
    way.stage = "status"
    asked = time.monotonic()
    with open_url(url, attempt, clocks, http, {}) as response:
        way.figures.update(_skew(response.headers))
        if response.status_code != 200:
            raise SourceError(
                f"HTTP {response.status_code}", outcome="status", hint="Use another source."
            )
        way.stage = "first bytes"
        head = response.raw.read1(HEAD, decode_content=False) or b""
        way.figures["first_byte"] = round(time.monotonic() - asked, 4)
        way.stage = "body"
        way.figures.update(_rate(response))
    return head, number(response.headers.get("Content-Length"))


def _rate(response: requests.Response) -> dict[str, float]:
    """Read a little more of a body; return how fast it came, if that was enough to tell."""
    raw: Any = response.raw
    received = 0
    began = now = time.monotonic()
    while received < SAMPLE and now - began < SAMPLE_SECONDS:
        chunk = raw.read1(SAMPLE, decode_content=False)
        if not chunk:
            break
        received += len(chunk)
        now = time.monotonic()
    lasted = now - began
    enough = received >= SMALLEST_SAMPLE or lasted >= SAMPLE_SECONDS
    return {"rate": round(received / lasted)} if enough and lasted else {}


def _skew(headers: Mapping[str, str]) -> dict[str, float]:
    """Return by how much a server's clock is ahead of ours; a cache says how old its answer is."""
    try:
        date = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
        return {"skew": round(date + (number(headers.get("Age")) or 0) - time.time(), 1)}
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}
