"""Try each source without downloading it: does it answer, with what, and how fast."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from mnist_tool import settings
from mnist_tool.dataset.clocks import Clocks
from mnist_tool.dataset.download import Transfer, content_length, open_url, session
from mnist_tool.dataset.index import locate
from mnist_tool.dataset.outcomes import network_errors
from mnist_tool.dataset.registry import DataFile, Dataset, Source, get_dataset
from mnist_tool.dataset.sniff import HEAD, describe, kind_of
from mnist_tool.errors import OfflineError, SourceError

__all__ = ["Answer", "check_sources"]

CHECK_SILENCE = 4.0


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
    """

    name: str
    reachable: bool
    status: int | None
    answer: str
    seconds: float
    outcome: str


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
        If there is no such data set.
    """
    chosen = get_dataset(dataset)
    if settings.get("offline", offline):
        raise OfflineError("Sources cannot be tried: the network is forbidden.",
                           hint="Leave out --offline and MNIST_TOOL_OFFLINE.")  # fmt: skip
    silence = timeout or CHECK_SILENCE
    clocks = Clocks(connect=silence, silence=silence)
    answers: dict[str, Answer] = {}

    def ask(source: Source) -> None:
        answers[source.name] = _check(source, chosen, clocks)

    # Daemons: a name server that never answers must keep neither us nor the exit waiting.
    threads = [threading.Thread(target=ask, args=(s,), daemon=True) for s in chosen.sources]
    until = time.monotonic() + clocks.answer
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    silent = f"no answer in {clocks.answer:g} s"
    return [
        answers.get(s.name) or Answer(s.name, False, None, silent, clocks.answer, "timeout")
        for s in chosen.sources
    ]


def _check(source: Source, dataset: Dataset, clocks: Clocks) -> Answer:
    if source.kind == "drawn":
        return Answer(source.name, True, None, "drawn by mnist-tool", 0.0, "ok")
    transfer = Transfer("")
    began = time.monotonic()
    try:
        head, size = _first_bytes(source, dataset.files[-1], transfer, clocks)
        good = kind_of(head) in {"gzip", "zip", "tar", "idx"}
        answer, outcome = describe(head, size), "ok" if good else "content"
    except SourceError as error:
        good, answer, outcome = False, error.message, error.outcome
    seconds = round(time.monotonic() - began, 3)
    return Answer(source.name, good, transfer.status, answer, seconds, outcome)


def _first_bytes(
    source: Source, file: DataFile, transfer: Transfer, clocks: Clocks
) -> tuple[bytes, int | None]:
    """Return the beginning of what a source sends, and its size where that is told."""
    http = session()
    if source.kind == "index":
        project, filename = source.location.split()
        transfer.url = locate(project, filename, http, clocks).url
    else:
        transfer.url = source.location + (f"{file.name}.gz" if source.kind == "files" else "")
    with open_url(transfer, clocks, http, {}) as response:
        if response.status_code != 200:
            raise SourceError(f"HTTP {response.status_code}", outcome="status",
                              hint="Use another source.")  # fmt: skip
        with network_errors(transfer, clocks):
            head = response.raw.read1(HEAD, decode_content=False) or b""
    return head, content_length(response)
