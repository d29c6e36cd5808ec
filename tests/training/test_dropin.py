"""The drop-ins: torchvision's five classes to whoever uses them, and none of their faults."""

from __future__ import annotations

import inspect
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

import mnist_tool
from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import CorruptDataError, FetchError, MissingDataError
from mnist_tool.training import dropin
from tests.dataset.shrunk import registered
from tests.kept import keep

NAMES = ("MNIST", "FashionMNIST", "KMNIST", "EMNIST", "QMNIST")
WORDS = {
    "EMNIST": [
        {"split": split, "train": train}
        for split in torchvision.datasets.EMNIST.splits
        for train in (True, False)
    ],
    "QMNIST": [
        {"what": what, "compat": compat}
        for what in torchvision.datasets.QMNIST.subsets
        for compat in (True, False)
    ]
    + [{"train": False}],
}
CASES = list(
    itertools.chain.from_iterable(
        [(name, words) for words in WORDS.get(name, [{"train": True}, {"train": False}])]
        for name in NAMES
    )
)


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take made-up data for the registered one."""
    monkeypatch.setattr(dropin, "check_integrity", lambda *_: True)


def lay_down(root: Path, name: str) -> None:
    """Make up all files of a class under the names that torchvision reads."""
    random = np.random.RandomState(3)
    for row in DATASETS.values():
        if row.folder == name:
            raw = root / name / "raw"
            raw.mkdir(parents=True, exist_ok=True)
            for file in row.files:
                # Of QMNIST's test files two parts are taken; the second begins at 10,000.
                count = 10_003 if file.name.startswith("qmnist-test") else 5
                values = random.randint(0, 10, (count, *file.shape[1:])).astype(file.dtype)
                (raw / file.name).write_bytes(encode(values))


def both(name: str) -> tuple[Any, Any]:
    """Return our class and torchvision's."""
    return getattr(mnist_tool, name), getattr(torchvision.datasets, name)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with made-up files of all five."""
    root = tmp_path_factory.mktemp("root")
    for name in NAMES:
        lay_down(root, name)
    return keep(root)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("name", "words"), CASES, ids=str)
def test_item_for_item_it_is_torchvisions(name: str, words: dict[str, Any], made_up: Path) -> None:
    """Data, labels, items, names of classes, and how it shows itself."""
    ours, theirs = (kind(made_up, **words) for kind in both(name))
    assert torch.equal(ours.data, theirs.data)
    assert torch.equal(ours.targets, theirs.targets)
    assert (ours.data.dtype, ours.targets.dtype) == (theirs.data.dtype, theirs.targets.dtype)
    assert len(ours) == len(theirs) > 0
    for place in {0, len(ours) - 1}:
        (picture, label), (expected, truth) = ours[place], theirs[place]
        assert (picture.mode, picture.tobytes()) == (expected.mode, expected.tobytes())
        assert type(label) is type(truth)
        assert torch.equal(torch.as_tensor(label), torch.as_tensor(truth))
    assert ours.classes == theirs.classes
    assert ours.class_to_idx == theirs.class_to_idx
    assert str(ours) == str(theirs)
    assert Path(ours.raw_folder) == Path(theirs.raw_folder)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
def test_deprecated_names_and_transforms_are_there(name: str, made_up: Path) -> None:
    """With torchvision's warning; a transform sees the picture, a target transform the label."""
    words = {"split": "letters"} if name == "EMNIST" else {}
    transform = torchvision.transforms.ToTensor()
    more = {"transform": transform, "target_transform": lambda label: -label}
    ours, theirs = (kind(made_up, **words, **more) for kind in both(name))
    for old in ("train_data", "test_data", "train_labels", "test_labels"):
        with pytest.warns(UserWarning, match=f"{old} has been renamed"):
            found = getattr(ours, old)
        with pytest.warns(UserWarning, match=f"{old} has been renamed"):
            assert torch.equal(found, getattr(theirs, old))
    assert torch.equal(ours[1][0], theirs[1][0])
    assert ours[1][1] == theirs[1][1]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_and_attributes_are_torchvisions(name: str) -> None:
    """Whatever a script may say to the one, it may say to the other."""
    ours, theirs = both(name)
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert set(dir(ours)) >= set(dir(theirs))
    assert issubclass(ours, theirs)
    if name == "EMNIST":
        with pytest.raises(ValueError, match="Unknown value 'letter'"):
            ours("root", "letter")


