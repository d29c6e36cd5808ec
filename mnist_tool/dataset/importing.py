"""Keep images and labels as a data set of one's own, in the four files that MNIST has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool import configuration
from mnist_tool.advice import command_line
from mnist_tool.dataset.bytes.forms.values import InMemory
from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.own import NAME, ROW, fit, look_in, row, row_text
from mnist_tool.dataset.record import Origin
from mnist_tool.dataset.registry import ROWS
from mnist_tool.dataset.row import Dataset
from mnist_tool.dataset.store import OTHER_ROOT, Store
from mnist_tool.errors import SettingError
from mnist_tool.files import make_folder, replacing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["check_name", "keep"]

SPLITS = ("train", "test")


def check_name(name: str, root: Path | None, *, force: bool = False) -> Path:
    """Return the root for a data set of this name, if the name is free.

    Raises
    ------
    SettingError
        If it is none that can be typed, is one of the tool's own, or is taken.
    """
    if not NAME.fullmatch(name):
        raise SettingError(
            f"{name!r} is no name of a data set.",
            hint="Take up to 40 small letters, digits and hyphens, a letter first, and no device.",
        )
    if any(name in {entry.name, entry.folder.lower()} for entry in ROWS):
        raise SettingError(f"{name} is a data set of the tool.", hint="Choose another name.")
    where = Path(configuration.get("root", root))
    if not force and (where / name / ROW).exists():
        verify = command_line("verify", dataset=name, root=where)
        raise SettingError(
            f"There is a data set {name} in {where}.",
            hint=f"See it with: {verify}. Or replace it with --force.",
        )
    return where


def keep(
    root: Path,
    name: str,
    classes: Sequence[str],
    splits: Mapping[str, tuple[NDArray[np.uint8], NDArray[np.uint8]]],
    source: str,
) -> Dataset:
    """Write the files of a data set, then its row: without that, nothing finds it.

    Parameters
    ----------
    root : Path
        From `check_name`.
    name : str
        The word for ``--dataset``.
    classes : sequence of str
        Names of the classes, in the order of the labels.
    splits : mapping of str to tuple
        For ``train`` and ``test`` images ``(N, 28, 28)`` and labels ``(N,)``.
    source : str
        Where they come from, for the record.

    Raises
    ------
    SettingError
        If a name of a class cannot be shown.
    StorageError
        If the disk or the folder refuses.
    """
    if odd := [word for word in classes if not fit(word)]:
        raise SettingError(
            f"A class is called {odd[0][:100]!r}, which cannot be shown.", hint="Rename its folder."
        )
    arrays = [values for split in SPLITS for values in splits[split]]
    digests = [hashlib.sha256(encode(values)).hexdigest() for values in arrays]
    entry = row(name, classes, digests, len(arrays[1]), len(arrays[3]))
    store = Store(root, entry)
    make_folder(store.raw, OTHER_ROOT)
    for file, values in zip(entry.files, arrays, strict=True):
        store.put(InMemory(values), [file], Origin("import", source))
    with replacing(store.folder / ROW) as target:
        target.write(row_text(entry))
    look_in(root)
    return entry
