"""From a picture file to ten probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.preprocess import Prepared, prepare

__all__ = ["Model", "Prediction", "predict"]

# What recognises a digit: from a uint8 image of shape (28, 28), 0 paper to 255 ink, to ten
# probabilities.
Model = Callable[[NDArray[np.uint8]], Sequence[float]]


@dataclass(frozen=True)
class Prediction:
    """What a model reads in a picture.

    Parameters
    ----------
    name : str
        How the picture is called.
    probabilities : tuple of ten float
        For each digit, 0 to 1.
    prepared : Prepared
        What the model saw.
    """

    name: str
    probabilities: tuple[float, ...]
    prepared: Prepared

    @property
    def ranking(self) -> list[int]:
        """The digits, the likeliest first."""
        return sorted(range(len(self.probabilities)), key=lambda digit: -self.probabilities[digit])

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return self.ranking[0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.probabilities[self.digit]


def predict(model: Model, content: bytes, name: str) -> Prediction:
    """Read the digit in a picture.

    Parameters
    ----------
    model : callable
        From an image in MNIST's form to ten probabilities.
    content : bytes
        A picture file; see `preprocess.prepare` for what it may be.
    name : str
        How errors call it.

    Raises
    ------
    ImageError
        If the picture cannot be used.
    """
    prepared = prepare(content, name)
    return Prediction(name, tuple(model(prepared.image)), prepared)
