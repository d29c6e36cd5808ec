"""Decompress bzip2, xz and LZMA piece by piece, however much a few bytes unpack to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnist_tool.dataset.bytes.damage import HINT
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.errors import FormatError

__all__ = ["Decompressed", "bzip2", "lzma_of_zip", "xz"]

CHUNK = 64 << 10
# Bytes that unpacking may need: xz's strongest preset takes 65 MiB.
MOST_MEMORY = 128 << 20


class Decompressed:
    """The plain bytes of one or more compressed streams that follow each other.

    Parameters
    ----------
    source : Readable
        The compressed bytes.
    start : callable
        Makes a decompressor like those of `bz2` and `lzma`: one for each stream.
    """

    def __init__(self, source: Readable, start: Callable[[], Any]) -> None:
        self._source = source
        self._start = start
        self._decompressor = start()

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        while size:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data.lstrip(b"\0")  # xz pads with zeros
                rest = rest or self._source.read(CHUNK).lstrip(b"\0")
                if not rest:
                    return b""
                self._decompressor = self._start()
            else:
                rest = self._source.read(CHUNK) if self._decompressor.needs_input else b""
                if not rest and self._decompressor.needs_input:
                    raise EOFError("it ends before its end-of-stream marker")
            if chunk := self._decompressor.decompress(rest, size):
                return bytes(chunk)
        return b""


def bzip2(source: Readable) -> Readable:
    """Return the plain bytes of bzip2 data."""
    return Decompressed(source, _library("bz2").BZ2Decompressor)


def xz(source: Readable) -> Readable:
    """Return the plain bytes of xz data."""
    lzma = _library("lzma")
    return Decompressed(source, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_MEMORY))


def lzma_of_zip(source: Readable) -> Readable:
    """Return the plain bytes of a zip's LZMA member (APPNOTE 5.8: version, length, properties)."""
    lzma = _library("lzma")
    start = source.read(9)
    packed, dictionary = start[4:5], int.from_bytes(start[5:9], "little")
    if start[2:4] != b"\5\0" or packed >= b"\xe1" or dictionary > MOST_MEMORY:
        raise FormatError("it is packed in an odd way", hint=HINT)
    rest, lc = divmod(packed[0], 9)
    pb, lp = divmod(rest, 5)
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}]
    return Decompressed(source, lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, None, filters))


def _library(name: str) -> Any:
    """Import a module that Python can be built without."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise FormatError(
            f"it is packed with {name}, which this Python was built without",
            hint="Unpack it with another program first.",
        ) from None
