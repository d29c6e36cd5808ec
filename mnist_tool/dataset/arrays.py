"""The files of a data set as arrays: read from the disk, and verified while they are read."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

from mnist_tool.advice import command_line
from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.record import Stamp
from mnist_tool.dataset.row import Dataset
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError, MissingDataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read", "read_bytes", "read_split"]


def read_bytes(store: Store, file: DataFile) -> memoryview:
    """Read the plain bytes of one verified file.

    Parameters
    ----------
    store : Store
        The folder.
    file : DataFile
        A file of its data set.

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

    path = store.path(file)
    content = np.empty(file.size, np.uint8).data  # a bytearray would first be filled with 0
    began = time.time_ns()
    try:
        with path.open("rb") as stream:  # unbuffered, a network's disk could give less
            found = os.fstat(stream.fileno())
            count = stream.readinto(content) or 0
    except (OSError, ValueError):
        raise _unusable(store, file) from None
    if found.st_size != file.size or count != file.size:
        raise _unusable(store, file)
    stamp = store.record.stamp(file)
    if stamp is None or not stamp.proves(found):
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 != store.record.expected(file):
            raise _unusable(store, file)
        store.record.note(file, Stamp.of(found, began), sha256)
    return content


def read(store: Store, file: DataFile) -> NDArray[Any]:
    """Read one verified file as an array; see `read_bytes`.

    Returns
    -------
    ndarray, shape `file.shape`
        Pixels 0 (paper) to 255 (ink) or labels, uint8, or labels of several columns, int32;
        writable memory of its own.
    """
    return decode(read_bytes(store, file))


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
    images, labels = (
        read(store, dataset.file(part.file, role))[part.start : part.stop]
        for role in ("images", "labels")
    )
    if labels.ndim > 1:
        labels = labels[:, 0]
    return (images, labels) if raw else _upright(dataset, images, labels)


def _upright(
    dataset: Dataset, images: NDArray[np.uint8], labels: NDArray[Any]
) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Turn images and labels as the files have them into what `read_split` returns."""
    if dataset.transposed:
        images = images.transpose(0, 2, 1).copy()
    if dataset.first_label:
        labels = labels - dataset.first_label
    return images, labels


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
