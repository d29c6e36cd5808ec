"""Decode a picture file with Pillow: one known format, bounded, every failure an ImageError."""

from __future__ import annotations

import io
import logging
import threading
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from mnist_tool.errors import ImageError
from mnist_tool.reading.greying import WORK_SIDE, to_grey

__all__ = ["MOST_BYTES", "MOST_PIXELS", "damaged", "decode", "one_line", "too_large"]

MOST_PIXELS = 60_000_000  # a phone's photo has 12 to 50 million; more is a mistake or an attack
MOST_BYTES = 380_000_000  # of memory, with the file in it
MOST_SLOW = 4_000_000  # numbers that a decoder written in Python is given: it takes seconds
MOST_SCANS = 20 * MOST_PIXELS  # pixels times how often a JPEG goes over them; ten times is usual
# Bytes of memory for a pixel, by mode; 4 for the others. What a decoder needs beside its result.
PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
BESIDE = {"WEBP": 12, "AVIF": 8, "HEIF": 8}
TWICE = {"TIFF", "ICO", "HEIF"}  # whose files lie in two processes: see `apart`

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x112  # EXIF's number for it
SILENT = {
    MemoryError: "it asks for more memory than there is",
    EOFError: "it ends too early",
    RecursionError: "it is nested too deep",
}

# Pillow warns through `warnings`, whose filters belong to the whole process: one thread at a time.
_one_at_a_time = threading.Lock()
# And it logs; where nobody has set up logging, Python would print that to stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def decode(content: bytes, name: str, kind: str) -> NDArray[np.uint8]:
    """Decode a picture to upright grey pixels; see `picture.read_grey`.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        How errors call it.
    kind : str
        Its format, which alone is tried.
    """
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode(content, name, kind)
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise too_large(name, f"far more than {MOST_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise damaged(name, f"it begins like a {kind} and does not go on like one") from None
    except Exception as error:  # a decoder that meets a damaged file may raise anything
        raise damaged(name, _reason(error)) from error


def _decode(content: bytes, name: str, kind: str) -> NDArray[np.uint8]:
    if kind == "PNG":
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            image.verify()  # the checksums, which decoding alone does not look at
    with Image.open(io.BytesIO(content), formats=[kind]) as image:
        _check_size(image, name)
        _check_scans(image, content, name)
        image.draft(None, (2 * WORK_SIDE, 2 * WORK_SIDE))  # a JPEG decodes fewer pixels then
        _check_effort(image, content, name, kind)
        image.load()
        return np.array(to_grey(image, TURNS.get(_orientation(image))))


def _orientation(image: Image.Image) -> int:
    """Return EXIF's number for how the camera was held; 0 where that is unknown."""
    try:
        return int(image.getexif().get(ORIENTATION, 0))
    except Exception:  # a picture is good without its EXIF, which may be any bytes
        return 0


def _check_size(image: Image.Image, name: str) -> None:
    if image.width < 1 or image.height < 1:
        raise damaged(name, f"it has {_size(image)}")
    if image.width * image.height > MOST_PIXELS:
        raise too_large(name, f"{_size(image)}, where {MOST_PIXELS:,} are allowed")


def _check_scans(image: Image.Image, content: bytes, name: str) -> None:
    """Refuse a progressive JPEG that goes over its pixels for ever, or keeps too many numbers."""
    if not image.info.get("progressive"):
        return
    pixels = image.width * image.height
    if pixels * content.count(b"\xff\xda") > MOST_SCANS:
        raise too_large(name, f"{_size(image)} in too many layers")
    if 2 * len(image.getbands()) * pixels + len(content) > MOST_BYTES:
        raise too_large(name, f"{_size(image)} in layers, all of which are kept in memory")


def _check_effort(image: Image.Image, content: bytes, name: str, kind: str) -> None:
    """Refuse what would take too much memory or time before any of it is taken."""
    pixels = image.width * image.height
    each = PIXEL.get(image.mode, 4) + BESIDE.get(kind, 0)
    if kind == "TIFF" and _orientation(image) in TURNS:
        each *= 2  # Pillow turns it into a second one while it loads
    memory = pixels * each + len(content) * (2 if kind in TWICE else 1)
    if memory > MOST_BYTES:
        raise too_large(name, f"{_size(image)} that take {memory // 10**6} MB in this format")
    numbers = pixels * len(image.getbands())
    if numbers > MOST_SLOW and _is_slow(image):
        raise too_large(name, f"{_size(image)} in a form of this format that is slow to read")


def _is_slow(image: Image.Image) -> bool:
    """Whether the decoder is one of those that Pillow has in Python: C's do not register."""
    return any(tile[0] in Image.DECODERS for tile in getattr(image, "tile", ()))


def _size(image: Image.Image) -> str:
    return f"{image.width} x {image.height} pixels"


def damaged(name: str, why: str) -> ImageError:
    """Return the error of a file that is not what its format asks for.

    Parameters
    ----------
    name : str
        How errors call it.
    why : str
        Without a full stop.
    """
    return ImageError(
        f"{name} is a damaged picture: {why.rstrip('.')}.", hint="Save or download it again."
    )


def too_large(name: str, what: str) -> ImageError:
    """Return the error of a picture that would take too much memory or time.

    Parameters
    ----------
    name : str
        How errors call it.
    what : str
        How large, without a full stop.
    """
    return ImageError(
        f"{name} is too large: {what}.",
        hint="Scale it down and save it as PNG; 100 x 100 pixels are plenty for a digit.",
    )


def one_line(text: str) -> str:
    """Return a decoder's words as one short line that can be printed.

    Parameters
    ----------
    text : str
        What it said.
    """
    line = " ".join(text.split())[:120]
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _reason(error: Exception) -> str:
    silent = next((why for kind, why in SILENT.items() if isinstance(error, kind)), "")
    return silent or one_line(str(error)) or type(error).__name__
