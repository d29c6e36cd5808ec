"""The four files that MNIST has, and so many data sets after it, under the same names."""

from __future__ import annotations

from mnist_tool.dataset.datafile import DataFile

__all__ = ["four_files"]

SIDE = 28  # pixels

# SHA-256 of the plain bytes, size and SHA-256 of the .gz.
Digests = tuple[str, int | None, str | None]


def four_files(
    train_images: Digests,
    train_labels: Digests,
    test_images: Digests,
    test_labels: Digests,
    *,
    train: int = 60_000,
    test: int = 10_000,
) -> tuple[DataFile, ...]:
    """Return images and labels of both halves, named as MNIST's.

    Parameters
    ----------
    train_images, train_labels, test_images, test_labels : tuple
        What is published of each file: SHA-256 of the plain bytes or ``""``, size and SHA-256 of
        the .gz or ``None``.
    train, test : int
        Images of each half.
    """
    return (
        DataFile("train-images-idx3-ubyte", "train", "images", (train, SIDE, SIDE), *train_images),
        DataFile("train-labels-idx1-ubyte", "train", "labels", (train,), *train_labels),
        DataFile("t10k-images-idx3-ubyte", "test", "images", (test, SIDE, SIDE), *test_images),
        DataFile("t10k-labels-idx1-ubyte", "test", "labels", (test,), *test_labels),
    )
