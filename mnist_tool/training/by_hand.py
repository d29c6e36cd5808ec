"""Lab 08-4: back-propagation through two layers of sigmoids, written out, without autograd."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

from mnist_tool.training.steps import AutogradSteps

__all__ = ["StepsByHand", "back_propagate", "sigmoid", "sigmoid_prime"]


class StepsByHand(AutogradSteps):
    """Steps along gradients that are written out; all else is as of `AutogradSteps`."""

    def _gradients(self, pixels: Tensor, labels: Tensor) -> Tensor:
        return back_propagate(self._model, pixels, labels, self._recipe.label_smoothing)


def sigmoid(sums: Tensor) -> Tensor:
    """Bring any number between 0 and 1."""
    return 1.0 / (1.0 + torch.exp(-sums))


def sigmoid_prime(sums: Tensor) -> Tensor:
    """Return the derivative of `sigmoid`: a quarter at 0, and next to nothing far away from it."""
    return sigmoid(sums) * (1 - sigmoid(sums))


@torch.no_grad()
def back_propagate(
    model: nn.Module, pixels: Tensor, labels: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Put a batch's gradients into the parameters of a network, and return its cost.

    The cost of an image is half the sum of the squares by which the sigmoids of the ten outputs
    miss 1 for its label and 0 for the others. As in the lecture, the weights get the sum of their
    gradients over the batch, and the biases the mean.

    Parameters
    ----------
    model : Module
        A hidden layer and an output layer, both `Linear`, with a sigmoid between them.
    pixels : Tensor, float32, shape (N, 1, 28, 28)
        0 to 1.
    labels : Tensor, int64, shape (N,)
        What they show.
    smoothing : float
        Share of the truth that is spread over all classes.

    Returns
    -------
    Tensor
        The mean cost of the batch.
    """
    hidden, output = (layer for layer in model.modules() if isinstance(layer, nn.Linear))

    # Forward, and nothing is forgotten on the way: the way back needs it.
    a0 = pixels.flatten(1)
    l1 = F.linear(a0, hidden.weight, hidden.bias)
    a1 = sigmoid(l1)
    l2 = F.linear(a1, output.weight, output.bias)
    a2 = sigmoid(l2)

    classes = l2.shape[1]
    truth = F.one_hot(labels, classes).to(l2.dtype) * (1 - smoothing) + smoothing / classes
    difference = a2 - truth

    # Backward, by the chain rule: d_x says how the cost changes with x.
    d_l2 = difference * sigmoid_prime(l2)
    d_a1 = d_l2 @ output.weight
    d_l1 = d_a1 * sigmoid_prime(l1)

    output.weight.grad, output.bias.grad = d_l2.T @ a1, d_l2.mean(0)
    hidden.weight.grad, hidden.bias.grad = d_l1.T @ a0, d_l1.mean(0)
    return difference.square().sum(1).mean() / 2
