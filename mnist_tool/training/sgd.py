"""Plain gradient descent, bit for bit as torch computes it, for models that train by autograd."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

__all__ = ["Sgd"]


class Sgd:
    """Steps along the gradient, with the interface of `adam.Adam`.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train; their ``grad`` is read.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self._parameters = list(parameters)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Change the parameters by their gradients.

        Parameters
        ----------
        learning_rate : float
            Step size, above 0.
        """
        for parameter in self._parameters:
            assert parameter.grad is not None
            parameter.add_(parameter.grad, alpha=-learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: plain gradient descent remembers nothing."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back nothing."""
