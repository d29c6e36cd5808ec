"""From a decoded picture of any mode to grey of the size that is worked on, strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image

__all__ = ["WORK_SIDE", "to_grey"]

WORK_SIDE = 512  # pixels of the longer side from here on: 20 are needed in the end
STRIP = 1_000_000  # pixels that are converted at a time, as numbers of 8 bytes here and there
LARGE = 4_000_000  # pixels above which each strip is made smaller at once


def to_grey(image: Image.Image, turn: Image.Transpose | None = None) -> Image.Image:
    """Bring a picture to 8 bits of grey and, if it is larger, to the size that is worked on.

    Parameters
    ----------
    image : Image
        Of any mode; what is transparent is laid on the paper that the ink stands out from.
    turn : Image.Transpose, optional
        How to turn it upright.
    """
    shrink = max(1, max(image.size) // (4 * WORK_SIDE)) if _pixels(image) > LARGE else 1
    convert = _conversion(image)
    grey = Image.new("L", (-(-image.width // shrink), -(-image.height // shrink)))
    for top, strip in _strips(image, shrink):
        grey.paste(convert(strip).reduce(shrink), (0, top // shrink))
    if turn is not None:
        grey = grey.transpose(turn)
    grey.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return grey


def _pixels(image: Image.Image) -> int:
    return image.width * image.height


def _strips(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Cut into strips of rows, a multiple of so many each; yield the first row with each."""
    rows = multiple * max(1, STRIP // (image.width * multiple))
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Choose what makes a strip grey; where that hangs on the whole picture, look at all of it."""
    if image.mode.startswith(("I", "F")):
        return partial(_deep, top=_top(image))
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        return partial(_opaque, paper=_paper(image))
    if image.mode == "LAB":
        return lambda strip: strip.getchannel(0)  # lightness
    return lambda strip: strip.convert("L")


def _top(image: Image.Image) -> int:
    """Return what is white in 16-bit, 32-bit or floating-point brightness."""
    brightest = 0.0
    for _, strip in _strips(image):
        numbers = np.asarray(strip, float)
        brightest = max(brightest, numbers.max(where=np.isfinite(numbers), initial=0))
    return 255 if 1 < brightest <= 255 else 65535 if brightest > 1 else 1


def _deep(strip: Image.Image, top: int) -> Image.Image:
    numbers = np.clip(np.nan_to_num(np.asarray(strip, float)), 0, top)
    return Image.fromarray((numbers / top * 255).astype(np.uint8))


def _paper(image: Image.Image) -> str:
    """Return the paper that the ink of a transparent picture stands out from."""
    opacity = brightness = 0.0
    for _, strip in _strips(image):
        colours = strip.convert("RGBA")
        alpha = np.asarray(colours.getchannel("A"), np.uint32)
        opacity += float(alpha.sum())
        brightness += float((alpha * np.asarray(colours.convert("L"))).sum())
    return "black" if brightness / max(1.0, opacity) > 127 else "white"


def _opaque(strip: Image.Image, paper: str) -> Image.Image:
    under = Image.new("RGBA", strip.size, paper)
    return Image.alpha_composite(under, strip.convert("RGBA")).convert("L")
