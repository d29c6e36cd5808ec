"""QMNIST: MNIST made again, with who wrote each digit, and the 50,000 lost test digits."""

from __future__ import annotations

from mnist_tool.dataset.datafile import Carrier, DataFile
from mnist_tool.dataset.row import Card, Dataset, Split
from mnist_tool.dataset.sources.mirror import Mirror

__all__ = ["QMNIST", "QMNIST_NIST"]

COLUMNS = 8  # of the labels; the first one is the class
ALL_OF_NIST = 402_953

SOURCES = (
    Mirror(
        "facebookresearch",
        "https://raw.githubusercontent.com/facebookresearch/qmnist/master/",
        "the makers' public repository, which torchvision uses",
    ),
)
CARD = Card(
    about="MNIST's digits made again from NIST's Special Database 19, one by one and in the same "
    "order, each with its writer; and the 50,000 digits of the test set that MNIST had left out, "
    "as the split test50k: digits on which no one has tuned anything.",
    authors="Chhavi Yadav and Léon Bottou, 2019",
    licence="BSD-style, in the LICENSE file of its repository",
    homepage="https://github.com/facebookresearch/qmnist",
    citation="C. Yadav, L. Bottou: Cold Case: The Lost MNIST Digits. Advances in Neural "
    "Information Processing Systems 32, 2019, arXiv:1905.10498",
)


def _pair(split: str, count: int, images: str, labels: str) -> tuple[DataFile, ...]:
    """Return images and labels; SHA-256 of the .gz from torchvision's prototypes of 2022."""
    pictures = (f"qmnist-{split}-images-idx3-ubyte", split)
    truths = (f"qmnist-{split}-labels-idx2-int", split)
    return (
        DataFile(*pictures, "images", (count, 28, 28), "", None, images),
        DataFile(*truths, "labels", (count, COLUMNS), "", None, labels, dtype=">i4"),
    )


QMNIST = Dataset(
    name="qmnist",
    title="QMNIST",
    folder="QMNIST",
    files=(
        *_pair(
            "train",
            60_000,
            "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
            "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
        ),
        *_pair(
            "test",
            60_000,
            "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
            "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
        ),
    ),
    sources=SOURCES,
    card=CARD,
    splits=(
        Split("train", "train"),
        Split("test", "test"),
        Split("test10k", "test", 0, 10_000),
        Split("test50k", "test", 10_000),
    ),
)

# A row of its own: nobody should wait for 60 MB of all of NIST's digits who wants QMNIST.
QMNIST_NIST = Dataset(
    name="qmnist-nist",
    title="QMNIST nist",
    folder="QMNIST",
    files=(
        DataFile(
            "xnist-images-idx3-ubyte",
            "nist",
            "images",
            (ALL_OF_NIST, 28, 28),
            "",
            carriers=(
                Carrier(
                    "xnist-images-idx3-ubyte.xz",
                    "f075553993026d4359ded42208eff77a1941d3963c1eff49d6015814f15f0984",
                ),
            ),
        ),
        DataFile(
            "xnist-labels-idx2-int",
            "nist",
            "labels",
            (ALL_OF_NIST, COLUMNS),
            "",
            dtype=">i4",
            carriers=(
                Carrier(
                    "xnist-labels-idx2-int.xz",
                    "db042968723ec2b7aed5f1beac25d2b6e983b9286d4f4bf725f1086e5ae55c4f",
                ),
            ),
        ),
    ),
    sources=SOURCES,
    card=CARD,
    splits=(Split("nist", "nist"),),
)
