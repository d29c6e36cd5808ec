"""Read a picture file, whatever its format, as upright grey pixels."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_tool.errors import ImageError

__all__ = ["MOST_PIXELS", "read_grey"]

MOST_PIXELS = 60_000_000  # a phone's photo has 12 to 50 million; more is a mistake or an attack
WORK_SIDE = 512  # pixels of the longer side from here on: 20 are needed in the end


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
        If it is no picture, a damaged one, or too large.
    """
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is checked below, with a better message.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as image:
                _check_size(image, name)
                image.verify()  # the checksums of a PNG, which decoding alone does not look at
            with Image.open(io.BytesIO(content)) as image:
                image.draft("L", (2 * WORK_SIDE, 2 * WORK_SIDE))
                upright = ImageOps.exif_transpose(image)
                return _grey(upright)
    except UnidentifiedImageError:
        raise ImageError(
            f"{name} is not a picture: {_kind(content)}.",
            hint="Give a PNG or JPEG file of one digit.",
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(name, "far more") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, IndexError) as error:
        raise ImageError(
            f"{name} is a damaged picture: {error}.", hint="Save or download it again."
        ) from error


def _kind(content: bytes) -> str:
    if not content:
        return "the file is empty"
    head = content[:64].decode(errors="ignore").strip()
    first = head.splitlines()[0] if head else ""
    if first.isprintable() and first and b"\0" not in content[:64]:
        return f"it is text beginning {first[:24]!r}"
    return f"it begins with the bytes {content[:8].hex(' ')}"


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(name, f"{image.width} x {image.height}")


def _too_large(name: str, size: str) -> ImageError:
    return ImageError(
        f"{name} is too large: {size} pixels, where {MOST_PIXELS:,} are allowed.",
        hint="Scale it down first; 100 x 100 pixels are plenty for a digit.",
    )


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(_deep(np.asarray(image, float)))
    elif image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = _opaque(image.convert("RGBA"))
    image = image.convert("L")
    image.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return np.array(image)


def _deep(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Bring 16-bit, 32-bit or floating-point brightness to 8 bits."""
    values = np.nan_to_num(values)
    top = 255 if values.max() <= 255 and values.max() > 1 else 65535 if values.max() > 1 else 1
    grey: NDArray[np.uint8] = np.clip(values / top * 255, 0, 255).astype(np.uint8)
    return grey


def _opaque(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on the paper that its ink stands out from."""
    alpha = np.asarray(image.getchannel("A"), float)
    brightness = np.asarray(image.convert("L"), float)
    ink = (alpha * brightness).sum() / max(1.0, alpha.sum())
    paper = Image.new("RGBA", image.size, "black" if ink > 127 else "white")
    return Image.alpha_composite(paper, image)
