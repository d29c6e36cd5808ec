"""The networks of the recipes: float32 pixels (N, 1, 28, 28) from 0 to 1 in, a logit per class out.

Layers are made and initialised in the course's order, because each one draws from torch's default
generator and the digits of a training depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from mnist_tool.reading.network import MEAN, SPREAD
from mnist_tool.training.augment import distort, vary

__all__ = ["MODELS", "build"]

PIXELS = 28 * 28
FOUR = (512,) * 4  # hidden layers

Initialise = Callable[[Tensor], Tensor]


def build(name: str, classes: int = 10) -> nn.Module:
    """Make the untrained model of a recipe, in training mode.

    Parameters
    ----------
    name : str
        A key of ``MODELS``, as `Recipe.model` has it.
    classes : int
        How many things it tells apart.
    """
    return MODELS[name](classes)


def mlp(
    classes: int,
    *hidden: int,
    weights: Initialise | None = None,
    activation: Callable[[], nn.Module] = nn.ReLU,
    batch_norm: bool = False,
    dropout: float = 0.0,
) -> nn.Sequential:
    """Make fully connected layers with ReLU, or another activation, between them.

    Parameters
    ----------
    classes : int
        Width of the last layer.
    *hidden : int
        Width of each hidden layer; none makes the lecture's softmax classifier.
    weights : callable, optional
        Draws the weights of every layer, once all layers are made; torch's own choice by default.
    activation : callable
        Makes what each hidden layer ends with.
    batch_norm : bool
        Normalise each hidden layer over the batch, before its activation.
    dropout : float
        Share of each hidden layer's outputs that training sets to zero, 0 to 1.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    widths = (PIXELS, *hidden)
    for before, after in pairwise(widths):
        layers.append(nn.Linear(before, after))
        if batch_norm:
            layers.append(nn.BatchNorm1d(after))
        layers.append(activation())
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(widths[-1], classes))
    if weights is not None:
        for layer in layers:
            if isinstance(layer, nn.Linear):
                weights(layer.weight)
    return nn.Sequential(*layers)


def mlp_by_hand(classes: int) -> nn.Sequential:
    """Make lab 08-4's network: a hidden layer of 30 sigmoids, all numbers from normal(0, 1).

    The lecture draws each layer's weights with a row for each input, and keeps them so.
    """
    with torch.random.fork_rng(devices=[]):  # what they are made with is not kept
        hidden, output = nn.Linear(PIXELS, 30), nn.Linear(30, classes)
    with torch.no_grad():
        for layer in (hidden, output):
            layer.weight.copy_(nn.init.normal_(torch.empty(layer.weight.T.shape)).T)
            nn.init.normal_(layer.bias)
    return nn.Sequential(nn.Flatten(), hidden, nn.Sigmoid(), output)


def cnn(classes: int) -> nn.Sequential:
    """Make lab 10-1's network: two convolutions with pooling, then one linear layer."""
    model = nn.Sequential(
        *_convolution(1, 32), *_convolution(32, 64), nn.Flatten(), nn.Linear(7 * 7 * 64, classes)
    )
    nn.init.xavier_uniform_(model[-1].weight)  # type: ignore[arg-type]
    return model


def cnn_deep(classes: int) -> nn.Sequential:
    """Make lab 10-2's network: three convolutions with pooling, a hidden layer with dropout."""
    convolutions = [*_convolution(1, 32), *_convolution(32, 64), *_convolution(64, 128, padding=1)]
    first = nn.Linear(4 * 4 * 128, 625)
    nn.init.xavier_uniform_(first.weight)
    last = nn.Linear(625, classes)
    nn.init.xavier_uniform_(last.weight)
    return nn.Sequential(*convolutions, nn.Flatten(), first, nn.ReLU(), nn.Dropout(0.5), last)


def cnn_dropout(classes: int) -> nn.Sequential:
    """Make a member of lab 10-4's ensemble: lab 10-2's network with dropout after each layer.

    Between its two last layers are the ReLU and the dropout that the lab makes, but by mistake
    leaves out of its forward pass.
    """
    layers: list[nn.Module] = []
    for layer in cnn_deep(classes):
        layers += [layer, nn.Dropout(0.3)] if isinstance(layer, nn.MaxPool2d) else [layer]
    return nn.Sequential(*layers)


def _convolution(before: int, after: int, *, padding: int = 0) -> list[nn.Module]:
    """Make a 3x3 convolution, ReLU, and 2x2 pooling; `padding` is that of the pooling."""
    return [
        nn.Conv2d(before, after, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2, padding=padding),
    ]


# A digit lies within 20 x 20 pixels, its centre of mass in the middle of 28 x 28: the margin of a
# window this large is wide enough, and a quarter of the work is saved.
WINDOW = 24
VIEWS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


class Varied(nn.Module):
    """A network that is trained on images changed at random, and used on them as they are.

    Parameters
    ----------
    network : Module
        Takes pixels with a mean of about 0 and a spread of about 1, (N, 1, 28, 28).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return ten logits per image."""
        pixels = vary(pixels) if self.training else pixels
        logits: Tensor = self.network((pixels - MEAN) / SPREAD)
        return logits


