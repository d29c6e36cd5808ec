"""The page's networks against torch: the same numbers come out."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mnist_tool.training import models
from mnist_tool.training.data import load
from mnist_tool.training.evaluate import logits
from tests.page.content import content, untrained

pytestmark = pytest.mark.browser

MANY = ("linear", "mlp-normal", "tiny", "cnn", "fast-cnn")
LOGITS = """(text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const rows = [];
  for (let i = 0; i < bytes.length; i += 784) {
    rows.push(Network.logits(Content.network, bytes.subarray(i, i + 784)));
  }
  return rows;
}"""


def _in_the_page(page: Any, images: torch.Tensor) -> np.ndarray:
    text = base64.b64encode(images.numpy().tobytes()).decode()
    return np.array(page.evaluate(LOGITS, text))


@pytest.mark.parametrize("name", models.MODELS)
def test_logits_are_torchs(name: str, open_page: Any, mnist_root: Any) -> None:
    """Within 1e-4, on 1,000 test images for the most used ones.

    Weights without training are as good, and those of ``mlp-normal`` make outputs of thousands, of
    which 32 bits cannot keep so many digits: there it is 1e-6 of the largest.
    """
    images, _ = load("test", root=mnist_root, download=False)
    images = images[: 1000 if name in MANY else 20]
    expected = logits(untrained(name), images).numpy()
    found = _in_the_page(open_page(name), images)
    assert np.abs(found - expected).max() < max(1e-4, 1e-6 * np.abs(expected).max())


def test_weights_of_8_bits(open_page: Any, mnist_root: Any) -> None:
    """Are the same numbers there: each a whole number times what its row has."""
    images = load("test", root=mnist_root, download=False)[0][:100]
    model = untrained("fast-cnn", bits=8)
    found = _in_the_page(open_page(content(model)), images)
    assert np.abs(found - logits(model, images).numpy()).max() < 1e-4


def test_every_kind_of_layer(open_page: Any) -> None:
    """Those of the recipes, and what a recipe may be made of one day."""
    layers = [
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.SELU(),
        nn.AvgPool2d(2),
        nn.Conv2d(4, 6, 3, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Sigmoid(),
        nn.MaxPool2d(3, 1, padding=1),
        nn.Dropout(),
    ]
    for end in (nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)):
        model = nn.Sequential(*layers, end, nn.Flatten(), nn.Linear(6, 10)).eval()
        images = torch.randint(0, 256, (20, 28, 28), dtype=torch.uint8)
        found = _in_the_page(open_page(content(model)), images)
        assert np.abs(found - logits(model, images).numpy()).max() < 1e-4


def test_probabilities_add_up(open_page: Any) -> None:
    """Also of logits that no exponential can take."""
    page = open_page()
    found = page.evaluate("Network.softmax([1000, 999, -1000])")
    assert sum(found) == pytest.approx(1)
    assert found[0] > found[1] > found[2] == 0
