"""A trained model as plain operations and numbers, for whoever runs it without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from mnist_tool.errors import TrainingError
from mnist_tool.reading.network import MEAN, SPREAD
from mnist_tool.training.models import VIEWS, WINDOW, Varied, Windowed

__all__ = ["operations", "rounded"]

HALF = 16  # bits
BYTE = 127  # the largest number in 8 bits
LOW_BITS = 0xFFF  # of a number in 32 bits: its last 12

Operation = dict[str, Any]  # "kind", and the numbers of that kind: int, float, or float32 array


def operations(model: nn.Module) -> dict[str, Any]:
    """Return what a model does in eval mode, one operation after the other.

    Parameters
    ----------
    model : Module
        Any of the recipes' models.

    Returns
    -------
    dict
        ``side``: rows and columns of the window it looks at; ``views``: where those windows lie,
        as pixels (down, right) off the middle; ``steps``: the operations. With several views the
        outputs are the logarithm of the mean of their probabilities.

    Raises
    ------
    TrainingError
        If it has a layer that is not known here; the message names it.
    """
    side, views = (WINDOW, VIEWS) if isinstance(model, Windowed) else (28, ((0, 0),))
    if isinstance(model, Windowed | Varied):
        scale = {"kind": "scale", "mean": MEAN, "spread": SPREAD}
        steps = [scale, *_steps(model.network)]
    else:
        steps = list(_steps(model))
    return {"side": side, "views": views, "steps": steps}


def rounded(model: nn.Module, bits: int) -> nn.Module:
    """Return a copy whose weights are rounded to fewer bits; biases and statistics stay.

    Parameters
    ----------
    model : Module
        Any of the recipes' models.
    bits : int
        16, or 8: then the weights of each unit and filter are whole numbers up to 127 times a
        factor of their own, which is so short that the product is exact in 32 bits.
    """
    copy = deepcopy(model)
    for layer in copy.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight = layer.weight.data
            layer.weight.data = weight.half().float() if bits == HALF else _in_bytes(weight)
    return copy


def _in_bytes(weight: Tensor) -> Tensor:
    rows = weight.flatten(1)
    factors = rows.abs().amax(1, keepdim=True) / BYTE
    short = (factors.view(torch.int32) & ~LOW_BITS).view(torch.float32)
    numbers = (rows / short.clamp(min=torch.finfo(short.dtype).tiny)).round().clamp(-BYTE, BYTE)
    return (numbers * short).view_as(weight)


def _steps(model: nn.Module) -> Iterator[Operation]:
    if isinstance(model, nn.Sequential):
        for layer in model:
            yield from _steps(layer)
        return
    name = type(model).__name__
    if name not in KNOWN:
        raise TrainingError(
            f"The model has a layer {name}, which is known to torch alone.",
            hint=f"What is known elsewhere: {', '.join(KNOWN)}.",
        )
    step = KNOWN[name](model)
    if step is not None:
        yield step


def _numbers(values: Tensor | None) -> Any:
    return None if values is None else values.detach().cpu().contiguous().numpy()


def _linear(layer: Any) -> Operation:
    return {"kind": "linear", "weight": _numbers(layer.weight), "bias": _numbers(layer.bias)}


def _convolution(layer: Any) -> Operation:
    (stride, _), (padding, _) = layer.stride, layer.padding
    numbers = {"weight": _numbers(layer.weight), "bias": _numbers(layer.bias)}
    return {"kind": "convolution", "stride": stride, "padding": padding, **numbers}


def _normalisation(layer: Any) -> Operation:
    """Make of mean, variance, weight and bias one factor and one summand per channel."""
    factor = layer.weight / (layer.running_var + layer.eps).sqrt()
    summand = layer.bias - layer.running_mean * factor
    return {"kind": "affine", "factor": _numbers(factor), "summand": _numbers(summand)}


def _pooling(kind: str) -> Callable[[Any], Operation]:
    def pooling(layer: Any) -> Operation:
        numbers = {name: getattr(layer, name) for name in ("kernel_size", "stride", "padding")}
        size, stride, padding = (v if isinstance(v, int) else v[0] for v in numbers.values())
        return {"kind": kind, "size": size, "stride": stride, "padding": padding}

    return pooling


def _plain(kind: str) -> Callable[[Any], Operation]:
    return lambda _: {"kind": kind}


KNOWN: dict[str, Callable[[Any], Operation | None]] = {
    "Linear": _linear,
    "Conv2d": _convolution,
    "BatchNorm1d": _normalisation,
    "BatchNorm2d": _normalisation,
    "MaxPool2d": _pooling("max-pool"),
    "AvgPool2d": _pooling("mean-pool"),
    "AdaptiveMaxPool2d": _plain("max"),
    "AdaptiveAvgPool2d": _plain("mean"),
    "ReLU": _plain("relu"),
    "SELU": _plain("selu"),
    "Sigmoid": _plain("sigmoid"),
    "Flatten": lambda _: None,  # the numbers lie in the same order
    "Dropout": lambda _: None,  # in use it does nothing
}
