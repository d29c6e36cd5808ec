"""Read a folder of pictures with a folder for each class, and bring each to MNIST's form."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_tool.errors import ImageError
from mnist_tool.progress import Progress, Silent
from mnist_tool.reading.picture import read_grey
from mnist_tool.reading.prepare import prepare

__all__ = ["Labelled", "read_labelled"]

Bytes = NDArray[np.uint8]

SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
# Every fifth picture of a class is kept to test with, where the folder does not say which.
SHARE = 5
SIDE = 28
MOST_CLASSES = 256  # a label is one byte
LARGEST = 64 << 20  # bytes of a picture
LIGHT = 128


@dataclass
class Labelled:
    """What was in a folder.

    Parameters
    ----------
    classes : list of str
        The names of the folders, in the order of the labels.
    splits : dict
        For ``train`` and ``test`` the images and the labels.
    left_out : list of str
        Why a picture could not be read, for each of them.
    """

    classes: list[str]
    splits: dict[str, tuple[Bytes, Bytes]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def read_labelled(folder: Path, progress: Progress | None = None) -> Labelled:
    """Read all pictures of a folder.

    Pictures of 28 x 28 pixels are taken as they are, white on black; all others are read as
    `predict` does: the ink is found, sized to 20 x 20 and centred.

    Parameters
    ----------
    folder : Path
        With ``CLASS/picture`` or ``train/CLASS/picture`` and ``test/CLASS/picture``.
    progress : Progress, optional
        Told how far it is.

    Raises
    ------
    ImageError
        If there are no two classes, or nothing to train or to test with.
    """
    pictures = list(_pictures(folder))
    classes = sorted({name for _, name, _ in pictures}, key=_natural)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise ImageError(
            f"{folder} has {len(classes)} folders with files in them, where one for each class "
            "is expected.",
            hint="Name them after the classes: FOLDER/a/1.png, FOLDER/b/2.png ...",
        )
    read = Labelled(classes)
    chosen: dict[str, list[tuple[Bytes, int]]] = {"train": [], "test": []}
    counts = dict.fromkeys(classes, 0)
    with (progress or Silent()).bar(str(folder), len(pictures), "img") as bar:
        for split, name, path in pictures:
            try:
                image = _image(path)
            except ImageError as error:
                read.left_out.append(error.message)
            else:
                counts[name] += 1
                held = "test" if counts[name] % SHARE == 0 else "train"
                chosen[split or held].append((image, classes.index(name)))
            bar.advance(1)
    for split, found in chosen.items():
        if not found:
            raise ImageError(
                f"{folder} has no pictures to {split} with that could be read.",
                hint=f"Put them into train/CLASS and test/CLASS, or {SHARE} or more in each class.",
            )
        labels = np.array([label for _, label in found], np.uint8)
        read.splits[split] = (np.stack([image for image, _ in found]), labels)
    return read


def _pictures(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield split, class and path of each file two or three folders down, hidden ones left out."""
    if not folder.is_dir():
        raise ImageError(f"{folder} is no folder.", hint="Give the folder above those of classes.")
    halves = [path for path in _inside(folder) if path.name.lower() in SPLITS and path.is_dir()]
    for half in halves or [folder]:
        split = SPLITS[half.name.lower()] if halves else ""
        for group in filter(Path.is_dir, _inside(half)):
            yield from ((split, group.name, path) for path in _inside(group) if path.is_file())


def _inside(folder: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(folder), key=_natural)  # noqa: PTH208 - the names are sorted
    except OSError as error:
        raise ImageError(
            f"{folder} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    return [folder / name for name in names if not name.startswith(".")]


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts 10 behind 9."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _image(path: Path) -> Bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST)
    except OSError as error:
        raise ImageError(
            f"{path} cannot be read: {error.strerror}.", hint="Leave it out."
        ) from error
    grey = read_grey(content, str(path))
    if grey.shape != (SIDE, SIDE):
        image: Bytes = prepare(content, str(path), one=True).images[0]
        return image
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return grey if np.median(border) < LIGHT else 255 - grey
