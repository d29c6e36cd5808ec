"""Bytes as content: copy and hash them, and say what they are instead of what they should be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from mnist_tool.dataset.registry import DATASETS, DataFile, Dataset
from mnist_tool.dataset.sniff import HEAD, describe, name_known
from mnist_tool.errors import FormatError

__all__ = [
    "Readable",
    "copy_hashed",
    "difference",
    "file_digest",
    "name_stranger",
    "read_exactly",
]

CHUNK = 1 << 20


class Readable(Protocol):
    """Anything that gives bytes one after the other."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


def file_digest(path: Path) -> tuple[str, bytes]:
    """Return the SHA-256 and the first `HEAD` bytes of the file at `path`."""
    digest = hashlib.sha256()
    first = b""
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            first = first or chunk[:HEAD]
            digest.update(chunk)
    return digest.hexdigest(), first


def read_exactly(stream: Readable, count: int) -> bytes:
    """Return the next `count` bytes of a `stream`, fewer only at its end."""
    head = b""
    while len(head) < count and (more := stream.read(count - len(head))):
        head += more
    return head


def copy_hashed(stream: Readable, head: bytes, target: Any, *, limit: int) -> tuple[int, str]:
    """Copy `head` and `stream`, one byte past `limit` at most; return size and SHA-256."""
    digest = hashlib.sha256()
    size = 0
    for chunk in _chunks(stream, head, limit + 1):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return size, digest.hexdigest()


def _chunks(stream: Readable, head: bytes, limit: int) -> Iterator[bytes]:
    yield head
    left = limit - len(head)
    while left > 0 and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def name_stranger(stream: Readable, head: bytes, *, there: Dataset) -> None:
    """Raise the name of a registered file, if `head` and the rest of `stream` are one.

    Of the data set `there` nobody wants a file that stands on the disk already.
    """
    files = [file for dataset in DATASETS.values() for file in dataset.files]
    limit = max((file.size for file in files if head.startswith(file.header)), default=0)
    if not limit:
        return
    digest = hashlib.sha256()
    for chunk in _chunks(stream, head, limit + 1):
        digest.update(chunk)
    if name := name_known(digest.hexdigest()):
        known = digest.hexdigest() in {file.sha256 for file in there.files}
        already = ", which is there already" if known else ""
        raise FormatError(f"it is {name}{already}.", hint="Another source is needed.")


def difference(file: DataFile, size: int, digest: str, head: bytes) -> str:
    """Say how bytes of this `size`, `digest` and `head` differ from the registered `file`."""
    if known := name_known(digest):
        return f"it is {known}"
    if not head.startswith(file.header):
        return f"it is {describe(head, size)}"
    if size != file.size:
        return f"it has {size:,} bytes where {file.size:,} are expected"
    return f"its SHA-256 is {digest} where {file.sha256} is expected"
