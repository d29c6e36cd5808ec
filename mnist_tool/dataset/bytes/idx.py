"""The IDX format: arrays as a magic number, big-endian sizes, and big-endian values.

The format is described on the data set's original page: two zero bytes, one byte for the type, one
for the number of dimensions, each size as big-endian uint32, then the values in C order.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MAX_HEADER", "Header", "decode", "encode", "header_of", "parse_header"]

# Type byte: NumPy's name of the big-endian type.
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_HEADER = 4 + 4 * 255
HINT = "Check the file with `mnist-tool verify`, or replace it with `mnist-tool fetch --force`."


@dataclass(frozen=True)
class Header:
    """What the first bytes of an IDX file say.

    Parameters
    ----------
    dtype : str
        NumPy's name of the stored type, such as ``"u1"`` or ``">i4"``.
    shape : tuple of int
        Size of each dimension.
    """

    dtype: str
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        """Bytes of the header itself."""
        return 4 + 4 * len(self.shape)

    @property
    def body(self) -> int:
        """Bytes of the values after the header."""
        return prod(self.shape) * int(self.dtype[-1])


def header_of(shape: Sequence[int], code: int = 0x08) -> bytes:
    """Return the header of values of this shape; `code` is their type, by default uint8.

    Examples
    --------
    >>> header_of((10000,)).hex(" ")
    '00 00 08 01 00 00 27 10'
    """
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape)


def parse_header(head: bytes) -> Header:
    """Read the header at the start of IDX bytes.

    Parameters
    ----------
    head : bytes
        The beginning of the file, at least its header.

    Returns
    -------
    Header
        Type and shape.

    Raises
    ------
    FormatError
        If these bytes do not start with a whole IDX header.

    Examples
    --------
    >>> parse_header(bytes.fromhex("00000801 00002710"))
    Header(dtype='u1', shape=(10000,))
    """
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES:
        raise FormatError(
            f"No IDX header: the bytes start with {head[:4].hex() or 'nothing'}.", hint=HINT
        )
    count = head[3]
    if len(head) < 4 + 4 * count:
        raise FormatError(
            f"The IDX header announces {count} sizes, but the file ends after {len(head)} bytes.",
            hint=HINT,
        )
    return Header(TYPES[head[2]], struct.unpack(f">{count}I", head[4 : 4 + 4 * count]))


def decode(content: bytes | bytearray | memoryview) -> NDArray[Any]:
    """Turn the bytes of a whole IDX file into an array.

    Parameters
    ----------
    content : bytes-like
        The plain (not gzipped) file.

    Returns
    -------
    ndarray
        In the header's shape and in native byte order. It shares the memory of `content` where no
        byte swap is needed, so it is read-only if `content` is.

    Raises
    ------
    FormatError
        If the header is wrong, or values are missing or too many.

    Examples
    --------
    >>> decode(bytes.fromhex("00000801 00000003 050004")).tolist()
    [5, 0, 4]
    """
    import numpy as np

    header = parse_header(bytes(content[:MAX_HEADER]))
    got = len(content) - header.length
    if got != header.body:
        raise FormatError(
            f"The IDX header announces {header.body:,} bytes of values in shape "
            f"{header.shape}, but {got:,} follow.",
            hint=HINT,
        )
    values = np.frombuffer(content, dtype=header.dtype, offset=header.length).reshape(header.shape)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def encode(values: NDArray[Any]) -> bytes:
    """Turn an array into the bytes of an IDX file.

    Parameters
    ----------
    values : ndarray
        Of type uint8, int8, int16, int32, float32 or float64, with at most 255 dimensions, each
        smaller than 2**32.

    Returns
    -------
    bytes
        Header and values.

    Raises
    ------
    FormatError
        If IDX has no such type.

    Examples
    --------
    >>> import numpy as np
    >>> encode(np.array([5, 0, 4], dtype=np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 03 05 00 04'
    """
    big: np.dtype[Any] = values.dtype.newbyteorder(">")
    codes = [code for code, name in TYPES.items() if big == name]
    if not codes:
        allowed = "uint8, int8, int16, int32, float32 or float64"
        raise FormatError(f"IDX has no type for {values.dtype}.", hint=f"Convert it to {allowed}.")
    return header_of(values.shape, codes[0]) + values.astype(big).tobytes()
