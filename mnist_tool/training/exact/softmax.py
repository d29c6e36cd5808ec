"""Log softmax of a batch, its derivative and the cost: an image per row, or quicker, per column.

torch computes ten numbers that lie side by side by themselves, and 16 such groups at once where
they lie below each other. For a batch of 100 images the second takes less than half of the time,
turning the numbers over and back included. And the costs of many batches, a batch per column, add
up in the time of one.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

__all__ = ["Columns", "Rows", "Softmax"]

# Numbers in the longest vectors that torch computes with (AVX-512). Those that do not fill one are
# computed by another function, which rounds otherwise.
LANES = 16
# Columns that torch adds up at once. Each is added up in the order of `nll_loss`: 16 numbers one
# after the other, then 16 of these sums, and so on. Columns that do not fill such a group are added
# up as four interleaved sums, which rounds otherwise.
TOGETHER = 4 * LANES


class Softmax(Protocol):
    """From logits z to the log-probabilities log softmax(z) and the cost, and back to dc/dz.

    The log-probabilities of a block of batches stay, in the layout that the class likes, until the
    costs of all its batches are computed at once.
    """

    def empty(self, batches: int) -> Tensor:
        """Return a place for the log-probabilities of so many batches: shape (batches, ...)."""

    def slopes(self, labels: Tensor) -> Tensor:
        """Return what `backward` needs: the derivative of the cost by each log-probability.

        Parameters
        ----------
        labels : Tensor, int64, shape (batches, n)
            Digits 0 to 9.

        Returns
        -------
        Tensor, float32, shape (batches, ...)
            -1/n at the label, else 0: the cost is mean(-log softmax(z)[label]).
        """

    def forward(self, logits: Tensor, logs: Tensor) -> None:
        """Compute log softmax(z) of logits (n, 10), in a batch's place in `empty`."""

    def backward(self, logs: Tensor, slope: Tensor, error: Tensor) -> None:
        """Compute dc/dz, in `error` (n, 10), from what `forward` has computed."""

    def costs(self, logs: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cost of each batch: float32, shape (batches,).

        Parameters
        ----------
        logs : Tensor, float32, shape (batches, ...)
            What `empty` gave and `forward` has filled.
        labels : Tensor, int64, shape (batches, n)
            Digits 0 to 9.
        """


class Rows:
    """An image per row, as autograd has it.

    Parameters
    ----------
    logits : Tensor, float32, shape (n, 10)
        Any of the shape and on the device that `forward` will get.
    """

    def __init__(self, logits: Tensor) -> None:
        self._like = logits

    def empty(self, batches: int) -> Tensor:
        """Return a place for log-probabilities; see `Softmax`."""
        return self._like.new_empty(batches, *self._like.shape)

    def slopes(self, labels: Tensor) -> Tensor:
        """Return the derivatives by the log-probabilities; see `Softmax`."""
        batches, images = labels.shape
        slopes = self._like.new_zeros(batches, *self._like.shape)
        return slopes.scatter_(2, labels.unsqueeze(2), -1 / images)

    def forward(self, logits: Tensor, logs: Tensor) -> None:
        """Compute log softmax(z); see `Softmax`."""
        torch.log_softmax(logits, 1, out=logs)

    def backward(self, logs: Tensor, slope: Tensor, error: Tensor) -> None:
        """Compute dc/dz; see `Softmax`."""
        # No public call rounds like the one that autograd runs here.
        torch._log_softmax_backward_data(slope, logs, 1, slope.dtype, out=error)  # noqa: SLF001

    def costs(self, logs: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cost of each batch; see `Softmax`."""
        return torch.stack([F.nll_loss(*batch) for batch in zip(logs, labels, strict=True)])


class Columns:
    """An image per column, and empty columns up to a whole number of vectors.

    Parameters
    ----------
    logits : Tensor, float32, shape (n, 10)
        See `Rows`.
    """

    def __init__(self, logits: Tensor) -> None:
        images, classes = logits.shape
        width = -(-images // LANES) * LANES
        self._columns, self._errors = (logits.new_zeros(classes, width) for _ in range(2))
        # The same numbers, seen as rows and without the empty columns.
        self._rows, self._error_rows = (
            each[:, :images].t() for each in (self._columns, self._errors)
        )

    def empty(self, batches: int) -> Tensor:
        """Return a place for log-probabilities; see `Softmax`."""
        return self._columns.new_empty(batches, *self._columns.shape)

    def slopes(self, labels: Tensor) -> Tensor:
        """Return the derivatives by the log-probabilities; see `Softmax`."""
        batches, images = labels.shape
        slopes = self._columns.new_zeros(batches, *self._columns.shape)
        return slopes.scatter_(1, labels.unsqueeze(1), -1 / images)

    def forward(self, logits: Tensor, logs: Tensor) -> None:
        """Compute log softmax(z); see `Softmax`."""
        self._rows.copy_(logits)
        torch.log_softmax(self._columns, 0, out=logs)

    def backward(self, logs: Tensor, slope: Tensor, error: Tensor) -> None:
        """Compute dc/dz; see `Softmax`."""
        torch._log_softmax_backward_data(slope, logs, 0, slope.dtype, out=self._errors)  # noqa: SLF001
        error.copy_(self._error_rows)

    def costs(self, logs: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cost of each batch; see `Softmax`."""
        batches, images = labels.shape
        columns = logs.new_zeros(images, -(-batches // TOGETHER) * TOGETHER)
        columns[:, :batches] = logs.gather(1, labels.unsqueeze(1)).squeeze(1).t()
        # `nll_loss` begins its first 16 numbers with the second image, and adds the first one last.
        sums = columns[1:].sum(0) + columns[0]
        return (0 - sums[:batches]).div_(images)  # -sums could be -0
