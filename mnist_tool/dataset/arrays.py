"""The files of a data set as arrays: read from the disk, and verified while they are read."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tool.advice import command_line
from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.record import Stamp
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError, MissingDataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Content",
    "IntegrityCheck",
    "is_registered",
    "read",
    "read_bytes",
    "read_labels",
    "read_split",
]


@dataclass(frozen=True)
class Content:
    """What was read of a file, not judged yet.

    Parameters
    ----------
    values : memoryview
        Its bytes, no more than the registered file has; writable memory of its own.
    found : os.stat_result
        What it looked like when it was open.
    began : int
        When reading began, in ns since the epoch.
    """

    values: memoryview
    found: os.stat_result
    began: int


IntegrityCheck = Callable[[Store, DataFile, Content], bool]


def is_registered(store: Store, file: DataFile, content: Content) -> bool:
    """Return whether what was read is the registered file; note it if it is."""
    if content.found.st_size != file.size or len(content.values) != file.size:
        return False
    stamp = store.record.stamp(file)
    if stamp is None or not stamp.proves(content.found):
        sha256 = hashlib.sha256(content.values).hexdigest()
        if sha256 != store.record.expected(file):
            return False
        store.record.note(file, Stamp.of(content.found, content.began), sha256)
    return True


def read_bytes(store: Store, file: DataFile, check: IntegrityCheck = is_registered) -> memoryview:
    """Read the plain bytes of one verified file.

    Parameters
    ----------
    store : Store
        The folder.
    file : DataFile
        A file of its data set.
    check : callable
        Decides whether what was read is the file.

    Returns
    -------
    memoryview
        Header and values; writable memory of its own.

    Raises
    ------
    MissingDataError
        If it is not there.
    CorruptDataError
        If it is not the registered content.
    """
    import numpy as np

    began = time.time_ns()
    try:
        with store.path(file).open("rb") as stream:  # unbuffered, a network's disk could give less
            found = os.fstat(stream.fileno())
            length = min(found.st_size, file.size)
            values = np.empty(length, np.uint8).data  # a bytearray would first be filled with 0
            values = values[: stream.readinto(values) or 0]
    except (OSError, ValueError):
        raise _unusable(store, file) from None
    if not check(store, file, Content(values, found, began)):
        raise _unusable(store, file)
    return values


def read(store: Store, file: DataFile, check: IntegrityCheck = is_registered) -> NDArray[Any]:
    """Read one verified file as an array; see `read_bytes`.

    Returns
    -------
    ndarray, shape `file.shape`
        Pixels 0 (paper) to 255 (ink) or labels, uint8, or labels of several columns, int32;
        writable memory of its own.
    """
    return decode(read_bytes(store, file, check))


def read_split(
    store: Store, split: str, *, raw: bool = False
) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Read the verified images and labels of a split; see `read`.

    Parameters
    ----------
    store : Store
        The folder.
    split : str
        One of those of its data set: ``train``, ``test`` and, of QMNIST, ``test50k`` ...
    raw : bool
        Leave images and labels as they are in the files: EMNIST's lie on their sides, and its
        letters count from 1.

    Returns
    -------
    images : ndarray of uint8, shape (N, 28, 28)
        Upright.
    labels : ndarray of uint8 or int32, shape (N,)
        Places in `Dataset.classes`.
    """
    dataset = store.dataset
    part = dataset.split(split)
    images = read(store, dataset.file(part.file, "images"))[part.start : part.stop]
    if dataset.transposed and not raw:
        images = images.transpose(0, 2, 1).copy()
    return images, read_labels(store, split, raw=raw)


def read_labels(store: Store, split: str, *, raw: bool = False) -> NDArray[Any]:
    """Read the labels of a split alone; see `read_split`."""
    dataset = store.dataset
    part = dataset.split(split)
    labels = read(store, dataset.file(part.file, "labels"))[part.start : part.stop]
    if labels.ndim > 1:
        labels = labels[:, 0]
    return labels - dataset.first_label if dataset.first_label and not raw else labels


def _unusable(store: Store, file: DataFile) -> MissingDataError | CorruptDataError:
    status = store.status(file, full=True)
    fetch = command_line("fetch", dataset=store.dataset.name, root=store.root)
    title = store.dataset.title
    if status.state == "missing":
        return MissingDataError(
            f"{title} is not complete: {status.path} is missing.",
            hint=f"Get it with: {fetch}",
        )
    problem = status.problem or "it changed while it was read"
    return CorruptDataError(
        f"{status.path} is not {title}'s file: {problem}.", hint=f"Replace it with: {fetch}"
    )