@pytest.mark.parametrize("name", NAMES)
def test_missing_data_is_what_torchvision_promises(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A RuntimeError and a FileNotFoundError, and our own; also where no source brings it."""
    words = {"split": "letters"} if name == "EMNIST" else {}
    for promised in (RuntimeError, FileNotFoundError, MissingDataError):
        with pytest.raises(promised):
            both(name)[0](tmp_path, **words)
    monkeypatch.setenv("MNIST_TOOL_OFFLINE", "1")
    for promised in (RuntimeError, FileNotFoundError, FetchError):
        with pytest.raises(promised):
            both(name)[0](tmp_path, **words, download=True)


@pytest.mark.parametrize(
    ("name", "dataset", "words"),
    [
        ("KMNIST", "kmnist", {}),
        ("EMNIST", "emnist-letters", {"split": "letters", "train": False}),
        ("QMNIST", "qmnist", {"what": "test50k"}),
        ("QMNIST", "qmnist-nist", {"what": "nist"}),
    ],
)
def test_verified_data_is_taken_and_other_data_refused(
    name: str, dataset: str, words: dict[str, Any], tmp_path: Path
) -> None:
    """Without any replaced check, as people use it."""
    with registered(dataset) as made:
        for packed, content in made[dataset].packed.items():
            (tmp_path / packed).write_bytes(content)
        mnist_tool.fetch(tmp_path, dataset=dataset, sources=tmp_path, offline=True)
        ours = both(name)[0](tmp_path, **words)
        split = made[dataset].dataset.split(words.get("what", "test" if words else "train"))
        assert len(ours) == made[dataset].dataset.count(split.name)
        for file in made[dataset].plain:
            path = tmp_path / name / "raw" / file
            path.write_bytes(path.read_bytes()[:-1] + b"!")
        for promised in (RuntimeError, CorruptDataError):
            with pytest.raises(promised):
                both(name)[0](tmp_path, **words)


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


@pytest.mark.mnist
def test_drop_in_applies_transforms(mnist_root: Path) -> None:
    """On the real digits: a transform sees the picture and a target transform the label."""
    transform = torchvision.transforms.ToTensor()
    ours = mnist_tool.MNIST(mnist_root, False, transform, lambda label: -label)
    theirs = torchvision.datasets.MNIST(mnist_root, False, transform)
    assert torch.equal(ours[0][0], theirs[0][0])
    assert ours[0][1] == -7


@pytest.mark.parametrize(
    ("name", "dataset", "words"),
    [
        ("KMNIST", "kmnist", {}),
        ("EMNIST", "emnist-letters", {"split": "letters"}),
        ("QMNIST", "qmnist", {"what": "test10k"}),
    ],
)
def test_what_torchvision_has_downloaded_needs_no_network(
    name: str,
    dataset: str,
    words: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It leaves the packed files beside the plain ones, and those prove them."""
    monkeypatch.setattr("socket.socket.connect", None)
    with registered(dataset) as made:
        made[dataset].lay_down(tmp_path)
        raw = tmp_path / name / "raw"
        with pytest.raises(CorruptDataError, match="no checksum"):
            both(name)[0](tmp_path, **words)
        for packed, content in made[dataset].packed.items():
            (raw / packed).write_bytes(content)
        assert len(both(name)[0](tmp_path, **words)) > 0
        images, _ = mnist_tool.load("train", root=tmp_path, dataset=dataset, download=False)
        assert len(images) == made[dataset].dataset.count("train")
        for file, content in made[dataset].plain.items():
            assert (raw / file).read_bytes() == content
