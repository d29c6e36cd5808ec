"""From a decoded picture of any mode to grey of the size that is worked on, strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["WORK_SIDE", "to_grey"]

WORK_SIDE = 512  # pixels of the longer side from here on: 20 are needed in the end
STRIP = 1_000_000  # pixels that are converted at a time, as numbers of 8 bytes here and there
LARGE = 4_000_000  # pixels above which each strip is made smaller at once
STEP = 4  # pixels between those that are looked at for the colours of a picture
COLOURFUL = 16  # levels between red, green and blue, below which a picture is grey
BRIGHT = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue, in brightness
TELLING = 1.8  # so many times further than in brightness ink and paper are apart in colour


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
    grey = image.mode.startswith(("1", "L", "I", "F"))
    size = -(-image.width // shrink), -(-image.height // shrink)
    small = Image.new("L" if grey else "RGB", size)
    for top, strip in _strips(image, shrink):
        small.paste(convert(strip).reduce(shrink), (0, top // shrink))
    if turn is not None:
        small = small.transpose(turn)
    small.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return small if grey else _telling(small)


def _telling(image: Image.Image) -> Image.Image:
    """Return the brightness, or what tells ink of another colour apart that is as bright."""
    brightness = image.convert("L")
    colours = np.asarray(image)
    sample = colours[::STEP, ::STEP].reshape(-1, 3).astype(np.float32)
    red, green, blue = sample.T
    highest = np.maximum(np.maximum(red, green), blue)
    if (highest - np.minimum(np.minimum(red, green), blue)).max() < COLOURFUL:
        return brightness
    _, directions = np.linalg.eigh(np.cov(sample.T))
    middle, direction = sample.mean(axis=0), directions[:, -1].astype(np.float32)
    direction *= np.sign(direction @ BRIGHT) or 1  # so that what is lighter stays lighter
    grey = np.asarray(brightness)[::STEP, ::STEP]
    if _range((sample - middle) @ direction) < TELLING * max(_range(grey), COLOURFUL):
        return brightness
    telling = (colours - middle) @ direction + 128
    return Image.fromarray(np.clip(telling, 0, 255).astype(np.uint8))


def _range(values: NDArray[np.floating] | NDArray[np.uint8]) -> float:
    ordered = np.sort(values, axis=None)  # np.percentile takes 30 ms to load what it needs
    few = len(ordered) // 200
    return float(ordered[-1 - few]) - float(ordered[few])


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
    return lambda strip: strip.convert("L" if image.mode in {"1", "L"} else "RGB")


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
    """Return the paper that the ink of a transparent picture stands out from.

    Where most of it is opaque and a border is not, it is a card with paper of its own, which goes
    on beyond its edges; else what is opaque stands out from the rest.
    """
    opacity = brightness = 0.0
    for _, strip in _strips(image):
        colours = strip.convert("RGBA")
        alpha = np.asarray(colours.getchannel("A"), np.uint32)
        opacity += float(alpha.sum())
        brightness += float((alpha * np.asarray(colours.convert("L"))).sum())
    light = brightness / max(1.0, opacity) > 127
    card = opacity > 255 * _pixels(image) / 2 and _clear_border(image)
    return "white" if light == card else "black"


def _clear_border(image: Image.Image) -> bool:
    wide, high = image.size
    edges = ((0, 0, wide, 1), (0, high - 1, wide, high), (0, 0, 1, high), (wide - 1, 0, wide, high))
    alphas = [image.crop(edge).convert("RGBA").getchannel("A") for edge in edges]
    return any(np.median(np.asarray(alpha)) < 128 for alpha in alphas)


def _opaque(strip: Image.Image, paper: str) -> Image.Image:
    under = Image.new("RGBA", strip.size, paper)
    return Image.alpha_composite(under, strip.convert("RGBA")).convert("RGB")
