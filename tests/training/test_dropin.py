"""The drop-in: torchvision's MNIST to whoever uses it, and none of its faults."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision

import mnist_tool
from mnist_tool.errors import CorruptDataError, MissingDataError


@pytest.mark.mnist
def test_drop_in_applies_transforms(mnist_root: Path) -> None:
    """A transform sees the picture and a target transform the label, as in torchvision."""
    transform = torchvision.transforms.ToTensor()
    ours = mnist_tool.MNIST(mnist_root, False, transform, lambda label: -label)
    theirs = torchvision.datasets.MNIST(mnist_root, False, transform)
    assert torch.equal(ours[0][0], theirs[0][0])
    assert ours[0][1] == -7


def test_drop_in_refuses_what_torchvision_accepts(tmp_path: Path) -> None:
    """A file of the right name and size with other content is refused when it is read."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "t10k-images-idx3-ubyte").write_bytes(
        bytes.fromhex("00000803 00002710 0000001c 0000001c") + bytes(7840000)
    )
    (raw / "t10k-labels-idx1-ubyte").write_bytes(bytes.fromhex("00000801 00002710") + bytes(10000))
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (raw / name).write_bytes(b"")
    assert len(torchvision.datasets.MNIST(tmp_path, train=False)) == 10000
    with pytest.raises(CorruptDataError, match="t10k-images"):
        mnist_tool.MNIST(tmp_path, train=False)


def test_drop_in_ignores_processed_files(tmp_path: Path) -> None:
    """A broken processed/ folder, which stops torchvision, is not even looked at."""
    processed = tmp_path / "MNIST" / "processed"
    processed.mkdir(parents=True)
    for name in ("training.pt", "test.pt"):
        (processed / name).write_text("<html>")
    with pytest.raises(MissingDataError):
        mnist_tool.MNIST(tmp_path, train=False)
