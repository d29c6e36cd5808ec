"""What the first layer of a model learned, as arrays to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnist_tool.errors import TrainingError

__all__ = ["first_layer"]

MOST = 64  # units shown of a wide layer


def first_layer(model: nn.Module) -> tuple[bool, NDArray[np.float32]]:
    """Return the weights that look at the pixels.

    Parameters
    ----------
    model : Module
        Any of the recipes' models.

    Returns
    -------
    linear : bool
        Whether the layer is the whole model, so that unit 3 is the template of the digit 3.
    weights : float32 array of shape (N, K, K)
        One square per unit; K is 28 for a fully connected layer, else the kernel's side.

    Raises
    ------
    TrainingError
        If the model has no layer that looks at pixels.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    if not layers:
        raise TrainingError(
            "The model has neither a linear nor a convolutional layer to draw.",
            hint="Draw something else: mnist-tool visualize confusion",
        )
    weights = layers[0].weight.detach().cpu()
    if isinstance(layers[0], nn.Conv2d):
        return False, weights[:MOST, 0].numpy()
    return len(layers) == 1, weights[:MOST].view(-1, 28, 28).numpy()
