"""Drop-ins for torchvision's five classes: downloads that always arrive, and checked files."""

from __future__ import annotations

from pathlib import Path

import torch
import torchvision
from torch import Tensor

from mnist_tool import configuration
from mnist_tool.dataset.arrays import Content, is_registered, read
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.fetching.fetch import fetch, prove
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.dataset.roots import check_root
from mnist_tool.dataset.store import Store

__all__ = ["EMNIST", "KMNIST", "MNIST", "QMNIST", "FashionMNIST", "check_integrity"]


def check_integrity(store: Store, file: DataFile, content: Content) -> bool:
    """Return whether what was read is the registered file.

    Each of the classes asks this, and nothing else, of each file that it reads. Tests with made-up
    data replace it by a function that returns ``True``, as they do with torchvision's.

    Parameters
    ----------
    store : Store
        The data folder.
    file : DataFile
        What it should be.
    content : Content
        What was read.
    """
    return is_registered(store, file, content)


class _Checked:
    """What torchvision's classes leave to these: where files come from, and what is in them."""

    root: str | Path
    train: bool
    _name = ""

    def _row(self) -> Dataset:
        """Return what the registry says of it."""
        return DATASETS[self._name]

    def _part(self) -> str:
        """Return which of its files are meant."""
        return "train" if self.train else "test"

    def _store(self) -> Store:
        """Return its folder; refuse a root that is too deep, and prove what lies packed there."""
        store = Store(Path(configuration.get("root", self.root)), self._row())
        check_root(store.root, store.dataset)
        prove(store)
        return store

    def download(self) -> None:
        """Fetch the files that are missing or wrong, from wherever they can be had."""
        store = self._store()
        fetch(store.root, dataset=store.dataset.name)

    # torchvision asks whether files of that name exist, and takes processed/ before raw/.

    def _check_legacy_exist(self) -> bool:
        return False

    def _check_exists(self) -> bool:
        return True

    def _load_data(self) -> tuple[Tensor, Tensor]:
        """Read the files as they are: EMNIST's images on their sides, as torchvision has them."""
        store = self._store()
        images, labels = (
            torch.from_numpy(read(store, store.dataset.file(self._part(), role), check_integrity))
            for role in ("images", "labels")
        )
        return images, labels.to(torch.int64)


class MNIST(_Checked, torchvision.datasets.MNIST):  # type: ignore[misc]
    """MNIST for torch's DataLoader: put it in place of ``torchvision.datasets.MNIST``.

    Downloads walk over all sources of `mnist_tool.fetch`, and every file is verified when it is
    read. Files under ``processed/`` are never looked at. Where data is missing or wrong, the error
    is a ``RuntimeError`` as well, and a ``FileNotFoundError`` where it is missing.

    Parameters
    ----------
    root : path
        Folder that holds ``MNIST/raw``.
    train : bool
        The 60,000 training images, or else the 10,000 test images.
    transform, target_transform : callable, optional
        Applied to each PIL image and each label, as in torchvision.
    download : bool
        Fetch files that are missing or wrong; otherwise they are an error.

    Raises
    ------
    DataError
        If the files cannot be had, or are not MNIST's.

    Examples
    --------
    >>> from mnist_tool import MNIST
    >>> train = MNIST("MNIST_data", train=True, download=True)  # doctest: +SKIP
    """

    _name = "mnist"


class FashionMNIST(_Checked, torchvision.datasets.FashionMNIST):  # type: ignore[misc]
    """Fashion-MNIST in place of ``torchvision.datasets.FashionMNIST``; see `MNIST`.

    Parameters
    ----------
    root : path
        Folder that holds ``FashionMNIST/raw``.
    train : bool
        The 60,000 training images, or else the 10,000 test images.
    transform, target_transform : callable, optional
        As of `MNIST`.
    download : bool
        As of `MNIST`.
    """

    _name = "fashion-mnist"


class KMNIST(_Checked, torchvision.datasets.KMNIST):  # type: ignore[misc]
    """Kuzushiji-MNIST in place of ``torchvision.datasets.KMNIST``; see `MNIST`.

    Parameters
    ----------
    root : path
        Folder that holds ``KMNIST/raw``.
    train : bool
        The 60,000 training images, or else the 10,000 test images.
    transform, target_transform : callable, optional
        As of `MNIST`.
    download : bool
        As of `MNIST`.
    """

    _name = "kmnist"


class EMNIST(_Checked, torchvision.datasets.EMNIST):  # type: ignore[misc]
    """EMNIST in place of ``torchvision.datasets.EMNIST``; see `MNIST`.

    As in torchvision, images lie on their sides and letters count from 1. `mnist_tool.load` has
    them upright and from 0.

    Parameters
    ----------
    root : path
        Folder that holds ``EMNIST/raw``.
    split : {'byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'}
        Which of the six.
    **kwargs
        ``train``, ``transform``, ``target_transform`` and ``download``, as of `MNIST`.
    """

    split: str

    def _row(self) -> Dataset:
        return DATASETS[f"emnist-{self.split}"]


class QMNIST(_Checked, torchvision.datasets.QMNIST):  # type: ignore[misc]
    """QMNIST in place of ``torchvision.datasets.QMNIST``; see `MNIST`.

    Parameters
    ----------
    root : path
        Folder that holds ``QMNIST/raw``.
    what : {'train', 'test', 'test10k', 'test50k', 'nist'}, optional
        Which digits; by default as `train` says.
    compat : bool
        Whether a label is the class alone, or all eight columns as a tensor.
    train : bool
        Training or test, where `what` is not given.
    **kwargs
        ``transform``, ``target_transform`` and ``download``, as of `MNIST`.
    """

    what: str

    def _row(self) -> Dataset:
        return DATASETS["qmnist-nist" if self.what == "nist" else "qmnist"]

    def _part(self) -> str:
        return self._row().split(self.what).file

    def _load_data(self) -> tuple[Tensor, Tensor]:
        images, labels = super()._load_data()
        split = self._row().split(self.what)
        part = slice(split.start, split.stop)
        return images[part].clone(), labels[part].clone()
