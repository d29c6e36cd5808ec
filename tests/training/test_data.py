"""Loading a split, and the drop-in, against torchvision's own MNIST."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torchvision

import mnist_tool
from mnist_tool.errors import OfflineError, SettingError
from mnist_tool.training.data import Blocks, load, with_drawn


@pytest.mark.mnist
@pytest.mark.parametrize("train", [True, False])
def test_load_and_drop_in_are_torchvisions(train: bool, mnist_root: Path) -> None:
    """Images and labels of both splits are those torchvision reads from the same folder."""
    theirs = torchvision.datasets.MNIST(mnist_root, train=train)
    images, labels = load("train" if train else "test", root=mnist_root, offline=True)
    assert torch.equal(images, theirs.data)
    assert torch.equal(labels, theirs.targets)
    assert labels.dtype == torch.int64
    ours = mnist_tool.MNIST(mnist_root, train=train, download=True)
    assert torch.equal(ours.data, theirs.data)
    assert ours[7][1] == theirs[7][1]
    assert ours[7][0].tobytes() == theirs[7][0].tobytes()
    assert repr(ours).splitlines()[0] == repr(theirs).splitlines()[0]


def test_download_is_forbidden_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's offline switch holds for the drop-in as well."""
    monkeypatch.setenv("MNIST_TOOL_OFFLINE", "1")
    with pytest.raises(OfflineError):
        mnist_tool.MNIST(tmp_path, download=True)


def test_unknown_split_is_refused() -> None:
    """Only train and test exist."""
    with pytest.raises(SettingError, match="valid"):
        load("valid")


def test_load_reads_the_synthetic_set(synthetic_root: Path) -> None:
    """Without any network the tool's own digits load, shaped as MNIST's."""
    images, labels = load("test", root=synthetic_root, dataset="synthetic", offline=True)
    assert images.dtype == torch.uint8
    assert images.shape[1:] == (28, 28)
    assert len(images) == len(labels)
    assert set(labels.tolist()) == set(range(10))


def test_blocks_are_what_to_tensor_gives() -> None:
    """Every byte becomes exactly the float that torchvision's ToTensor makes of it."""
    images = torch.arange(256).repeat(49)[:12544].to(torch.uint8).view(16, 28, 28)
    pixels, labels = Blocks(images, torch.arange(16), 4).take(torch.tensor([3, 1, 15, 3]))
    to_tensor = torchvision.transforms.ToTensor()
    expected = torch.stack([to_tensor(images[i].numpy()) for i in (3, 1, 15, 3)])
    assert torch.equal(pixels, expected)
    assert labels.tolist() == [3, 1, 15, 3]


def test_drawn_images_come_behind_those_of_the_split() -> None:
    """Digits, some with a piece of another, signs, and several digits; the same each time."""
    images = torch.randint(0, 256, (50, 28, 28), dtype=torch.uint8)
    labels, training = torch.arange(50) % 10, torch.arange(0, 50, 2)
    more, truths, chosen = with_drawn(images, labels, training, 3.2, seed=1)
    assert more.shape == (176, 28, 28)
    assert torch.equal(more[:50], images)
    assert torch.equal(truths[:50], labels)
    assert truths[50:140].max() <= 9
    assert truths[140:].tolist() == [10] * 36
    assert chosen.tolist() == [*range(0, 50, 2), *range(50, 176)]
    assert torch.equal(with_drawn(images, labels, training, 3.2, seed=1)[0], more)
