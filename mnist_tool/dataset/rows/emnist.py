"""EMNIST: letters and digits, in six data sets that come out of one large zip."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

from mnist_tool.dataset.datafile import Carrier, DataFile
from mnist_tool.dataset.row import DIGITS, Card, Dataset
from mnist_tool.dataset.sources.archive import Archive

__all__ = ["EMNISTS"]

# Letters that look the same large and small: each is one class in four of the six.
MERGED = "cijklmopsuvwxyz"
ALL = (*DIGITS, *ascii_uppercase, *ascii_lowercase)
WITHOUT_MERGED = tuple(name for name in ALL if name not in MERGED)

# NIST's zip: size and SHA-256 from tensorflow/datasets, url_checksums/emnist.txt; its MD5 is
# torchvision's. The other one, of the same files packed anew by Western Sydney University, is in
# torchvision's prototypes of 2022.
ZIPS = (
    ("gzip.zip", "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e", 561753746),
    ("emnist-gzip.zip", "909a2a39c5e86bdd7662425e9b9c4a49bb582bf8d0edad427f3c3a9d0c6f7259", None),
)

ABOUT = (
    "From NIST's Special Database 19, sized to 28 x 28 pixels. The files have the rows and columns "
    "of each image interchanged; here they are upright unless you ask for raw=True. {}"
)


def _files(subset: str, train: int, test: int) -> tuple[DataFile, ...]:
    """Return images and labels of both halves."""
    files: list[DataFile] = []
    for split, count in (("train", train), ("test", test)):
        images = f"emnist-{subset}-{split}-images-idx3-ubyte"
        labels = f"emnist-{subset}-{split}-labels-idx1-ubyte"
        pictures, truths = _zips(images), _zips(labels)
        files += [
            DataFile(images, split, "images", (count, 28, 28), "", carriers=pictures),
            DataFile(labels, split, "labels", (count,), "", carriers=truths),
        ]
    return tuple(files)


def _zips(name: str) -> tuple[Carrier, ...]:
    """Return the zips that a file comes out of."""
    return tuple(Carrier(zipped, sha256, size, f"{name}.gz") for zipped, sha256, size in ZIPS)


def _subset(
    name: str,
    classes: tuple[str, ...],
    about: str,
    train: int,
    test: int,
    *,
    first_label: int = 0,
    balanced: bool = True,
) -> Dataset:
    """Return the row of one of the six."""
    each = {"train": train, "test": test}
    number = len(classes)
    counts = {key: (count // number,) * number for key, count in each.items() if balanced}
    return Dataset(
        name=f"emnist-{name}",
        title=f"EMNIST {name}",
        folder="EMNIST",
        files=_files(name, train, test),
        sources=(
            Archive(
                "nist",
                "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
                "one zip of 562 MB with all six; it is kept, so that the others need no download",
                keep="gzip.zip",
            ),
        ),
        classes=classes,
        first_label=first_label,
        transposed=True,
        card=Card(
            about=ABOUT.format(about),
            authors="Gregory Cohen, Saeed Afshar, Jonathan Tapson and André van Schaik, 2017",
            licence="none stated by its makers; NIST's database is a work of the US government",
            homepage="https://www.nist.gov/itl/products-and-services/emnist-dataset",
            citation="G. Cohen, S. Afshar, J. Tapson, A. van Schaik: EMNIST: an extension of MNIST "
            "to handwritten letters, 2017, arXiv:1702.05373",
            counts=counts,
        ),
    )


EMNISTS = (
    _subset("digits", DIGITS, "Digits alone, as many of each.", 240_000, 40_000),
    _subset(
        "letters",
        tuple(ascii_lowercase),
        "Letters alone, capital and small ones in one class; the files count them from 1.",
        124_800,
        20_800,
        first_label=1,
    ),
    _subset(
        "balanced",
        WITHOUT_MERGED,
        "Digits and letters, as many of each; letters that look the same large and small are one "
        "class.",
        112_800,
        18_800,
    ),
    _subset(
        "byclass",
        ALL,
        "All digits and letters of the database, as unevenly as people write them.",
        697_932,
        116_323,
        balanced=False,
    ),
    _subset(
        "bymerge",
        WITHOUT_MERGED,
        "All digits and letters of the database; letters that look the same large and small are "
        "one class.",
        697_932,
        116_323,
        balanced=False,
    ),
    _subset("mnist", DIGITS, "Digits, as many as MNIST has: another choice.", 60_000, 10_000),
)
