"""One file of a data set, known by its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Literal

__all__ = ["LARGEST_ARCHIVE", "DataFile"]

# Bytes; nothing that a data set here is packed in is larger: what goes on after them is no data.
LARGEST_ARCHIVE = 64 << 20

Split = Literal["train", "test"]
Role = Literal["images", "labels"]


@dataclass(frozen=True)
class DataFile:
    """One IDX file of a data set; its identity is the size and the SHA-256 of its plain bytes.

    Parameters
    ----------
    name : str
        File name under ``raw/``, without ``.gz``.
    split : {'train', 'test'}
        The half of the data set it belongs to.
    role : {'images', 'labels'}
        What it holds: uint8 pixels 0 (paper) to 255 (ink), or uint8 labels 0 to 9.
    shape : tuple of int
        Sizes of its dimensions, ``(images, rows, columns)`` or ``(labels,)``.
    sha256 : str
        SHA-256 of the plain IDX bytes, lower-case hexadecimal.
    gz_size, gz_sha256 : int or None, str or None
        The same for the original gzip file, where there is one. A ``.gz`` with other bytes but the
        same content is as good; these serve to continue a broken download and to skip work.
    """

    name: str
    split: Split
    role: Role
    shape: tuple[int, ...]
    sha256: str
    gz_size: int | None = None
    gz_sha256: str | None = None

    @cached_property
    def header(self) -> bytes:
        """The IDX header its shape implies: magic number, then each size as big-endian uint32."""
        magic = bytes((0, 0, 8, len(self.shape)))
        return magic + b"".join(size.to_bytes(4, "big") for size in self.shape)

    @cached_property
    def size(self) -> int:
        """Bytes of the plain IDX file."""
        return len(self.header) + prod(self.shape)
