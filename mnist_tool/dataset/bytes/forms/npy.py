"""NumPy's own format: an array out of a ``.npy`` file, and the members of an ``.npz``."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO

from mnist_tool.dataset.bytes.damage import HINT, damaged
from mnist_tool.dataset.bytes.forms.values import InMemory, as_files
from mnist_tool.dataset.bytes.readable import Readable, read_exactly, read_long
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["array_of", "read", "write_npz"]

# Bytes of a header of ten dimensions and no fields are far fewer.
LONGEST_HEADER = 4096
LARGEST = 512 << 20


def read(stream: Readable, name: str) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files that a ``.npy`` file holds; see `values.as_files`.

    Keras' ``mnist.npz`` is a zip of four of them: x_train, y_train, x_test and y_test.
    """
    yield from as_files(name, array_of(stream))


def array_of(stream: Readable) -> NDArray[Any]:
    """Read the array of a ``.npy`` file (NumPy's NEP 1), which is never unpickled.

    Parameters
    ----------
    stream : Readable
        The file from its beginning.

    Raises
    ------
    FormatError
        If it is damaged, or holds anything else than numbers.
    """
    import numpy as np

    dtype, shape, fortran = _header(stream)
    if dtype.hasobject:
        raise FormatError(
            "it is an array of Python objects, a pickle; nothing of it was run", hint=HINT
        )
    size = prod(shape) * dtype.itemsize
    if dtype.kind not in "buif" or size > LARGEST or min(shape, default=1) < 0:
        raise FormatError(f"it is an array of {dtype} of shape {shape}", hint=HINT)
    content = read_long(stream, size)
    if len(content) < size:
        raise FormatError("it is damaged: it ends before its values do", hint=HINT)
    values = np.frombuffer(content, dtype)
    return values.reshape(shape, order="F" if fortran else "C")


def _header(stream: Readable) -> tuple[Any, tuple[int, ...], bool]:
    """Let NumPy read the header, which is a Python literal."""
    from numpy.lib import format as npy

    start = read_exactly(stream, 8)
    width = 2 if start[6:7] == b"\x01" else 4
    length = read_exactly(stream, width)
    size = int.from_bytes(length, "little")
    if size > LONGEST_HEADER:
        raise FormatError(f"it has a header of {size:,} bytes", hint=HINT)
    header = io.BytesIO(length + read_exactly(stream, size))
    reader = npy.read_array_header_1_0 if width == 2 else npy.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a header that Python 2 wrote
        try:
            shape, fortran, dtype = reader(header)
        except Exception as error:  # Python's parsers, which it goes through, may raise anything
            raise damaged(error) from error
    return dtype, shape, fortran


def write_npz(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as an ``.npz``; the same arrays make the same bytes, unlike NumPy's own."""
    import zipfile

    from numpy.lib import format as npy

    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in arrays.items():
            member = io.BytesIO()
            npy.write_array(member, values, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(entry, member.getbuffer(), zipfile.ZIP_DEFLATED)
