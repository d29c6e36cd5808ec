"""MATLAB's files of version 5 (and 6, 7): each array of numbers under its name.

As its makers describe the format ("MAT-File Format"): elements of a type, a size and bytes; a
matrix is an element of elements; and an element may be packed. scipy's reader ends the whole
process where some bytes are damaged, so it only writes such files here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from mnist_tool.dataset.bytes.damage import HINT, damage_told
from mnist_tool.dataset.bytes.forms.parquet import INSTALL
from mnist_tool.dataset.bytes.forms.values import InMemory, as_files
from mnist_tool.dataset.bytes.readable import Readable, read_long
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.errors import DependencyError, FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read", "write"]

LARGEST = 512 << 20  # bytes, unpacked: 70,000 images as double take 439 MB
MOST_ELEMENTS = 1000  # a variable is one
HEADER = 128
ORDERS: dict[bytes, Literal["little", "big"]] = {b"IM": "little", b"MI": "big"}
MATRIX, PACKED = 14, 15
# NumPy's names for the types of numbers; and the classes of matrices that are of numbers.
TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
NUMBERS = range(6, 16)
COMPLEX = 0x0800


def read(stream: Readable, name: str) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files in a ``.mat`` file: trainX, testX, ...; see `values.as_files`."""
    content = read_long(stream, LARGEST)
    order = ORDERS.get(bytes(content[126:128]))
    if order is None:
        raise FormatError("it is damaged: it has no header of MATLAB's", hint=HINT)
    found = 0
    for variable, values in _arrays(memoryview(content)[HEADER:], order):
        found += 1
        yield from as_files(f"{name}/{variable}", values)
    if not found:
        raise FormatError("it is a MATLAB file without arrays of numbers", hint=HINT)


def _arrays(
    content: memoryview, order: Literal["little", "big"]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the names and values of the arrays of numbers; texts and structures are left out."""
    left = LARGEST
    for kind, element in _elements(content, order):
        if kind == PACKED:
            unpacker = zlib.decompressobj()
            with damage_told():
                unpacked = unpacker.decompress(element, left)
            if unpacker.unconsumed_tail or not unpacker.eof:
                raise FormatError("it is damaged, or unpacks to too much", hint=HINT)
            left = max(1, left - len(unpacked))
            kind, element = next(_elements(memoryview(unpacked), order), (0, element))
        if kind == MATRIX and (found := _array(element, order)):
            yield found


def _elements(
    content: memoryview, order: Literal["little", "big"]
) -> Iterator[tuple[int, memoryview]]:
    """Yield types and bytes of the elements that follow each other."""
    at = count = 0
    while at < len(content):
        count += 1
        if count > MOST_ELEMENTS:
            raise FormatError(f"it has more than {MOST_ELEMENTS:,} elements", hint=HINT)
        kind = int.from_bytes(content[at : at + 4], order)
        size, start = int.from_bytes(content[at + 4 : at + 8], order), at + 8
        if kind >> 16:  # a small one, within the 8 bytes
            kind, size, start = kind & 0xFFFF, min(kind >> 16, 4), at + 4
        element = content[start : start + size]
        if len(element) < size:
            raise FormatError("it is damaged: it ends within an element", hint=HINT)
        yield kind, element
        at = start + size if kind == PACKED else start + size + -(start + size) % 8


def _array(matrix: memoryview, order: Literal["little", "big"]) -> tuple[str, NDArray[Any]] | None:
    """Return name and values of a matrix, if it is one of real numbers."""
    import numpy as np

    parts = [part for _, part in zip(range(4), _elements(matrix, order), strict=False)]
    flags = int.from_bytes(parts[0][1][:4], order) if parts else 0
    if flags & 0xFF not in NUMBERS or flags & COMPLEX:
        return None
    if len(parts) < 4 or parts[1][0] != 5 or len(parts[1][1]) % 4 or parts[3][0] not in TYPES:
        raise FormatError("it is damaged: a matrix lacks a part", hint=HINT)
    sign = "<" if order == "little" else ">"
    shape = np.frombuffer(parts[1][1], f"{sign}i4").tolist()
    dtype = np.dtype(sign + TYPES[parts[3][0]])
    if (
        len(shape) > 8
        or min(shape, default=0) < 0
        or prod(shape) * dtype.itemsize != len(parts[3][1])
    ):
        raise FormatError("it is damaged: a matrix has another size than it says", hint=HINT)
    values = np.frombuffer(parts[3][1], dtype).reshape(shape, order="F")
    return printable(bytes(parts[2][1]).decode("latin1")), values


def write(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays under their names.

    Raises
    ------
    DependencyError
        If scipy is not there.
    """
    try:
        import scipy.io
    except ImportError as error:
        raise DependencyError(f"scipy writes MATLAB's files: {error}.", hint=INSTALL) from error
    scipy.io.savemat(file, dict(arrays), do_compression=True)
