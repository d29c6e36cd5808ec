"""Folders of small pictures, a folder for each class: ``train/7/xyz.png``."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_tool.dataset.bytes.damage import HINT, damaged
from mnist_tool.dataset.bytes.forms.values import InMemory
from mnist_tool.dataset.bytes.readable import Readable, read_exactly
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Pictures", "decoded", "encoded"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = 64  # rows or columns
LONGEST = 1 << 16  # bytes; 64 x 64 pixels of four channels take 16 KiB
# A class by its number, or as torchvision spells it: "7 - seven".
_CLASS = re.compile(r"([0-9]{1,2})(?![0-9])")
_NUMBERS = re.compile(r"[0-9]{1,9}")


def decoded(content: bytes) -> NDArray[np.uint8]:
    """Return the grey pixels of a small PNG.

    Raises
    ------
    FormatError
        If it is no PNG, damaged, large, or has colours.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            if max(picture.size) > LARGEST:
                width, height = picture.size
                raise FormatError(f"it is a picture of {width} x {height} pixels", hint=HINT)
            pixels = np.asarray(picture.convert("RGB") if picture.mode != "L" else picture)
    except FormatError:
        raise
    except Exception as error:  # a decoder that meets a damaged file may raise anything
        raise damaged(error) from error
    if pixels.ndim == 3:
        if (pixels != pixels[..., :1]).any():
            raise FormatError("it is a picture in colour", hint=HINT)
        pixels = pixels[..., 0]
    return pixels


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """Return a grey image as PNG (RFC 2083); Pillow would take five times as long for each."""
    import numpy as np

    rows, columns = pixels.shape
    unfiltered = np.zeros((rows, columns + 1), np.uint8)  # the first byte of a row is its filter
    unfiltered[:, 1:] = pixels
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered.data)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


@dataclass
class _Split:
    """The pictures that belong together, as they came: place, label and pixels."""

    found: list[tuple[tuple[int, str], int, bytes]] = field(default_factory=list)
    shape: tuple[int, ...] = ()


class Pictures:
    """Pictures as they are found, one by one, by the two folders in which each lies."""

    def __init__(self) -> None:
        self._splits: dict[str, _Split] = {}

    def add(self, name: str, stream: Readable) -> None:
        """Take one picture; the folder it lies in is its class, the one above its split.

        Raises
        ------
        FormatError
            If it is none that could be in a data set.
        """
        folder, _, file = name.replace("\\", "/").rpartition("/")
        above, _, last = folder.rpartition("/")
        if not (label := _CLASS.match(last)):
            raise FormatError("it is a picture in a folder that is no number of a class", hint=HINT)
        pixels = decoded(read_exactly(stream, LONGEST))
        split = self._splits.setdefault(above or ".", _Split())
        split.shape = split.shape or pixels.shape
        if split.shape != pixels.shape:
            raise FormatError("it is a picture of another size than those beside it", hint=HINT)
        numbers = _NUMBERS.findall(file)
        place = (int(numbers[-1]) if numbers else -1, file)
        split.found.append((place, int(label[1]), pixels.tobytes()))

    def files(self) -> Iterator[tuple[str, InMemory]]:
        """Yield images and labels of each split.

        Where each picture has a number of its own, that is its place; else the pictures of one
        class follow those of another.
        """
        import numpy as np

        for name, split in self._splits.items():
            found = split.found
            numbered = len({place[0] for place, _, _ in found}) == len(found)
            found.sort(key=lambda one: (one[0],) if numbered else (one[1], one[0]))
            pixels = np.frombuffer(b"".join(content for _, _, content in found), np.uint8)
            labels = np.array([label for _, label, _ in found], np.uint8)
            yield f"{name}/images", InMemory(pixels.reshape(-1, *split.shape))
            yield f"{name}/labels", InMemory(labels)
        self._splits = {}
