"""Adam, bit for bit as torch computes it, and how its step size changes during a training.

``torch.optim`` is not used: making any of its optimizers loads ``torch._dynamo``, which takes about
as long as training the recipe ``fast-cnn``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

__all__ = ["Adam", "one_cycle", "take_back"]

EPSILON = 1e-8
FIRST = 1 / 25  # of the full step size, with which the one-cycle schedule begins


class Adam:
    """Adam with bias correction (Kingma and Ba, arXiv:1412.6980, algorithm 1).

    The operations and their order are those of ``torch.optim.Adam`` on one tensor after the other,
    so that the results are the same to the last bit; a test holds it.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train; their ``grad`` is read.
    betas : tuple of float
        How slowly the means of the gradient and of its square change, each from 0 to 1.
    """

    def __init__(
        self, parameters: Iterable[Tensor], betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self._parameters = list(parameters)
        self._betas = betas
        self._means = [torch.zeros_like(each) for each in self._parameters]
        self._squares = [torch.zeros_like(each) for each in self._parameters]
        self._steps = 0

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
        self._steps += 1
        beta1, beta2 = self._betas
        size = learning_rate / (1 - beta1**self._steps)
        correction = math.sqrt(1 - beta2**self._steps)
        gradients = [each.grad for each in self._parameters if each.grad is not None]
        # The names with an underscore are what torch.optim itself calls: one call for all tensors.
        torch._foreach_lerp_(self._means, gradients, 1 - beta1)
        torch._foreach_mul_(self._squares, beta2)
        torch._foreach_addcmul_(self._squares, gradients, gradients, 1 - beta2)
        roots = torch._foreach_sqrt(self._squares)  # noqa: SLF001
        torch._foreach_div_(roots, correction)
        torch._foreach_add_(roots, EPSILON)
        torch._foreach_addcdiv_(self._parameters, self._means, roots, -size)

    def state_dict(self) -> dict[str, Any]:
        """Return the means and the number of steps."""
        return {"steps": self._steps, "means": self._means, "squares": self._squares}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self._steps = state["steps"]
        take_back(self._means + self._squares, state["means"] + state["squares"])


def take_back(means: Sequence[Tensor], kept: Sequence[Tensor]) -> None:
    """Copy what was kept of gradients.

    Raises
    ------
    ValueError
        If it belongs to other weights.
    """
    for own, loaded in zip(means, kept, strict=True):
        if own.shape != loaded.shape or own.dtype != loaded.dtype:
            raise ValueError("its means are not those of the model's weights")
        own.copy_(loaded)


def one_cycle(done: float, warm_up: float = 0.1) -> float:
    """Return the share of the full step size at a moment of a training.

    Parameters
    ----------
    done : float
        Share of the training that is done, 0 to 1.
    warm_up : float
        Share of the training after which the top is reached, above 0 and below 1.

    Returns
    -------
    float
        From 1/25 on a cosine up to 1 after the warm-up, then on a cosine down to 0
        (L. N. Smith, arXiv:1708.07120, in the form with cosines).

    Examples
    --------
    >>> [round(one_cycle(done), 3) for done in (0, 0.1, 0.55, 1)]
    [0.04, 1.0, 0.5, 0.0]
    """
    if done < warm_up:
        return FIRST + (1 - FIRST) * (1 - math.cos(math.pi * done / warm_up)) / 2
    return (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up))) / 2
