"""Muon: steps of hidden layers that change all directions alike, and Adam for all else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from mnist_tool.training.adam import Adam, take_back

__all__ = ["Muon", "orthogonal"]

MOMENTUM = 0.6
# The coefficients of K. Jordan's iteration: five times take singular values to 0.7 .. 1.2, three
# times the larger ones, which was as good when measured.
QUINTIC, ITERATIONS = (3.4445, -4.7750, 2.0315), 3
RATIO = 6.0  # of a matrix's step, in singular values, to Adam's learning rate


class Muon:
    """Muon for the matrices of hidden layers, Adam for every other parameter.

    A matrix moves along its averaged gradient with all singular values made about one (K. Jordan
    and others, "Muon: An optimizer for hidden layers in neural networks", 2024). As usual with it,
    the first and the last layer are Adam's.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to train, in the order of the layers; their ``grad`` is read.
    betas : tuple of float
        Of Adam.
    """

    def __init__(self, parameters: Iterable[Tensor], betas: tuple[float, float]) -> None:
        parameters = list(parameters)
        self._matrices = [each for each in parameters if each.dim() > 1][1:-1]
        hidden = set(map(id, self._matrices))
        self._adam = Adam((each for each in parameters if id(each) not in hidden), betas)
        self._momenta = [torch.zeros_like(each) for each in self._matrices]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        self._adam.zero_grad()
        for matrix in self._matrices:
            matrix.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Change the parameters by their gradients.

        Parameters
        ----------
        learning_rate : float
            Adam's step size, above 0; that of the matrices is in proportion.
        """
        self._adam.step(learning_rate)
        for matrix, momentum in zip(self._matrices, self._momenta, strict=True):
            assert matrix.grad is not None
            momentum.mul_(MOMENTUM).add_(matrix.grad)
            way = orthogonal(torch.add(matrix.grad, momentum, alpha=MOMENTUM))
            matrix.sub_(way, alpha=RATIO * learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return Adam's state, and the averaged gradients."""
        return self._adam.state_dict() | {"momenta": self._momenta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self._adam.load_state_dict(state)
        take_back(self._momenta, state["momenta"])


def orthogonal(gradient: Tensor) -> Tensor:
    """Return about the nearest tensor whose rows, or columns, are orthonormal.

    Parameters
    ----------
    gradient : Tensor, float, shape (rows, ...)
        All but the first dimension are taken for one.

    Returns
    -------
    Tensor of the same shape
        The left and right singular vectors of `gradient` with singular values of about one; less
        where they were small beside the largest.
    """
    first, third, fifth = QUINTIC
    way: Tensor = gradient.reshape(len(gradient), -1)
    turned = way.shape[0] > way.shape[1]
    if turned:
        way = way.T
    way = way / (way.norm() + 1e-7)
    for _ in range(ITERATIONS):
        square = way @ way.T
        way = first * way + (third * square + fifth * square @ square) @ way
    return (way.T if turned else way).reshape_as(gradient)
