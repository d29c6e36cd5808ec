"""The four files that MNIST has, and so many data sets after it, under the same names."""

from __future__ import annotations

from typing import TypedDict

from mnist_tool.dataset.datafile import DataFile

__all__ = ["Known", "four_files"]

SIDE = 28  # pixels


class Known(TypedDict, total=False):
    """What is known of the content of a file; see `DataFile` for each."""

    sha256: str
    gz_size: int
    gz_sha256: str
    gz_time: str
    any_order: str


def four_files(
    train_images: Known,
    train_labels: Known,
    test_images: Known,
    test_labels: Known,
    *,
    train: int = 60_000,
    test: int = 10_000,
) -> tuple[DataFile, ...]:
    """Return images and labels of both halves, named as MNIST's.

    Parameters
    ----------
    train_images, train_labels, test_images, test_labels : Known
        What is known of each file.
    train, test : int
        Images of each half.
    """
    return (
        DataFile("train-images-idx3-ubyte", "train", "images", (train, SIDE, SIDE), **train_images),
        DataFile("train-labels-idx1-ubyte", "train", "labels", (train,), **train_labels),
        DataFile("t10k-images-idx3-ubyte", "test", "images", (test, SIDE, SIDE), **test_images),
        DataFile("t10k-labels-idx1-ubyte", "test", "labels", (test,), **test_labels),
    )
