"""Steps of gradient descent for a linear classifier, with the gradient written out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mnist_tool.training.exact.rehearsal import choose

__all__ = ["LinearSteps"]


class LinearSteps:
    """A `steps.Steps` for one linear layer; see `mnist_tool.training.exact` for why it is exact.

    Parameters
    ----------
    linear : Linear
        The layer to train.
    learning_rate : float
        Step size.
    batch_size : int
        Images per batch.
    """

    def __init__(self, linear: nn.Linear, learning_rate: float, batch_size: int) -> None:
        self._weight, self._bias = linear.weight.detach(), linear.bias.detach()
        self._rate = learning_rate
        # Written anew for each batch.
        self._logits = self._weight.new_empty(batch_size, linear.out_features)
        self._error = torch.empty_like(self._logits)  # dc/dz
        self._gradient = torch.empty_like(self._weight)  # dc/dW
        self._softmax = choose(self._logits)

    @torch.inference_mode()
    def __call__(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Train on each batch of a block in turn; see `Steps`."""
        weight, bias, softmax = self._weight, self._bias, self._softmax
        logits, error, gradient = self._logits, self._error, self._gradient
        transposed, error_transposed = weight.t(), error.t()  # the same memory, seen otherwise
        batches = pixels.view(-1, len(logits), weight.shape[1])
        truth = labels.view(-1, len(logits))
        log_shares = softmax.empty(len(truth))
        for x, logs, slope in zip(batches, log_shares, softmax.slopes(truth), strict=True):
            torch.addmm(bias, x, transposed, out=logits)
            softmax.forward(logits, logs)
            softmax.backward(logs, slope, error)
            torch.mm(error_transposed, x, out=gradient)
            weight.add_(gradient, alpha=-self._rate)
            bias.add_(error.sum(0), alpha=-self._rate)
        return softmax.costs(log_shares, truth)

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: plain gradient descent remembers nothing."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back nothing."""