class Windowed(nn.Module):
    """A network that looks at 24 x 24 windows: at a changed one in training, at several in use.

    In eval mode it returns the logarithm of the mean of the probabilities that the network gives
    to the window in the middle and to its four neighbours, one pixel off.

    Parameters
    ----------
    network : Module
        Takes windows of pixels with a mean of about 0 and a spread of about 1.
    change : callable
        Takes a batch's pixels, (N, 1, 28, 28), and makes its windows at random, for training.
    """

    def __init__(self, network: nn.Module, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self._change = change

    def forward(self, pixels: Tensor) -> Tensor:
        """Return a logit per class for each image."""
        if self.training:
            return self._logits(self._change(pixels))
        views = [self._logits(window(pixels, *place)).softmax(1) for place in VIEWS]
        return torch.stack(views).mean(0).log()

    def _logits(self, windows: Tensor) -> Tensor:
        logits: Tensor = self.network((windows - MEAN) / SPREAD)
        return logits


def window(pixels: Tensor, down: int, right: int) -> Tensor:
    """Cut a batch's windows, so many pixels off the middle."""
    top, left = ((size - WINDOW) // 2 for size in pixels.shape[2:])
    rows = slice(top + down, top + down + WINDOW)
    return pixels[:, :, rows, left + right : left + right + WINDOW]


def shifted_window(pixels: Tensor) -> Tensor:
    """Cut a batch's windows up to one pixel off the middle: a shift that costs nothing."""
    return window(pixels, *torch.randint(-1, 2, (2,)).tolist())


def distorted_window(pixels: Tensor) -> Tensor:
    """Distort every image in its own way, and cut the window in the middle."""
    return distort(pixels, WINDOW)


def fast_cnn(classes: int) -> Windowed:
    """Make the network of ``fast-cnn``: 40,000 parameters, its first step two pixels wide."""
    network = nn.Sequential(
        *_normalised(1, 16, 5, stride=2),  # 24 -> 10
        *_normalised(16, 32, 3, pool=True),  # 10 -> 8 -> 4
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 64, bias=False),
        nn.BatchNorm1d(64),
        nn.ReLU(inplace=True),
        nn.Linear(64, classes),
    )
    return Windowed(network, shifted_window)


def best(classes: int) -> Windowed:
    """Make the network of ``best``: 280,000 parameters in five convolutions."""
    network = nn.Sequential(
        *_normalised(1, 32, 5, pool=True),  # 24 -> 20 -> 10
        *_normalised(32, 64, 3, padding=1),
        *_normalised(64, 64, 3, padding=1, pool=True),  # 10 -> 5
        *_normalised(64, 128, 3, padding=1),
        *_normalised(128, 128, 3),  # 5 -> 3
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(128, classes),
    )
    return Windowed(network, distorted_window)


def tiny(classes: int) -> Windowed:
    """Make the network of ``tiny``: 6,690 parameters in five convolutions."""
    network = nn.Sequential(
        *_normalised(1, 8, 5, pool=True),  # 24 -> 20 -> 10
        *_normalised(8, 12, 3, padding=1),
        *_normalised(12, 12, 3, padding=1),
        *_normalised(12, 16, 3, padding=1, pool=True),  # 10 -> 5
        *_normalised(16, 16, 3, padding=1),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(16, classes),
    )
    return Windowed(network, distorted_window)


def robust(classes: int) -> Varied:
    """Make the network of ``robust``: 160,000 parameters in five convolutions."""
    network = nn.Sequential(
        *_normalised(1, 32, 5, pool=True),  # 28 -> 24 -> 12
        *_normalised(32, 48, 3, padding=1),
        *_normalised(48, 48, 3, padding=1, pool=True),  # 12 -> 6
        *_normalised(48, 96, 3, padding=1),
        *_normalised(96, 96, 3),  # 6 -> 4
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(96, classes),
    )
    return Varied(network)


def _normalised(
    before: int, after: int, kernel: int, *, stride: int = 1, padding: int = 0, pool: bool = False
) -> list[nn.Module]:
    """Make a convolution, pooling where wanted, batch normalisation, and ReLU."""
    convolution = nn.Conv2d(before, after, kernel, stride, padding, bias=False)
    pooling: list[nn.Module] = [nn.MaxPool2d(2)] if pool else []
    return [convolution, *pooling, nn.BatchNorm2d(after), nn.ReLU(inplace=True)]


MODELS: dict[str, Callable[[int], nn.Module]] = {
    "linear": mlp,
    "linear-normal": partial(mlp, weights=nn.init.normal_),
    "mlp-normal": lambda classes: mlp(classes, 256, 256, weights=nn.init.normal_),
    "mlp-xavier": lambda classes: mlp(classes, 256, 256, weights=nn.init.xavier_uniform_),
    "mlp-deep": lambda classes: mlp(classes, *FOUR, weights=nn.init.xavier_uniform_),
    "mlp-dropout": lambda classes: mlp(
        classes, *FOUR, weights=nn.init.xavier_uniform_, dropout=0.3
    ),
    "mlp-selu": lambda classes: mlp(
        classes, *FOUR, weights=nn.init.xavier_uniform_, activation=nn.SELU
    ),
    "mlp-by-hand": mlp_by_hand,
    "mlp-batchnorm": lambda classes: mlp(classes, 32, 32, batch_norm=True),
    "mlp-plain": lambda classes: mlp(classes, 32, 32),
    "cnn": cnn,
    "cnn-deep": cnn_deep,
    "cnn-dropout": cnn_dropout,
    "fast-cnn": fast_cnn,
    "best": best,
    "tiny": tiny,
    "robust": robust,
}
