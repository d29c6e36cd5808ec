"""Which registered file some bytes are, and how they differ from the one they should be."""

from __future__ import annotations

from mnist_tool.dataset.bytes.recognise import describe
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.registry import DATASETS

__all__ = ["difference", "longest_with", "name_known", "unproven"]


def name_known(sha256: str) -> str | None:
    """Return the name of the registered file with this SHA-256 of its plain bytes, if any.

    Examples
    --------
    >>> name_known("bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9")
    'train-labels-idx1-ubyte of Fashion-MNIST'
    """
    for dataset in DATASETS.values():
        for file in dataset.files:
            if sha256 and file.sha256 == sha256:
                return f"{file.name} of {dataset.title}"
    return None


def longest_with(head: bytes) -> int:
    """Return the size of the largest file that begins so and is known by its hash; else 0."""
    files = (file for dataset in DATASETS.values() for file in dataset.files if file.sha256)
    return max((file.size for file in files if head.startswith(file.header)), default=0)


def difference(file: DataFile, size: int, sha256: str, head: bytes, expected: str = "") -> str:
    """Say how bytes of this `size`, `sha256` and `head` differ from the registered `file`.

    `expected` is the SHA-256 that it has been proven to have, where none is registered.
    """
    expected = file.sha256 or expected
    if known := name_known(sha256):
        return f"it is {known}"
    if not head.startswith(file.header):
        return f"it is {describe(head, size)}"
    if size != file.size:
        return f"it has {size:,} bytes where {file.size:,} are expected"
    if not expected:
        return unproven(file)
    return f"its SHA-256 is {sha256} where {expected} is expected"


def unproven(file: DataFile) -> str:
    """Say why nobody can tell whether some bytes are a file that only its carriers prove."""
    names = " or ".join(dict.fromkeys(carrier.name for carrier in file.proofs))
    return f"no checksum of the unpacked file is published, only of {names}"
