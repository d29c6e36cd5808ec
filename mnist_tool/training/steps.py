"""How a block of batches changes a model: for any model by autograd."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

from mnist_tool.dataset.written import NO_DIGIT
from mnist_tool.training.adam import Adam, one_cycle
from mnist_tool.training.muon import Muon
from mnist_tool.training.recipes import Recipe
from mnist_tool.training.sgd import Sgd

__all__ = ["AutogradSteps", "Steps", "shares"]


class Steps(Protocol):
    """One gradient step per batch."""

    def __call__(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Train on each batch of a block in turn and return each batch's mean cost.

        Parameters
        ----------
        pixels : Tensor, float32, shape (batches * batch_size, 1, 28, 28)
            0 to 1.
        labels : Tensor, int64, shape (batches * batch_size,)
            Digits 0 to 9.

        Returns
        -------
        Tensor, float32, shape (batches,)
        """

    def state_dict(self) -> dict[str, Any]:
        """Return what the steps remember from one batch to the next."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""


class AutogradSteps:
    """Steps of Adam, of Muon or of plain gradient descent, for any model.

    Parameters
    ----------
    model : Module
        In training mode.
    recipe : Recipe
        Its optimizer and all that belongs to it, and its batch size.
    total : int
        Steps of the whole training, which a schedule spans.
    """

    def __init__(self, model: nn.Module, recipe: Recipe, total: int) -> None:
        self._model = model
        self._optimizer = _optimizer(model, recipe)
        self._recipe = recipe
        self._total = total
        self._done = 0

    def __call__(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Train on each batch of a block in turn; see `Steps`."""
        size = self._recipe.batch_size
        batches = zip(pixels.view(-1, size, 1, 28, 28), labels.view(-1, size), strict=True)
        return torch.stack([self._step(batch, truth) for batch, truth in batches])

    def _step(self, pixels: Tensor, labels: Tensor) -> Tensor:
        self._optimizer.zero_grad()
        cost = self._gradients(pixels, labels)
        self._optimizer.step(self._learning_rate())
        self._done += 1
        return cost

    def _gradients(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Put a batch's gradients into the parameters, and return its cost."""
        smoothing = self._recipe.label_smoothing
        truth = shares(labels) if self._recipe.drawn else labels
        cost = F.cross_entropy(self._model(pixels), truth, label_smoothing=smoothing)
        cost.backward()  # type: ignore[no-untyped-call]
        return cost.detach()

    def _learning_rate(self) -> float:
        full = self._recipe.learning_rate
        if self._recipe.schedule == "constant":
            return full
        return full * one_cycle((self._done + 0.5) / self._total, self._recipe.warm_up)

    def state_dict(self) -> dict[str, Any]:
        """Return the optimizer's state and the number of steps done."""
        return {"optimizer": self._optimizer.state_dict(), "done": self._done}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self._optimizer.load_state_dict(state["optimizer"])
        self._done = state["done"]


def shares(labels: Tensor) -> Tensor:
    """Return how much of each digit an image shows: of no digit (label 10), a tenth of each."""
    truth = F.one_hot(labels, NO_DIGIT + 1)[:, :NO_DIGIT].float()
    return truth + (labels == NO_DIGIT).unsqueeze(1) / NO_DIGIT


def _optimizer(model: nn.Module, recipe: Recipe) -> Adam | Muon | Sgd:
    if recipe.optimizer == "sgd":
        return Sgd(model.parameters())
    kind = Muon if recipe.optimizer == "muon" else Adam
    return kind(model.parameters(), recipe.betas)
