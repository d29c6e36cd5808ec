"""Read a picture file as upright grey pixels, or say what it is and why it is not read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_tool.errors import ImageError
from mnist_tool.reading.apart import decode_apart
from mnist_tool.reading.decoding import decode, too_large
from mnist_tool.reading.formats import EXPORT, known_stranger, sniff, supported

__all__ = ["MOST_CONTENT", "read_grey"]

MOST_CONTENT = 250_000_000  # bytes of a file: 60 million pixels, not compressed
APART = {"TIFF", "ICO", "HEIF"}


def read_grey(content: bytes, name: str) -> NDArray[np.uint8]:
    """Decode a picture.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        How errors call it.

    Returns
    -------
    uint8 array of shape (rows, columns)
        Brightness from 0, black, to 255, white; the longer side has at most 512 pixels.

    Raises
    ------
    ImageError
        If it is no picture, one of a format that is not opened, a damaged one, or too large.
    """
    if len(content) > MOST_CONTENT:
        raise too_large(name, f"a file of more than {MOST_CONTENT // 10**6} MB")
    kind = sniff(content)
    if kind is None or (kind == "HEIF" and not supported(kind)):
        raise _refusal(content, name)
    if not supported(kind):
        raise ImageError(
            f"{name} is a picture in {kind}, which this Pillow cannot read.", hint=EXPORT
        )
    return decode_apart(content, name, kind) if kind in APART else decode(content, name, kind)


def _refusal(content: bytes, name: str) -> ImageError:
    stranger = known_stranger(content)
    if stranger and stranger.is_picture:
        return ImageError(f"{name} is {stranger.what}, which is not opened.", hint=stranger.hint)
    if stranger:
        return ImageError(f"{name} is not a picture: it is {stranger.what}.", hint=stranger.hint)
    return ImageError(
        f"{name} is not a picture: {_first_bytes(content)}.",
        hint="Give a PNG or JPEG file of one digit.",
    )


def _first_bytes(content: bytes) -> str:
    if not content:
        return "the file is empty"
    head = content[:64].decode(errors="ignore").strip()
    first = head.splitlines()[0] if head else ""
    if first.isprintable() and first and b"\0" not in content[:64]:
        return f"it is text beginning {first[:24]!r}"
    return f"it begins with the bytes {content[:8].hex(' ')}"
