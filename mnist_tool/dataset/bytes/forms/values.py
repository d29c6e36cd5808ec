"""Arrays of any numbers as what a data set stores: pixels and labels of one byte, in IDX."""

from __future__ import annotations

import io
from collections.abc import Iterator
from math import isqrt
from typing import TYPE_CHECKING, Any

from mnist_tool.dataset.bytes.damage import HINT
from mnist_tool.dataset.bytes.idx import header_of
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["InMemory", "as_files", "shape_of"]

CHUNK = 1 << 20
# Labels of the largest data set of this family go up to 61.
HIGHEST_LABEL = 99
# How far a pixel that was divided and stored in half precision may be from a whole number.
ROUNDING = 0.2


class InMemory(io.RawIOBase):
    """The IDX file of an array that is in memory.

    Parameters
    ----------
    values : ndarray of uint8
        Images, ``(images, rows, columns)``, or labels.

    Attributes
    ----------
    head : bytes
        Its header.
    within, member
        In what it was found, see `carried.Carried`.
    """

    def __init__(self, values: NDArray[np.uint8]) -> None:
        import numpy as np

        self.within: Any = None
        self.member = ""
        self.values = np.ascontiguousarray(values)
        self.head = header_of(self.values.shape)
        self._parts = [memoryview(self.head), self.values.reshape(-1).data]

    def readable(self) -> bool:
        """Say yes, as a file that is open for reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        while self._parts and not self._parts[0]:
            del self._parts[0]
        if not self._parts:
            return b""
        size = len(self._parts[0]) if size < 0 else size
        chunk = bytes(self._parts[0][:size])
        self._parts[0] = self._parts[0][size:]
        if len(chunk) < size:
            chunk += self.read(size - len(chunk))
        return chunk


def shape_of(values: NDArray[Any]) -> str:
    """Say type and shape of an array in words."""
    return f"an array of {values.dtype} of shape {values.shape}"


def as_files(
    name: str, values: NDArray[Any], label_at: int | None = None
) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files that an array of any shape holds: images, labels, or rows of both.

    Parameters
    ----------
    name : str
        How messages call it.
    values : ndarray
        Images ``(N, 784)`` or ``(N, 28, 28)``, with or without a channel, or last as in MATLAB;
        rows of a label and pixels ``(N, 785)``; labels ``(N,)`` or, one of ten, ``(N, 10)``.
    label_at : {0, -1}, optional
        Where rows of 785 have their label; by default where it must be.

    Yields
    ------
    tuple of (str, InMemory)
        What is in it, by name.

    Raises
    ------
    FormatError
        If it is none of these, or its numbers are no pixels or labels.
    """
    if values.dtype.kind not in "buif" or not values.size:
        raise FormatError(f"it is {shape_of(values)}", hint=HINT)
    values = _flat(values)
    if values.ndim == 1:
        yield name, InMemory(_labels(values))
        return
    side = isqrt(values.shape[1])
    if side * side == values.shape[1] and side > 7:
        yield name, InMemory(_pixels(values).reshape(-1, side, side))
        return
    side = isqrt(values.shape[1] - 1)
    if side * side != values.shape[1] - 1 or side <= 7:
        yield name, InMemory(_labels(_one_of_many(values)))
        return
    at = _label_column(values) if label_at is None else label_at
    pixels = values[:, 1:] if at == 0 else values[:, :-1]
    yield f"{name}/images", InMemory(_pixels(pixels).reshape(-1, side, side))
    yield f"{name}/labels", InMemory(_labels(values[:, at]))


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """Return one row for each image, or labels in one dimension."""
    shape = [size for size in values.shape if size > 1] or [1]
    if len(shape) == 2 and shape[0] in {784, 785} and shape[1] not in {784, 785}:
        return values.reshape(shape).T  # MATLAB's way: an image in each column
    if len(shape) == 3 and shape[0] == shape[1] != shape[2]:
        return values.reshape(shape).transpose(2, 0, 1).reshape(shape[2], -1)
    if len(shape) > 3 or (len(shape) == 3 and shape[1] != shape[2]):
        raise FormatError(f"it is {shape_of(values)}", hint=HINT)
    return values.reshape(shape[0], -1) if len(shape) > 1 else values.reshape(-1)


def _label_column(values: NDArray[Any]) -> int:
    """Return the column of the labels: at the other end stands a corner, which is always empty."""
    return 0 if values[:, 0].any() else -1


def _one_of_many(values: NDArray[Any]) -> NDArray[Any]:
    """Return the places of the ones in rows that are 0 but for a 1."""
    right = values.shape[1] <= HIGHEST_LABEL and ((values == 0) | (values == 1)).all()
    if not right or (values.sum(axis=1) != 1).any():
        raise FormatError(f"it is {shape_of(values)}: neither pixels nor labels", hint=HINT)
    found: NDArray[Any] = values.argmax(axis=1)
    return found


def _labels(values: NDArray[Any]) -> NDArray[np.uint8]:
    if _within(values, HIGHEST_LABEL):
        labels: NDArray[np.uint8] = values.astype("u1")
        if (labels == values).all():
            return labels
    raise FormatError(f"it is {shape_of(values)}, but its values are no labels", hint=HINT)


def _within(values: NDArray[Any], highest: int) -> bool:
    return bool(values.min() >= 0 and values.max() <= highest)


def _pixels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return pixels from 0 to 255, where they may have been divided by 255 or 256."""
    import numpy as np

    if not _within(values, 255):  # also where one of them is no number
        low, high = values.min(), values.max()
        raise FormatError(f"its values go from {low:g} to {high:g}, not from 0 to 255", hint=HINT)
    if values.dtype.kind != "f":
        return values.astype(np.uint8)
    rows = max(1, CHUNK // values.shape[1])
    for factor in (1, 256, 255):
        pixels = np.empty(values.shape, np.uint8)
        for start in range(0, len(values), rows):
            exact = values[start : start + rows] * np.float32(factor)
            whole = np.rint(exact)
            if whole.max() > 255 or np.abs(exact - whole).max() > (factor == 255) * ROUNDING:
                break
            pixels[start : start + rows] = whole
        else:
            return pixels
    raise FormatError("its values are no whole pixels, also not divided by 255 or 256", hint=HINT)
