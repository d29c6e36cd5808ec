"""A split as whole tensors, and the order in which the lecture's DataLoader visits its images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from mnist_tool.dataset.arrays import read_split
from mnist_tool.dataset.fetching.fetch import fetch, prove
from mnist_tool.dataset.roots import check_root
from mnist_tool.dataset.store import open_store
from mnist_tool.dataset.written import EVEN, NO_DIGIT, draw_digits, draw_others
from mnist_tool.progress import Progress
from mnist_tool.training.seeded import seeded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["Blocks", "draw_seed", "hold_out", "load", "permutation", "tensors", "with_drawn"]

# Images gathered and converted at once. Large enough that the calls cost little, small enough that
# the float pixels of a block (3.2 MB) are still in the processor's cache when the batches use them.
BLOCK_IMAGES = 1024
HOLD_OUT_SEED = 20240607


def load(
    split: str = "train",
    *,
    root: Path | str | None = None,
    dataset: str = "mnist",
    raw: bool = False,
    download: bool = True,
    offline: bool | None = None,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor]:
    """Read a split into memory, fetching and verifying its files where needed.

    Parameters
    ----------
    split : str
        Which part: ``train``, ``test``, or another one that the data set has, such as QMNIST's
        ``test50k``.
    root : path, optional
        Folder that holds ``MNIST/raw``; else ``MNIST_TOOL_ROOT``, else ``MNIST_data``.
    dataset : str
        Name of a registered data set.
    raw : bool
        Leave images and labels as they are in the files: EMNIST's images lie on their sides there,
        and its letters count from 1.
    download : bool
        Fetch files that are missing or wrong; otherwise they are an error.
    offline : bool, optional
        Forbid the network; else ``MNIST_TOOL_OFFLINE``.
    progress : Progress, optional
        Told how far a download is; by default tqdm in a notebook, and nobody elsewhere.

    Returns
    -------
    images : Tensor, uint8, shape (N, 28, 28)
        Pixels from 0 (paper) to 255 (ink), upright.
    labels : Tensor, int64, shape (N,)
        Classes from 0; their names are `Dataset.classes`.

    Raises
    ------
    SettingError
        If there is no such split or data set.
    DataError
        If the files cannot be had, or are not the registered ones.

    Examples
    --------
    >>> images, labels = load("test")  # doctest: +SKIP
    >>> images.shape, labels[:4].tolist()  # doctest: +SKIP
    (torch.Size([10000, 28, 28]), [7, 2, 1, 0])
    """
    store = open_store(root, dataset)
    store.dataset.split(split)
    check_root(store.root, store.dataset)
    if download:
        fetch(store.root, dataset=dataset, offline=offline, progress=progress)
    prove(store)
    return tensors(*read_split(store, split, raw=raw))


def tensors(images: NDArray[np.uint8], labels: NDArray[Any]) -> tuple[Tensor, Tensor]:
    """Turn what `read_split` gave into what `load` returns; the images are not copied."""
    return torch.from_numpy(images), torch.from_numpy(labels).to(torch.int64)


def draw_seed() -> int:
    """Draw the seed of an epoch's order from torch's default generator, as a DataLoader does.

    When an epoch starts, ``DataLoader`` first takes one int64 as base seed of its workers (even
    when it has none), and then its ``RandomSampler`` takes the one that decides the order
    (``torch/utils/data/dataloader.py`` and ``sampler.py``). Both must be drawn for later draws, by
    dropout or the next epoch, to see the generator where the lecture's loop has it.
    """
    torch.empty((), dtype=torch.int64).random_()
    return int(torch.empty((), dtype=torch.int64).random_())


def permutation(count: int, seed: int) -> Tensor:
    """Return the order of an epoch: int64, shape (count,), a fresh generator's ``randperm``."""
    with seeded(seed):
        return torch.randperm(count)


