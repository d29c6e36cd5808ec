"""Pages with a row of digits, set from MNIST's test images or drawn, and how many are read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_tool.dataset.written import draw_digits
from mnist_tool.reading.predict import Model, predict
from mnist_tool.reading.prepare import prepare

__all__ = ["measure"]

Bytes = NDArray[np.uint8]
HIGH = 60  # pixels of a digit, about
# What each kind of page has.
KINDS: dict[str, dict[str, Any]] = {
    "MNIST": {},
    "MNIST, rising by 4 degrees": {"rise": 4},
    "MNIST, on ruled paper": {"ruled": True},
    "MNIST, in boxes": {"boxed": True},
    "MNIST, a quarter touching": {"touching": 0.25},
    "drawn": {"drawn": True},
}


def page(digits: Sequence[Bytes], random: np.random.Generator, **has: Any) -> Bytes:
    """Set digits, 28 x 28 each, into a row, with noise and what else the page has."""
    cut = [_cut(each) for each in digits]
    high = 2 * HIGH + 20
    ink = np.zeros((high, sum(each.shape[1] for each in cut) + 40 * len(cut) + 100), np.uint8)
    left, cells = 50, []
    for each in cut:
        rows, columns = each.shape
        top = int((high - rows) / 2 + random.normal(0, 3))
        place = ink[top : top + rows, left : left + columns]
        np.maximum(place, each, out=place)
        cells.append((left - 11, left + columns + 11))
        touches = random.random() < has.get("touching", 0)
        gap = 24 if has.get("boxed") else -2 if touches else random.uniform(2, 14)
        left += columns + int(gap)
    picture = np.ascontiguousarray(255 - ink[:, : left + 50] * 0.85)
    if has.get("rise"):
        middle = picture.shape[1] / 2, high / 2
        turn = cv2.getRotationMatrix2D(middle, has["rise"], 1)
        picture = cv2.warpAffine(picture, turn, picture.shape[::-1], borderValue=255)
    if has.get("ruled"):
        for top in range(15, high, 45):
            picture[top : top + 2] = np.minimum(picture[top : top + 2], 120)
    if has.get("boxed"):
        for first, last in cells:
            cv2.rectangle(picture, (first, 25), (last, high - 25), 60, 2)
    noisy = picture + random.normal(0, 3, picture.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def _cut(digit: Bytes) -> Bytes:
    scale = HIGH / 21
    large = cv2.resize(digit, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    columns = np.flatnonzero(large.max(axis=0) > 60)
    return np.asarray(large[:, columns[0] : columns[-1] + 1], np.uint8)


def measure(
    model: Model, images: Bytes, labels: NDArray[np.integer[Any]], count: int = 100
) -> dict[str, tuple[int, int, int]]:
    """Return for each kind of page how many rows are wholly right, and of how many.

    Between them: of how many rows the model reads all digits as they were before the page was set.
    """
    found = {}
    for kind, has in KINDS.items():
        random = np.random.default_rng(11)
        source, truth = draw_digits(2000, 7) if has.get("drawn") else (images, labels)
        right = possible = 0
        for _ in range(count):
            chosen = random.integers(0, len(source), random.integers(4, 11))
            content = io.BytesIO()
            Image.fromarray(page(source[chosen], random, **has)).save(content, "PNG")
            (result,) = predict(model, [prepare(content.getvalue(), kind)])
            right += [each.digit for each in result.digits] == truth[chosen].tolist()
            possible += bool((model(source[chosen]).argmax(axis=1) == truth[chosen]).all())
        found[kind] = right, possible, count
    return found
