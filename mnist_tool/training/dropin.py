"""A drop-in for torchvision's MNIST whose download always arrives and whose files are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torchvision
from torch import Tensor

from mnist_tool.training.data import load

__all__ = ["MNIST"]


class MNIST(torchvision.datasets.MNIST):  # type: ignore[misc]
    """MNIST for torch's DataLoader: put it in place of ``torchvision.datasets.MNIST``.

    Downloads walk over all sources of `mnist_tool.fetch`, and every file is verified by its
    SHA-256 when it is read. Files under ``processed/`` are never looked at.

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

    def __init__(
        self,
        root: str | Path,
        train: bool = True,
        transform: Callable[..., Any] | None = None,
        target_transform: Callable[..., Any] | None = None,
        download: bool = False,
    ) -> None:
        self._download = download
        # torchvision's own download never runs: it asks only whether files of that name exist.
        super().__init__(root, train, transform, target_transform, download=False)

    def _check_legacy_exist(self) -> bool:
        return False

    def _check_exists(self) -> bool:
        return True

    def _load_data(self) -> tuple[Tensor, Tensor]:
        return load("train" if self.train else "test", root=self.root, download=self._download)
