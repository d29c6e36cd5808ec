"""Try both layouts of the softmax on random batches before a training, and take the better one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from mnist_tool.training.exact.softmax import Columns, Rows, Softmax
from mnist_tool.training.seeded import seeded

__all__ = ["choose"]

# Random batches, and images, after which two layouts that gave the same bits are taken to be the
# same. Costs are compared for all of these batches, however large: a batch has only one.
BATCHES, IMAGES = 20, 2_000
# How often each layout is timed. Its quickest time counts: a moment at which the machine did
# something else does not. All of it takes about six milliseconds for the lecture's batches.
ROUNDS = 3


def choose(logits: Tensor) -> Softmax:
    """Choose columns where they give the same bits as rows, and sooner.

    Parameters
    ----------
    logits : Tensor, float32, shape (n, 10)
        Any of the shape and on the device that the softmax will get; on a GPU rows are taken.
    """
    rows, columns = Rows(logits), Columns(logits)
    if logits.device.type != "cpu":
        return rows
    images, classes = logits.shape
    with seeded(0):
        numbers = torch.randn(BATCHES, images, classes).mul_(4)
        labels = torch.randint(classes, (BATCHES, images))
    if not all(map(torch.equal, _play(rows, numbers, labels), _play(columns, numbers, labels))):
        return rows
    some = -(-IMAGES // images)
    by_rows, by_columns = _seconds((rows, columns), numbers[:some], labels[:some])
    return columns if by_columns < by_rows else rows


@torch.inference_mode()
def _play(way: Softmax, numbers: Tensor, labels: Tensor) -> list[Tensor]:
    """Return the costs of the batches, and dc/dz of as many as `IMAGES` allows."""
    logs, slopes, errors = way.empty(len(labels)), way.slopes(labels), []
    for place, (logits, log, slope) in enumerate(zip(numbers, logs, slopes, strict=True)):
        way.forward(logits, log)
        if place * len(logits) < IMAGES:
            error = torch.empty_like(logits)
            way.backward(log, slope, error)
            errors.append(error)
    return [way.costs(logs, labels), *errors]


def _seconds(ways: Sequence[Softmax], numbers: Tensor, labels: Tensor) -> list[float]:
    """Return how long each way takes when it is quickest; they take turns."""
    rounds = []
    for _ in range(ROUNDS):
        moments = [time.perf_counter()]
        for way in ways:
            _play(way, numbers, labels)
            moments.append(time.perf_counter())
        rounds.append([after - before for before, after in pairwise(moments)])
    return [min(times) for times in zip(*rounds, strict=True)]
