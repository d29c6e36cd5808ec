"""Streams inside containers: capped, showing their first bytes, and raising only our errors."""

from __future__ import annotations

import io
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from mnist_tool.dataset.content import Readable, read_exactly
from mnist_tool.dataset.sniff import HEAD
from mnist_tool.errors import FormatError

__all__ = ["HINT", "Stream", "array_as_idx", "damage_named"]

# What the readers of the standard library raise on damaged input. Listed, not `Exception`: a bug
# of ours must not look like a damaged archive.
DAMAGE = (
    OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile,
    struct.error, ValueError, KeyError, IndexError, NotImplementedError, RuntimeError,
    OverflowError, MemoryError,
)  # fmt: skip
_ARRAY = re.compile(
    rb"\{'descr': '\|u1', 'fortran_order': False, "
    rb"'shape': \(([0-9]{1,10}(?:, ?[0-9]{1,10})*),?\), \}\s*"
)
HINT = "Another source is needed, or an undamaged copy."


class Stream(io.RawIOBase):
    """A stream that shows its first bytes, stops at a cap, and raises only our errors."""

    def __init__(self, source: Readable, name: str, cap: int) -> None:
        self._source = source
        self._name = name
        self._left = cap
        self._step = cap
        self.head = b""
        while len(self.head) < HEAD and (more := self._pull(HEAD - len(self.head))):
            self.head += more
        self._unread = self.head

    def allow(self, count: int) -> None:
        """Lower the cap to `count` bytes from here on, within the cap of the whole."""
        self._step = count

    def _pull(self, size: int) -> bytes:
        if size > self._left:
            size = self._left + 1
        with damage_named(self._name):
            chunk = self._source.read(size)
        self._left -= len(chunk)
        self._step -= len(chunk)
        if self._left < 0 or self._step < 0:
            raise FormatError(f"{self._name} unpacks to more than any data set here.", hint=HINT)
        return chunk

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            raise FormatError(f"{self._name} cannot be read at once.", hint=HINT)
        if self._unread:
            chunk, self._unread = self._unread[:size], self._unread[size:]
            return chunk
        return self._pull(size)


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Turn what the standard library raises on damaged input into a `FormatError`."""
    try:
        yield
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise FormatError(f"{name} is damaged: {reason}.", hint=HINT) from error


def array_as_idx(stream: Stream, name: str) -> Readable:
    """Turn the ``.npy`` member of an ``.npz`` into IDX bytes.

    Keras' ``mnist.npz`` holds x_train, y_train, x_test and y_test as uint8 in C order, so that
    the values follow an IDX header just as they are. The header's format is NumPy's NEP 1.
    """
    long = read_exactly(stream, 8)[6:7] > b"\x01"
    length = int.from_bytes(read_exactly(stream, 4 if long else 2), "little")
    found = _ARRAY.fullmatch(read_exactly(stream, min(length, HEAD)))
    sizes = [int(n) for n in found[1].replace(b",", b" ").split()] if found else []
    if not found or len(sizes) > 3 or any(n >= 2**32 for n in sizes):
        raise FormatError(f"{name} is not an array of uint8 in C order.", hint=HINT)
    header = bytes((0, 0, 8, len(sizes))) + b"".join(n.to_bytes(4, "big") for n in sizes)
    return _Chained(header, stream)


class _Chained:
    """Some bytes, then a stream."""

    def __init__(self, first: bytes, rest: Readable) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._first:
            chunk, self._first = self._first[:size], self._first[size:]
            return chunk
        return self._rest.read(size)
