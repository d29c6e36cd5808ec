"""From a picture file to ten probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from mnist_tool.reading.preprocess import Prepared, prepare
from mnist_tool.training.evaluate import probabilities

__all__ = ["Prediction", "predict"]


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
        return sorted(range(10), key=lambda digit: -self.probabilities[digit])

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return self.ranking[0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.probabilities[self.digit]


def predict(model: nn.Module, content: bytes, name: str) -> Prediction:
    """Read the digit in a picture.

    Parameters
    ----------
    model : Module
        As `Run.model` gives it.
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
    (row,) = probabilities(model, torch.from_numpy(prepared.image)[None]).tolist()
    return Prediction(name, tuple(row), prepared)
