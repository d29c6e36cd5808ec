"""The files of a data set as arrays: read from the disk, and verified while they are read."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

from mnist_tool.advice import command_line
from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.store import Stamp, Store
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
    stamp = store.stamp(file)
    if stamp is None or not stamp.proves(found):
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise _unusable(store, file)
        store.note(file, Stamp.of(found, began))
    return content


def read(store: Store, file: DataFile) -> NDArray[np.uint8]:
    """Read one verified file as an array; see `read_bytes`.

    Returns
    -------
    ndarray of uint8, shape `file.shape`
        Pixels 0 (paper) to 255 (ink), or labels; writable memory of its own.
    """
    array: NDArray[Any] = decode(read_bytes(store, file))
    return array


def read_split(store: Store, split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read the verified images and labels of a split: ``train`` or ``test``; see `read`."""
    images, labels = (read(store, store.dataset.file(split, role)) for role in ("images", "labels"))
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
