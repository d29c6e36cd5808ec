"""Data sets of one's own: the row of each lies beside its files, and is found by its name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnist_tool import configuration
from mnist_tool.dataset.row import Card, Dataset
from mnist_tool.dataset.rows.four import Known, four_files
from mnist_tool.errors import SettingError

__all__ = ["NAME", "ROW", "below", "find", "fit", "look_in", "row", "row_text"]

ROW = "dataset.json"
SCHEMA = 1
# Not the names of devices: on Windows, to which somebody may copy it, there is no such folder.
NAME = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d)\Z)[a-z][a-z0-9-]{0,39}")
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST = 1 << 16  # bytes of a row; 256 classes of 100 letters fit
MOST_CLASSES, MOST_IMAGES = 256, 10_000_000
# Roots that somebody has named in this process, the latest first: some names travel without one.
_named: list[Path] = []


def look_in(root: str | os.PathLike[str] | None) -> None:
    """Find the data sets below this root first, from now on."""
    if root is not None:
        _named[:] = dict.fromkeys((Path(root), *_named))


def find(name: str) -> Dataset | None:
    """Return the row of somebody's own data set, if one of that name lies in a known root.

    Raises
    ------
    SettingError
        If there is one that cannot be used.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return None
    for root in (*_named, configuration.get("root")):
        path = Path(root) / name / ROW
        try:
            with path.open("rb") as file:
                text = file.read(LONGEST + 1)
        except (OSError, ValueError):
            continue
        return _parsed(name, text, path)
    return None


def below(root: Path) -> list[Dataset]:
    """Return the rows that lie in a root, those left out that cannot be used."""
    look_in(root)
    found = []
    for path in sorted(root.glob(f"*/{ROW}")) if root.is_dir() else []:
        try:
            entry = find(path.parent.name)
        except SettingError:
            continue
        found += [entry] if entry else []
    return found


def row(
    name: str, classes: Sequence[str], digests: Sequence[str], train: int, test: int
) -> Dataset:
    """Return the row of a data set of one's own.

    Parameters
    ----------
    name : str
        The word for ``--dataset``, and its folder.
    classes : sequence of str
        Their names, in the order of the labels.
    digests : sequence of str
        SHA-256 of the four files.
    train, test : int
        Images of each half.
    """
    return Dataset(
        name=name,
        title=name,
        folder=name,
        files=four_files(*(Known(sha256=each) for each in digests), train=train, test=test),
        card=Card(about="Somebody's own pictures, from a folder for each class."),
        classes=tuple(classes),
    )


def row_text(entry: Dataset) -> bytes:
    """Return what stands in the file of a row."""
    values = {
        "schema": SCHEMA,
        "classes": entry.classes,
        "digests": [file.sha256 for file in entry.files],
        "train": entry.count("train"),
        "test": entry.count("test"),
    }
    return json.dumps(values, indent=2).encode() + b"\n"


def _parsed(name: str, text: bytes, path: Path) -> Dataset:
    """Take a row that may come from anybody; nothing in it is a path."""
    try:
        values = json.loads(text)
        keys = ("classes", "digests", "train", "test")
        if values["schema"] != SCHEMA or not _right(*(values[key] for key in keys)):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SettingError(
            f"{path} does not describe a data set as this version does.",
            hint=f"Import it again: mnist-tool import FOLDER --dataset-name {name}",
        ) from None
    return row(name, *(values[key] for key in keys))


def _right(classes: Any, digests: Any, train: Any, test: Any) -> bool:
    return (
        isinstance(classes, list)
        and 2 <= len(classes) <= MOST_CLASSES
        and all(isinstance(word, str) and fit(word) for word in classes)
        and isinstance(digests, list)
        and len(digests) == 4
        and all(isinstance(each, str) and DIGEST.fullmatch(each) for each in digests)
        and all(type(count) is int and 1 <= count <= MOST_IMAGES for count in (train, test))
    )


def fit(word: str) -> bool:
    """Return whether a name of a class can be shown."""
    return word.isprintable() and 1 <= len(word) <= 100
