"""Log softmax of a batch and its derivative: with an image per row, or quicker, per column.

torch computes ten numbers that lie side by side by themselves, and 16 such groups at once where
they lie below each other. For a batch of 100 images the second takes less than half of the time,
turning the numbers over and back included.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mnist_tool.training.seeded import seeded

__all__ = ["Columns", "Rows", "quickest"]

# Numbers in the longest vectors that torch computes with (AVX-512). Those that do not fill one are
# computed by another function, which rounds otherwise.
LANES = 16
# Random batches, and images, after which two ways that gave the same bits are taken to be the same.
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
        self._logs = logits

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

    def forward(self) -> Tensor:
        """Return log softmax(z), shape (n, 10); it stays valid until the next call."""
        self._logs = torch.log_softmax(self._logits, 1)
        return self._logs

    def backward(self, slope: Tensor) -> None:
        """Compute dc/dz of the batch that `forward` has seen last."""
        # No public call rounds like the one that autograd runs here.
        torch._log_softmax_backward_data(slope, self._logs, 1, slope.dtype, out=self._error)  # noqa: SLF001


class Columns:
    """An image per column, and empty columns up to a whole number of vectors.

    Its parameters and methods are those of `Rows`.
    """

    def __init__(self, logits: Tensor, error: Tensor) -> None:
        images, classes = logits.shape
        width = -(-images // LANES) * LANES
        whole = [logits.new_zeros(classes, width) for _ in range(3)]
        self._columns, self._logs, self._errors = whole
        # The same numbers, seen as rows and without the empty columns.
        self._rows, self._logs_rows, self._errors_rows = (each[:, :images].t() for each in whole)
        self._logits = logits
        self._error = error

    def slopes(self, labels: Tensor) -> Tensor:
        """Return what `backward` needs of each batch; see `Rows.slopes`."""
        batches, images = labels.shape
        slopes = self._columns.new_zeros(batches, *self._columns.shape)
        return slopes.scatter_(1, labels.unsqueeze(1), -1 / images)

    def forward(self) -> Tensor:
        """Return log softmax(z), shape (n, 10); it stays valid until the next call."""
        self._rows.copy_(self._logits)
        torch.log_softmax(self._columns, 0, out=self._logs)
        return self._logs_rows

    def backward(self, slope: Tensor) -> None:
        """Compute dc/dz of the batch that `forward` has seen last."""
        torch._log_softmax_backward_data(slope, self._logs, 0, slope.dtype, out=self._errors)  # noqa: SLF001
        self._error.copy_(self._errors_rows)


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
        for _ in range(min(BATCHES, -(-IMAGES // images))):
            logits.copy_(torch.randn(logits.shape).mul_(4))
            labels = torch.randint(classes, (1, images))
            results = []
            for way in (rows, columns):
                logs = way.forward()
                (slope,) = way.slopes(labels)
                way.backward(slope)
                results.append((logs, error.clone()))
            if not all(map(torch.equal, *results)):
                return False
    return True
