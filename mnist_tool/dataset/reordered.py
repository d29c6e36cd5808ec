"""Know the images and labels of a data set in whatever order they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnist_tool.dataset.datafile import DataFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ANY_ORDER", "known_order_free", "order_free"]

# By the SHA-256 of a registered file, what `order_free` makes of its values; hashed from the
# originals of MNIST and Fashion-MNIST.
ANY_ORDER = {
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db": "57c8e89ed8e74da4",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5": "47ae961f00ddfec9",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7": "648d16a2a3297545",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2": "5be1b8b3a8f425e6",
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888": "a14536334862ef7d",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9": "6a67c8c40ccdb2a0",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b": "0303a2b6dfcb5308",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34": "3c66a17602224870",
}


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
    if not all(file.sha256 in ANY_ORDER for file in files):
        return ""
    return _shown(sum(int(ANY_ORDER[file.sha256], 16) for file in files))


def _shown(total: int) -> str:
    return f"{total % 2**64:016x}"
