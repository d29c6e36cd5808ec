"""How good a model is on a split: accuracy with its interval, and what it confuses."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from mnist_tool.errors import SettingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Evaluation",
    "confusion_matrix",
    "evaluate",
    "evaluate_scales",
    "probabilities",
    "recognise",
    "wilson",
]

CHUNK = 1000  # images at once: as fast as all of them, and a CNN's layers stay small
Z95 = 1.959963984540054  # 97.5 % point of the normal distribution: two-sided 95 %


@dataclass(frozen=True, repr=False)
class Evaluation:
    """What a model does on a split; it shows itself in a line.

    Parameters
    ----------
    total, correct : int
        Images, and those predicted right.
    accuracy : float
        Their ratio.
    interval : tuple of float
        Wilson's 95 % confidence interval of the accuracy.
    cost : float
        Mean cross-entropy.
    confusion : tuple of tuple of int
        Counts for each pair of classes; row: the label, column: the prediction.
    raw : bool
        Whether pixels were fed as 0 to 255 instead of 0 to 1.
    mistakes : tuple of int
        Places of the images that were predicted wrong.
    """

    total: int
    correct: int
    accuracy: float
    interval: tuple[float, float]
    cost: float
    confusion: tuple[tuple[int, ...], ...]
    raw: bool = False
    mistakes: tuple[int, ...] = ()

    def without(self, places: Collection[int]) -> float:
        """Return the accuracy on all images but some, by their places in the split."""
        left = self.total - len(places)
        return (left - len(set(self.mistakes) - set(places))) / left

    def __repr__(self) -> str:
        low, high = self.interval
        return (
            f"Evaluation: {self.correct} of {self.total} right, accuracy {self.accuracy:.4f} "
            f"(95 %: {low:.4f}..{high:.4f}), mean cost {self.cost:.4f}"
        )

    @property
    def precision(self) -> tuple[float, ...]:
        """For each class, the share of its predictions that are right; NaN if never predicted."""
        predicted = [sum(column) for column in zip(*self.confusion, strict=True)]
        return tuple(_share(row[d], predicted[d]) for d, row in enumerate(self.confusion))

    @property
    def recall(self) -> tuple[float, ...]:
        """For each class, the share of its images that are found; NaN if there are none."""
        return tuple(_share(row[d], sum(row)) for d, row in enumerate(self.confusion))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with ``None`` for what is no number."""
        return {
            "pixels": "0..255" if self.raw else "0..1",
            "total": self.total,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "cost": _or_none(self.cost),
            "precision": [_or_none(share) for share in self.precision],
            "recall": [_or_none(share) for share in self.recall],
            "confusion": [list(row) for row in self.confusion],
        }


def logits(model: nn.Module, images: Tensor, *, raw: bool = False) -> Tensor:
    """Return a model's outputs, float32, shape (N, classes); see `probabilities`."""
    device = next(model.parameters()).device
    scale = 1 if raw else 255
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            chunks = (chunk.to(device).float().div_(scale) for chunk in torch.split(images, CHUNK))
            return torch.cat([model(chunk.unsqueeze(1)) for chunk in chunks]).cpu()
    finally:
        model.train(training)


def probabilities(model: nn.Module, images: Tensor, *, raw: bool = False) -> Tensor:
    """Return how likely a model holds each class to be.

    Parameters
    ----------
    model : Module
        Takes float32 pixels of shape (N, 1, 28, 28); evaluated in eval mode, then put back.
    images : Tensor, uint8, shape (N, 28, 28)
        Pixels 0 (paper) to 255 (ink).
    raw : bool
        Feed the pixels as 0 to 255, as the lecture's test did, instead of 0 to 1.

    Returns
    -------
    Tensor, float32, shape (N, classes)
        Each row adds up to 1.
    """
    return logits(model, images, raw=raw).softmax(1)


def recognise(model: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities of all classes for images of one's own: shape (N, 28, 28)."""
    rows: NDArray[np.float32] = probabilities(model, torch.from_numpy(images)).numpy()
    return rows


def evaluate(model: nn.Module, images: Tensor, labels: Tensor, *, raw: bool = False) -> Evaluation:
    """Compare a model's predictions with the labels.

    Parameters
    ----------
    model, images : as in `probabilities`
        What predicts, and from what: at least one image.
    labels : Tensor, int64, shape (N,)
        The truth.
    raw : bool
        As in `probabilities`.

    Returns
    -------
    Evaluation
        Accuracy with its interval, cost, and what is confused.

    Raises
    ------
    SettingError
        If images and labels do not belong together, or are of another type or shape.

    Examples
    --------
    >>> from mnist_tool import Run, evaluate, load
    >>> evaluate(Run("runs/softmax-1").model(), *load("test"))  # doctest: +SKIP
    Evaluation: 9226 of 10000 right, accuracy 0.9226 (95 %: 0.9172..0.9277), mean cost 0.2749
    """
    if images.dtype != torch.uint8 or images.shape[1:] != (28, 28) or not len(images):
        raise SettingError(
            f"The images are {images.dtype} of shape {tuple(images.shape)}.",
            hint="Give uint8 of shape (N, 28, 28), at least one image, as mnist_tool.load does.",
        )
    if labels.shape != (len(images),):
        raise SettingError(
            f"The labels have the shape {tuple(labels.shape)}, for {len(images)} images.",
            hint="Give one label for each image.",
        )
    outputs, labels = logits(model, images, raw=raw), labels.cpu()
    predictions = outputs.argmax(1)
    confusion = confusion_matrix(labels, predictions, outputs.shape[1])
    correct, total = int(confusion.diagonal().sum()), len(labels)
    return Evaluation(
        total=total,
        correct=correct,
        accuracy=correct / total,
        interval=wilson(correct, total),
        cost=float(nn.functional.cross_entropy(outputs, labels)),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        raw=raw,
        mistakes=tuple((predictions != labels).nonzero().flatten().tolist()),
    )


def confusion_matrix(labels: Tensor, predictions: Tensor, classes: int = 10) -> Tensor:
    """Count each pair: int64, shape (classes, classes); row: the label, column: the prediction."""
    pairs = labels * classes + predictions
    return torch.bincount(pairs, minlength=classes**2).view(classes, classes)


def evaluate_scales(
    model: nn.Module, images: Tensor, labels: Tensor, *, raw: bool
) -> list[Evaluation]:
    """Evaluate on pixels 0 to 1, and before that on 0 to 255 where the lecture did: `raw`."""
    scales = (True, False) if raw else (False,)
    return [evaluate(model, images, labels, raw=scale) for scale in scales]


def wilson(correct: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a share (E. B. Wilson, JASA 22 (158), 1927).

    Examples
    --------
    >>> [round(end, 4) for end in wilson(9226, 10000)]
    [0.9172, 0.9277]
    """
    share, z2 = correct / total, Z95 * Z95
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    # At the ends the exact bounds are 0 and 1; rounding must not put them inside the share.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def _or_none(share: float) -> float | None:
    return share if math.isfinite(share) else None
