"""Say what was there in the place of what was wanted."""

from __future__ import annotations

from pathlib import Path

from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.bytes.archives import CONTAINERS, READERS, Contents, Rejected
from mnist_tool.dataset.bytes.kinds import HEAD, kind_of
from mnist_tool.dataset.bytes.recognise import describe, page_key
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.store import hash_file
from mnist_tool.errors import SourceError

__all__ = ["compare_digest", "nothing_wanted", "told", "wrong_body"]

# So many of the things that were there instead are told.
FEW = 3
# Of the digests that indexes list, by the number of their hexadecimal digits.
ALGORITHMS = {40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


def told(attempt: Attempt, contents: Contents) -> str:
    """Return in words what was rejected, the most telling first; empty if nothing was."""
    return "; ".join(_sentence(attempt, each) for each in contents.rejected[:FEW])


def _sentence(attempt: Attempt, rejected: Rejected) -> str:
    """Name what is only a part of the attempt, and say what is wrong with it."""
    reason = rejected.reason.removesuffix(".") or f"it is {describe(rejected.head)}"
    whole = rejected.name in {attempt.what, attempt.location}
    return reason if whole else f"{rejected.name}: {reason}"


def nothing_wanted(
    attempt: Attempt, contents: Contents, body: Path | None, file: DataFile | None = None
) -> SourceError:
    """Return the error of an attempt that brought nothing.

    Parameters
    ----------
    attempt : Attempt
        Whose; a web page that came is noted in it.
    contents : Contents
        What was there instead.
    body : Path or None
        What came over the network, if it did.
    file : DataFile, optional
        What should have come.
    """
    message = told(attempt, contents) or "none of the wanted files is in it"
    if body is not None:
        with body.open("rb") as stream:
            head = stream.read(HEAD)
        if kind_of(head) == "html":
            attempt.page = page_key(head)
        if kind_of(head) not in {*CONTAINERS, *READERS, "idx", "png"}:
            wanted = f"{file.gz_size:,} bytes of gzip" if file and file.gz_size else "an archive"
            were = "were" if file else "was"
            what = describe(head, body.stat().st_size)
            message = f"sent {what} where {wanted} {were} expected"
    return SourceError(message, outcome="content", hint="Try another source.")


def wrong_body(attempt: Attempt, contents: Contents, body: Path, file: DataFile) -> SourceError:
    """Return the error of an attempt that did not bring the `file` it was for."""
    if attempt.delivered:
        sent = f"sent {', '.join(attempt.delivered)} under this name"
        return SourceError(sent, outcome="content", hint="Try another source.")
    return nothing_wanted(attempt, contents, body, file)


def compare_digest(body: Path, listed: str) -> None:
    """Raise the error of a body with another digest than the index lists.

    Parameters
    ----------
    body : Path
        What came.
    listed : str
        Hexadecimal; its length tells the algorithm.
    """
    algorithm = ALGORITHMS.get(len(listed), "sha256")
    got, _ = hash_file(body, algorithm)
    if got != listed:
        raise SourceError(
            f"its {algorithm.upper().replace('SHA', 'SHA-')} is {got}, but the index says "
            f"{printable(listed)}",
            outcome="content",
            hint="Try another index.",
        )
