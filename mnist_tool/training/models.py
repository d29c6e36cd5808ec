"""The networks of the recipes: float32 pixels (N, 1, 28, 28) from 0 to 1 in, ten logits out.

Layers are made and initialised in the course's order, because each one draws from torch's default
generator and the digits of a training depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["MODELS", "build"]

PIXELS, DIGITS = 28 * 28, 10

Initialise = Callable[[Tensor], Tensor]


def build(name: str) -> nn.Module:
    """Make the untrained model of a recipe, in training mode.

    Parameters
    ----------
    name : str
        A key of ``MODELS``, as `Recipe.model` has it.
    """
    return MODELS[name]()


def mlp(
    *hidden: int,
    weights: Initialise | None = None,
    batch_norm: bool = False,
    dropout: float = 0.0,
) -> nn.Sequential:
    """Make fully connected layers with ReLU between them.

    Parameters
    ----------
    *hidden : int
        Width of each hidden layer; none makes the lecture's softmax classifier.
    weights : callable, optional
        Draws the weights of every layer, once all layers are made; torch's own choice by default.
    batch_norm : bool
        Normalise each hidden layer over the batch, before its ReLU.
    dropout : float
        Share of each hidden layer's outputs that training sets to zero, 0 to 1.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    widths = (PIXELS, *hidden)
    for before, after in pairwise(widths):
        layers.append(nn.Linear(before, after))
        if batch_norm:
            layers.append(nn.BatchNorm1d(after))
        layers.append(nn.ReLU())
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(widths[-1], DIGITS))
    if weights is not None:
        for layer in layers:
            if isinstance(layer, nn.Linear):
                weights(layer.weight)
    return nn.Sequential(*layers)


def cnn() -> nn.Sequential:
    """Make lab 10-1's network: two convolutions with pooling, then one linear layer."""
    model = nn.Sequential(
        *_convolution(1, 32), *_convolution(32, 64), nn.Flatten(), nn.Linear(7 * 7 * 64, DIGITS)
    )
    nn.init.xavier_uniform_(model[-1].weight)  # type: ignore[arg-type]
    return model


def cnn_deep() -> nn.Sequential:
    """Make lab 10-2's network: three convolutions with pooling, a hidden layer with dropout."""
    convolutions = [*_convolution(1, 32), *_convolution(32, 64), *_convolution(64, 128, padding=1)]
    first = nn.Linear(4 * 4 * 128, 625)
    nn.init.xavier_uniform_(first.weight)
    last = nn.Linear(625, DIGITS)
    nn.init.xavier_uniform_(last.weight)
    return nn.Sequential(*convolutions, nn.Flatten(), first, nn.ReLU(), nn.Dropout(0.5), last)


def _convolution(before: int, after: int, *, padding: int = 0) -> list[nn.Module]:
    """Make a 3x3 convolution, ReLU, and 2x2 pooling; `padding` is that of the pooling."""
    return [
        nn.Conv2d(before, after, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2, padding=padding),
    ]


class Views(nn.Module):
    """Look at smaller windows of an image: a random one in training, several in use.

    In training, each batch is cropped at one corner, drawn from torch's default generator: its
    pixels are shifted at no cost. In eval mode the probabilities of several crops are averaged.

    Parameters
    ----------
    network : Module
        Takes float32 pixels of shape (N, 1, SIDE, SIDE) with mean about 0 and spread about 1.
    """

    SIDE = 24
    MARGIN = (28 - SIDE) // 2
    # Mean and spread of MNIST's training pixels, 0 to 1.
    MEAN, SPREAD = 0.13, 0.31
    VIEWS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return ten logits per image; in eval mode the logarithms of mean probabilities."""
        if self.training:
            down, right = torch.randint(-1, 2, (2,)).tolist()
            return self._look(pixels, down, right)
        views = [self._look(pixels, *shift).softmax(1) for shift in self.VIEWS]
        return torch.stack(views).mean(0).log()

    def _look(self, pixels: Tensor, down: int, right: int) -> Tensor:
        top, left = self.MARGIN + down, self.MARGIN + right
        window = pixels[:, :, top : top + self.SIDE, left : left + self.SIDE]
        logits: Tensor = self.network((window - self.MEAN) / self.SPREAD)
        return logits


def fast_cnn() -> Views:
    """Make the small network of ``fast-cnn``: 36,130 parameters, pooling before normalising."""
    return Views(
        nn.Sequential(
            nn.Conv2d(1, 8, 5, bias=False),  # 24 -> 20
            nn.MaxPool2d(2),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 32, 3, bias=False),  # 10 -> 8
            nn.MaxPool2d(2),
            nn.BatchNorm2d(32),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(32 * 4 * 4, 64, bias=False),
            nn.BatchNorm1d(64),
            nn.ReLU(inplace=True),
            nn.Linear(64, DIGITS),
        )
    )


MODELS: dict[str, Callable[[], nn.Module]] = {
    "linear": mlp,
    "linear-normal": lambda: mlp(weights=nn.init.normal_),
    "mlp-normal": lambda: mlp(256, 256, weights=nn.init.normal_),
    "mlp-xavier": lambda: mlp(256, 256, weights=nn.init.xavier_uniform_),
    "mlp-deep": lambda: mlp(512, 512, 512, 512, weights=nn.init.xavier_uniform_),
    "mlp-dropout": lambda: mlp(512, 512, 512, 512, weights=nn.init.xavier_uniform_, dropout=0.3),
    "mlp-batchnorm": lambda: mlp(32, 32, batch_norm=True),
    "cnn": cnn,
    "cnn-deep": cnn_deep,
    "fast-cnn": fast_cnn,
}
