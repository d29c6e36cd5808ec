"""Numbers and images as text for JSON: base64 of as few bytes as hold them exactly."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["encode", "encode_images"]

BYTE = 127  # the largest number in 8 bits
LONGEST = 255  # zeros that one pair of bytes stands for


def encode(value: Any) -> Any:
    """Return a value for JSON, with each array in it as text.

    Parameters
    ----------
    value : object
        Mappings, sequences, numbers, texts, and arrays among them: of uint8, which become what
        `encode_images` returns, or of float32, which become a shape, a type (``float16``, or
        ``int8`` and a factor for each row, where that loses nothing) and base64. What no UTF-8 has
        in a text, such as the bytes of a folder's name that are none, is spelt in ASCII.
    """
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, np.ndarray):
        return encode_images(value) if value.dtype == np.uint8 else _array(value)
    if isinstance(value, Mapping):
        return {key: encode(each) for key, each in value.items()}
    return [encode(each) for each in value] if isinstance(value, list | tuple) else value


def encode_images(images: NDArray[np.uint8]) -> str:
    """Return images as one text: each run of zeros is a zero and its length, then base64.

    Parameters
    ----------
    images : uint8 array of any shape
        Most of them are paper.
    """
    packed = bytearray()
    zeros = 0
    for pixel in [*images.ravel().tolist(), None]:
        if zeros and (pixel != 0 or zeros == LONGEST):
            packed += bytes((0, zeros))
            zeros = 0
        if pixel == 0:
            zeros += 1
        elif pixel is not None:
            packed.append(pixel)
    return base64.b64encode(packed).decode()


def _array(values: NDArray[np.float32]) -> dict[str, Any]:
    if values.ndim > 1:
        rows = values.reshape(len(values), -1)
        with np.errstate(all="ignore"):  # what is no number of 8 bits is not equal in the end
            scales = np.abs(rows).max(axis=1) / np.float32(BYTE)
            numbers = np.rint(rows / np.where(scales > 0, scales, 1)[:, None])
            exact = np.array_equal(numbers.astype(np.float32) * scales[:, None], rows)
        if exact:
            kept = _kept(values, numbers.astype(np.int8))
            return {**kept, "scales": _kept(scales, scales.astype("<f4"))}
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    exact = np.array_equal(half.astype(np.float32), values)
    return _kept(values, half if exact else values.astype("<f4"))


def _kept(values: NDArray[np.float32], numbers: NDArray[Any]) -> dict[str, Any]:
    text = base64.b64encode(numbers.tobytes()).decode()
    return {"shape": list(values.shape), "type": numbers.dtype.name, "data": text}
