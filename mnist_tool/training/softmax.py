"""Log softmax of a batch, its derivative and the cost: an image per row, or quicker, per column.

torch computes ten numbers that lie side by side by themselves, and 16 such groups at once where
they lie below each other. For a batch of 100 images the second takes less than half of the time,
turning the numbers over and back included. And the costs of many batches, a batch per column, add
up in the time of one.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

from mnist_tool.training.seeded import seeded

__all__ = ["Columns", "Rows", "quickest"]

# Numbers in the longest vectors that torch computes with (AVX-512). Those that do not fill one are
# computed by another function, which rounds otherwise.
LANES = 16
# Columns that torch adds up at once. Each is added up in the order of `nll_loss`: 16 numbers one
# after the other, then 16 of these sums, and so on. Columns that do not fill such a group are added
# up as four interleaved sums, which rounds otherwise.
TOGETHER = 4 * LANES
# Random batches, and images, after which two ways that gave the same bits are taken to be the same.
# Costs are compared for all of these batches, however large: a batch has only one.
BATCHES, IMAGES = 20, 2_000


class Rows:
    """An image per row, as autograd has it.

    Parameters
    ----------
    logits : Tensor, float32, shape (n, 10)
        Where z is when `forward` is called.
    error : Tensor, float32, shape (n, 10)
        Where `backward` writes dc/dz.
    """

    def __init__(self, logits: Tensor, error: Tensor) -> None:
        self._logits = logits
        self._error = error

    def room(self, batches: int) -> Tensor:
        """Return a place for the log-probabilities of so many batches: shape (batches, ...)."""
        return self._logits.new_empty(batches, *self._logits.shape)

    def slopes(self, labels: Tensor) -> Tensor:
        """Return what `backward` needs of each batch: the derivative by each log-probability.

        Parameters
        ----------
        labels : Tensor, int64, shape (batches, n)
            Digits 0 to 9.

        Returns
        -------
        Tensor, float32, shape (batches, ...)
            -1/n at the label, else 0: the cost is mean(-log softmax(z)[label]).
        """
        batches, images = labels.shape
        slopes = self._logits.new_zeros(batches, *self._logits.shape)
        return slopes.scatter_(2, labels.unsqueeze(2), -1 / images)

    def forward(self, logs: Tensor) -> None:
        """Compute log softmax(z), in a batch's place in the `room`."""
        torch.log_softmax(self._logits, 1, out=logs)

    def backward(self, logs: Tensor, slope: Tensor) -> None:
        """Compute dc/dz from what `forward` has computed."""
        # No public call rounds like the one that autograd runs here.
        torch._log_softmax_backward_data(slope, logs, 1, slope.dtype, out=self._error)  # noqa: SLF001

    def costs(self, logs: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cost of each batch: float32, shape (batches,).

        Parameters
        ----------
        logs : Tensor, float32, shape (batches, ...)
            A `room` that `forward` has filled.
        labels : Tensor, int64, shape (batches, n)
            Digits 0 to 9.
        """
        return torch.stack([F.nll_loss(*batch) for batch in zip(logs, labels, strict=True)])


class Columns:
    """An image per column, and empty columns up to a whole number of vectors.

    Parameters and methods are those of `Rows`.
    """

    def __init__(self, logits: Tensor, error: Tensor) -> None:
        images, classes = logits.shape
        width = -(-images // LANES) * LANES
        self._columns, self._errors = (logits.new_zeros(classes, width) for _ in range(2))
        # The same numbers, seen as rows and without the empty columns.
        self._rows, self._errors_rows = (
            each[:, :images].t() for each in (self._columns, self._errors)
        )
        self._logits = logits
        self._error = error

    def room(self, batches: int) -> Tensor:
        """Return a place for the log-probabilities of so many batches; see `Rows.room`."""
        return self._columns.new_empty(batches, *self._columns.shape)

    def slopes(self, labels: Tensor) -> Tensor:
        """Return what `backward` needs of each batch; see `Rows.slopes`."""
        batches, images = labels.shape
        slopes = self._columns.new_zeros(batches, *self._columns.shape)
        return slopes.scatter_(1, labels.unsqueeze(1), -1 / images)

    def forward(self, logs: Tensor) -> None:
        """Compute log softmax(z), in a batch's place in the `room`."""
        self._rows.copy_(self._logits)
        torch.log_softmax(self._columns, 0, out=logs)

    def backward(self, logs: Tensor, slope: Tensor) -> None:
        """Compute dc/dz from what `forward` has computed."""
        torch._log_softmax_backward_data(slope, logs, 0, slope.dtype, out=self._errors)  # noqa: SLF001
        self._error.copy_(self._errors_rows)

    def costs(self, logs: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cost of each batch; see `Rows.costs`."""
        batches, images = labels.shape
        columns = logs.new_zeros(images, -(-batches // TOGETHER) * TOGETHER)
        columns[:, :batches] = logs.gather(1, labels.unsqueeze(1)).squeeze(1).t()
        # `nll_loss` begins its first 16 numbers with the second image, and adds the first one last.
        sums = columns[1:].sum(0) + columns[0]
        return (0 - sums[:batches]).div_(images)  # -sums could be -0


def quickest(logits: Tensor, error: Tensor) -> Rows | Columns:
    """Choose columns where they give the same bits as rows, on the CPU.

    Whether they do depends on the processor and on torch, so it is rehearsed on random numbers.

    Parameters
    ----------
    logits, error : Tensor
        See `Rows`; both are overwritten.
    """
    rows, columns = Rows(logits, error), Columns(logits, error)
    if logits.device.type == "cpu" and _same_bits(rows, columns, logits, error):
        return columns
    return rows


def _same_bits(rows: Rows, columns: Columns, logits: Tensor, error: Tensor) -> bool:
    images, classes = logits.shape
    with seeded(0):
        numbers = torch.randn(BATCHES, images, classes).mul_(4)
        labels = torch.randint(classes, (BATCHES, images))
    results = []
    for way in (rows, columns):
        room, slopes = way.room(BATCHES), way.slopes(labels)
        errors = []
        for place, (z, logs, slope) in enumerate(zip(numbers, room, slopes, strict=True)):
            logits.copy_(z)
            way.forward(logs)
            if place * images < IMAGES:
                way.backward(logs, slope)
                errors.append(error.clone())
        results.append([way.costs(room, labels), *errors])
    return all(map(torch.equal, *results))