def hold_out(count: int, validation: int) -> tuple[Tensor, Tensor]:
    """Divide the training images into those to train on and those to validate on.

    The choice is random but always the same, whatever the seed of the training, so that runs can
    be compared.

    Parameters
    ----------
    count : int
        Images there are.
    validation : int
        Images to hold out, 0 to `count`.

    Returns
    -------
    training : Tensor, int64
        Indices of those to train on, in ascending order.
    validation : Tensor, int64
        Indices of those to validate on, in ascending order.
    """
    if not validation:
        return torch.arange(count), torch.empty(0, dtype=torch.int64)
    shuffled = permutation(count, HOLD_OUT_SEED)
    return shuffled[validation:].sort().values, shuffled[:validation].sort().values


def with_drawn(
    images: Tensor,
    labels: Tensor,
    training: Tensor,
    drawn: float,
    seed: int,
    shares: Sequence[float] = EVEN,
) -> tuple[Tensor, Tensor, Tensor]:
    """Add drawn digits, and other images that show none, to those to train on.

    For each eight of the drawn digits there are a digit with a piece of its neighbour, of the split
    or drawn, and of what shows no digit one drawn sign and nearly three times two digits that touch
    or nearly do.

    Parameters
    ----------
    images, labels : Tensor
        A split, as `load` gives it.
    training : Tensor, int64
        Indices of those to train on.
    drawn : float
        How many digits for each of those.
    seed : int
        The same draws the same.
    shares : sequence of ten float
        How often each digit is drawn, beside the others.

    Returns
    -------
    tuple of (Tensor, Tensor, Tensor)
        The same with the drawn ones behind; what shows no digit has the label 10.
    """
    # They load OpenCV, which only a recipe that draws needs.
    from mnist_tool.training.touching import pairs, with_pieces

    count = round(drawn * len(training))
    digits, truths = map(torch.from_numpy, draw_digits(count, seed, shares))
    others = torch.from_numpy(draw_others(count // 8, seed + 1))
    some = training[:: max(1, len(training) // max(1, count))]
    pool, known = torch.cat((images[some], digits)), torch.cat((labels[some], truths.long()))
    two = pairs(pool, count // 3, seed + 2)
    one, chosen = with_pieces(pool, count // 8, seed + 3)
    more = torch.cat((digits, one, others, two))
    none = torch.full((len(others) + len(two),), NO_DIGIT)
    return (
        torch.cat((images, more)),
        torch.cat((labels, truths.long(), known[chosen], none)),
        torch.cat((training, torch.arange(len(images), len(images) + len(more)))),
    )


class Blocks:
    """Serve batches of float pixels from uint8 images, a block of batches at a time.

    Parameters
    ----------
    images : Tensor, uint8, shape (N, 28, 28)
        All images, on the device that trains.
    labels : Tensor, int64, shape (N,)
        Their labels, on the same device.
    batch_size : int
        Images per batch.

    Notes
    -----
    Gathering and converting are elementwise, so their results do not depend on how many batches
    share a call; a block only saves calls. There is never a float copy of the whole split. The
    pixels of a block stay valid until the next one is taken.
    """

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int) -> None:
        self.batches = max(1, BLOCK_IMAGES // batch_size)
        self._images = images.flatten(1)
        self._labels = labels
        shape = (self.batches * batch_size, self._images.shape[1])
        self._bytes = torch.empty(shape, dtype=torch.uint8, device=images.device)
        self._pixels = torch.empty(shape, device=images.device)

    def take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return images and labels by their index.

        Parameters
        ----------
        indices : Tensor, int64, shape (n,)
            At most `batches` whole batches.

        Returns
        -------
        pixels : Tensor, float32, shape (n, 1, 28, 28)
            0 to 1: divided by 255 after the conversion, as torchvision's ``ToTensor`` does.
        labels : Tensor, int64, shape (n,)
            Classes from 0.
        """
        count = len(indices)
        packed, pixels = self._bytes[:count], self._pixels[:count]
        torch.index_select(self._images, 0, indices, out=packed)
        pixels.copy_(packed).div_(255)
        return pixels.view(count, 1, 28, 28), self._labels.index_select(0, indices)
