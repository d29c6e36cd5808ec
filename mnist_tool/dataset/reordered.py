"""Know the images and labels of a data set in whatever order they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnist_tool.dataset.datafile import DataFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["known_order_free", "order_free"]


def order_free(values: NDArray[np.uint8]) -> str:
    """Return a hash of images or labels that is the same in every order.

    Parameters
    ----------
    values : ndarray of uint8
        One for each row.

    Examples
    --------
    >>> import numpy as np
    >>> order_free(np.array([1, 2, 2], np.uint8)) == order_free(np.array([2, 1, 2], np.uint8))
    True
    """
    total = 0
    for row in values.reshape(len(values), -1):
        total += int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8).digest(), "big")
    return _shown(total)


def known_order_free(files: Sequence[DataFile]) -> str:
    """Return the same for the values of registered files together; empty where it is unknown."""
    if not all(file.any_order for file in files):
        return ""
    return _shown(sum(int(file.any_order, 16) for file in files))


def _shown(total: int) -> str:
    return f"{total % 2**64:016x}"
