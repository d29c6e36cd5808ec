"""ONNX graphs against torch: ONNX Runtime computes the same from the same images."""

from __future__ import annotations

import sys

import pytest
import torch
from torch import nn

from mnist_tool.errors import DependencyError
from mnist_tool.exporting.model_export import MODEL_FORMATS
from mnist_tool.exporting.onnx_graph import KINDS, onnx_bytes
from mnist_tool.training import models
from mnist_tool.training.committee import united
from mnist_tool.training.evaluate import logits
from mnist_tool.training.operations import operations
from tests.exporting.runtimes import in_onnx_runtime
from tests.page.content import untrained

MANY = ("linear", "mlp-xavier", "fast-cnn")


def _images(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=generator)


def _agree(model: nn.Module, images: torch.Tensor) -> None:
    content = onnx_bytes([operations(model)], 10, {})
    expected = logits(model, images).numpy()
    found = in_onnx_runtime(content, images.numpy())
    # The weights of a normal distribution make outputs of thousands, of which 32 bits cannot keep
    # so many digits: there it is 1e-6 of the largest.
    assert abs(found - expected).max() < max(1e-4, 1e-6 * abs(expected).max())


@pytest.mark.parametrize("name", models.MODELS)
def test_logits_are_torchs(name: str) -> None:
    """Within 1e-4, also of several views; any number of images is a batch."""
    model = untrained(name)
    _agree(model, _images(1000 if name in MANY else 20))
    _agree(model, _images(1))


@pytest.mark.parametrize("end", [nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d])
def test_every_kind_of_layer(end: type[nn.Module]) -> None:
    """Those of the recipes, and what a recipe may be made of one day."""
    torch.manual_seed(3)
    layers = [
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.SELU(),
        nn.AvgPool2d(2, padding=1),
        nn.Conv2d(4, 6, 3, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Sigmoid(),
        nn.MaxPool2d(3, 1, padding=1),
        nn.Dropout(),
        end(1),
        nn.Flatten(),
        nn.Linear(6, 8, bias=False),
        nn.BatchNorm1d(8),
        nn.Linear(8, 10),
    ]
    model = nn.Sequential(*layers).eval()
    assert {step["kind"] for step in operations(model)["steps"]} <= set(KINDS)
    _agree(model, _images(20))


@pytest.mark.parametrize("name", ["mlp-normal", "fast-cnn"])
def test_a_committee_votes(name: str) -> None:
    """With the mean of its members' probabilities, also where float32 has no number so small."""
    committee = united([untrained(name, seed) for seed in (1, 2, 3)])
    content = MODEL_FORMATS["onnx"].content(committee, {"classes": list("0123456789")})
    expected = logits(committee, _images(20)).numpy()
    found = in_onnx_runtime(content, _images(20).numpy())
    assert abs(found - expected).max() < max(1e-4, 1e-6 * abs(expected).max())


def test_metadata_stands_in_the_file() -> None:
    """As texts, beside the version of the tool; the batch may have any size."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(onnx_bytes([operations(untrained("linear"))], 10, {"a": "숫자"}))
    assert {each.key: each.value for each in model.metadata_props} == {"a": "숫자"}
    assert model.producer_name == "mnist-tool"
    (pixels,) = model.graph.input
    assert [each.dim_param or each.dim_value for each in pixels.type.tensor_type.shape.dim] == [
        "batch", 1, 28, 28,
    ]  # fmt: skip


def test_without_onnx_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With pip."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(DependencyError, match=r"pip install 'mnist-tool\[onnx\]'"):
        onnx_bytes([operations(untrained("linear"))], 10, {})
