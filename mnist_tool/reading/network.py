"""The model that ships with the package: recipe ``robust``, evaluated by numpy alone, no torch.

Its weights are made by ``make weights`` (tests/training/weights.py) and compared with torch's model
by a test. They are numbers in half precision; nothing in their file is ever executed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAYERS", "MEAN", "SPREAD", "WEIGHTS", "Shipped", "shipped"]

Floats = NDArray[np.float32]

WEIGHTS = "weights.npz"
MEAN, SPREAD = 0.13, 0.31  # of MNIST's training pixels, 0 to 1
# Of each convolution: how much paper is laid around its input, and whether a quarter is kept of
# its output, the largest of each 2 x 2.
LAYERS = ((0, True), (1, False), (1, True), (1, False), (0, False))
CHUNK = 64  # images at once: the numbers of a layer stay in the processor's cache, or nearly


@dataclass(frozen=True)
class Shipped:
    """The model.

    Parameters
    ----------
    arrays : dict of str to float32 array
        ``weight-N`` of shape (rows, columns, before, after), ``scale-N`` and ``shift-N`` of each
        convolution; ``weight`` and ``bias`` of the last layer.
    facts : dict
        What is known of it: ``accuracy`` on MNIST's test images, ``date``, ``version``.
    """

    arrays: dict[str, Floats]
    facts: dict[str, Any]

    def __call__(self, images: NDArray[np.uint8]) -> Floats:
        """Return the probabilities of the ten digits for each image.

        Parameters
        ----------
        images : uint8 array of shape (N, 28, 28)
            0 is paper, 255 is ink.
        """
        starts = range(0, len(images), CHUNK)
        logits = np.concatenate([self.logits(images[start : start + CHUNK]) for start in starts])
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances: Floats = powers / powers.sum(axis=1, keepdims=True)
        return chances

    def logits(self, images: NDArray[np.uint8]) -> Floats:
        """Return the ten outputs for each image; see `__call__`."""
        values: Floats = ((images / np.float32(255) - MEAN) / SPREAD)[..., None].astype(np.float32)
        for number, (around, pooled) in enumerate(LAYERS, 1):
            values = _convolution(values, self.arrays[f"weight-{number}"], around)
            if pooled:
                values = _pool(values)
            values = values * self.arrays[f"scale-{number}"] + self.arrays[f"shift-{number}"]
            np.maximum(values, 0, out=values)
        logits: Floats = values.max(axis=(1, 2)) @ self.arrays["weight"] + self.arrays["bias"]
        return logits


def _convolution(values: Floats, weight: Floats, around: int) -> Floats:
    """Multiply each window of the values, (N, rows, columns, before), with the weights."""
    padded = np.pad(values, ((0, 0), (around, around), (around, around), (0, 0)))
    rows, columns, before, after = weight.shape
    windows = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns), axis=(1, 2))
    count, high, wide = windows.shape[:3]
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, rows * columns * before)
    product: Floats = flat @ weight.reshape(-1, after)
    return product.reshape(count, high, wide, after)


def _pool(values: Floats) -> Floats:
    rows = np.maximum(values[:, ::2], values[:, 1::2])
    return np.maximum(rows[:, :, ::2], rows[:, :, 1::2])


@cache
def shipped() -> Shipped:
    """Return the model, read once."""
    place = resources.files("mnist_tool.reading").joinpath(WEIGHTS)
    with place.open("rb") as file, np.load(file, allow_pickle=False) as content:
        arrays = {name: content[name].astype(np.float32) for name in content.files}
    facts = json.loads(bytes(arrays.pop("facts").astype(np.uint8)))
    return Shipped(arrays, facts)
