"""What is exported: the weights that ship, in each form, are what reads pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_tool import export_model
from mnist_tool.reading.network import shipped
from tests.exporting.runtimes import in_onnx_runtime, in_the_page

pytest.importorskip("torch")


@pytest.fixture
def images(synthetic_root: Path) -> np.ndarray:
    """Drawn digits."""
    from mnist_tool import load

    found = load("test", root=synthetic_root, dataset="synthetic", offline=True)[0]
    return found[:200].numpy()


def test_onnx_runtime_computes_what_ships(images: np.ndarray) -> None:
    """As numpy does it for `predict`; in the current folder, under its name."""
    pytest.importorskip("onnx")
    written = export_model("shipped")
    assert written.path == Path("shipped.onnx")
    found = in_onnx_runtime(written.path.read_bytes(), images)
    assert np.abs(found - shipped().logits(images)).max() < 1e-4


def test_the_pages_scripts_compute_what_ships(images: np.ndarray) -> None:
    """From the JSON."""
    written = export_model("shipped", "a.json")
    found = in_the_page(written.path, images[:20])
    assert np.abs(found - shipped().logits(images[:20])).max() < 1e-4


def test_what_is_known_of_it(images: np.ndarray) -> None:
    """Accuracy and date are those of the file that ships."""
    facts, told = export_model("shipped", "a.json").facts, shipped().facts
    assert (facts["name"], facts["recipe"]) == ("shipped", told["recipe"])
    assert (facts["accuracy"], facts["date"]) == (told["accuracy"], told["date"])
