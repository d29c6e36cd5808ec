"""What a page is made of in these tests: a model without training, and some images."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from mnist_tool.training import models
from mnist_tool.training.operations import operations, rounded

__all__ = ["content", "untrained"]


def untrained(name: str, seed: int = 7, bits: int = 16) -> nn.Module:
    """Return a model in eval mode, its weights rounded, its statistics not the usual."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.build(name)
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                for values in (layer.weight, layer.running_var):
                    nn.init.uniform_(values, 0.5, 2)
                for values in (layer.bias, layer.running_mean):
                    nn.init.normal_(values, std=0.3)
    return rounded(model, bits).eval()


def content(model: nn.Module, **changes: Any) -> dict[str, Any]:
    """Return what `mnist_tool.page.document.document` wants."""
    examples = np.zeros((2, 28, 28), np.uint8)
    examples[:, 4:24, 12:16] = 255
    run = {
        "name": "softmax-1",
        "recipe": "softmax",
        "title": "linear (the lecture)",
        "parameters": 7850,
        "accuracy": 0.9226,
        "interval": [0.9172, 0.9277],
        "total": 10000,
        "date": "2026-11-28",
        "data": "MNIST",
    }
    return {
        "network": operations(model),
        "classes": list("0123456789"),
        "run": run,
        "examples": {
            "images": examples,
            "digits": [[3, 1, 1], [3757, 8, 3]],  # index, label, what it is read as
        },
    } | changes
