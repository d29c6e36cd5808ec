"""NumPy's arrays as IDX: what stands in front of the numbers, said in the other format."""

from __future__ import annotations

import re

from mnist_tool.errors import FormatError

__all__ = ["as_idx"]

_ARRAY = re.compile(
    rb"\{'descr': '\|u1', 'fortran_order': False, "
    rb"'shape': \(([0-9]{1,10}(?:, ?[0-9]{1,10})*),?\), \}\s*"
)
LARGEST = 2**32  # of a dimension, exclusive: an IDX header has 32 bits for it


def as_idx(head: bytes) -> tuple[int, bytes]:
    """Translate the header of a ``.npy`` file; the numbers that follow are the same in IDX.

    Keras' ``mnist.npz`` holds x_train, y_train, x_test and y_test as uint8 in C order. The header's
    format is NumPy's NEP 1.

    Parameters
    ----------
    head : bytes
        The beginning of the file, at least its header.

    Returns
    -------
    length : int
        How many bytes its header has.
    header : bytes
        The IDX header that stands for it.

    Raises
    ------
    FormatError
        If it holds anything else than uint8 in C order.
    """
    start = 12 if head[6:7] > b"\x01" else 10
    length = start + int.from_bytes(head[8:start], "little")
    found = _ARRAY.fullmatch(head[start:length])
    sizes = [int(n) for n in found[1].replace(b",", b" ").split()] if found else []
    if not found or length > len(head) or len(sizes) > 3 or max(sizes) >= LARGEST:
        raise FormatError(
            "it is not an array of uint8 in C order",
            hint="Another source is needed, or an undamaged copy.",
        )
    return length, bytes((0, 0, 8, len(sizes))) + b"".join(n.to_bytes(4, "big") for n in sizes)
