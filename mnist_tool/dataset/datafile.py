"""One file of a data set, known by its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Literal

__all__ = ["LARGEST_ARCHIVE", "Carrier", "DataFile"]

# Bytes; nothing that most data sets here are packed in is larger: what goes on after them is no
# data. EMNIST's zip is, and says so (`Carrier.size`).
LARGEST_ARCHIVE = 64 << 20

Role = Literal["images", "labels"]
# IDX's byte for each type of values that occurs, and how many bytes a value has.
TYPES = {"u1": (0x08, 1), ">i4": (0x0C, 4)}


@dataclass(frozen=True)
class Carrier:
    """A published file that holds a data file, known by a digest of all its bytes.

    Parameters
    ----------
    name : str
        How it is called where it is published.
    digest : str
        Its SHA-256, or its MD5 where nobody has published more; lower-case hexadecimal.
    size : int, optional
        Its bytes, where they are published.
    member : str
        Last part of the name of the member that is the data file; empty where the carrier is
        nothing but the compressed file.
    """

    name: str
    digest: str
    size: int | None = None
    member: str = ""

    @property
    def algorithm(self) -> str:
        """Name of the digest, for `hashlib.new`."""
        return "md5" if len(self.digest) == 32 else "sha256"


@dataclass(frozen=True)
class DataFile:
    """One IDX file of a data set; its identity is the size and the SHA-256 of its plain bytes.

    Where nobody has published the SHA-256 of the plain bytes, its identity is to have come out of a
    published carrier; what SHA-256 it had then is kept beside it (`Store.expected`).

    Parameters
    ----------
    name : str
        File name under ``raw/``, without ``.gz``.
    split : str
        The part of the data set it belongs to: ``"train"``, ``"test"``, or another file's.
    role : {'images', 'labels'}
        What it holds: uint8 pixels 0 (paper) to 255 (ink), or labels.
    shape : tuple of int
        Sizes of its dimensions: ``(images, rows, columns)``, ``(labels,)`` or
        ``(labels, columns)``, of which the first column is the class.
    sha256 : str
        SHA-256 of the plain IDX bytes, lower-case hexadecimal; empty where it is not published.
    gz_size, gz_sha256 : int or None, str or None
        The same for the original gzip file, where there is one. A ``.gz`` with other bytes but the
        same content is as good; these serve to continue a broken download and to skip work.
    gz_time : str
        When that was packed, as its header says (ISO 8601, UTC); empty where GNU gzip does not make
        the same bytes again.
    any_order : str
        What `reordered.order_free` makes of its values; empty where nobody has hashed them.
    dtype : {'u1', '>i4'}
        NumPy's name of the type of its values.
    carriers : tuple of Carrier
        The published files that it comes out of, other than ``NAME.gz``; the first is the one that
        mirrors have.
    """

    name: str
    split: str
    role: Role
    shape: tuple[int, ...]
    sha256: str = ""
    gz_size: int | None = None
    gz_sha256: str | None = None
    dtype: str = "u1"
    carriers: tuple[Carrier, ...] = ()
    gz_time: str = ""
    any_order: str = ""

    @cached_property
    def header(self) -> bytes:
        """The IDX header its shape implies: magic number, then each size as big-endian uint32."""
        magic = bytes((0, 0, TYPES[self.dtype][0], len(self.shape)))
        return magic + b"".join(size.to_bytes(4, "big") for size in self.shape)

    @cached_property
    def size(self) -> int:
        """Bytes of the plain IDX file."""
        return len(self.header) + prod(self.shape) * TYPES[self.dtype][1]

    @cached_property
    def packed(self) -> str:
        """Name of the file that a mirror has of it."""
        return self.carriers[0].name if self.carriers else f"{self.name}.gz"

    @cached_property
    def proofs(self) -> tuple[Carrier, ...]:
        """The carriers that prove it, where its own SHA-256 is not published; else none."""
        if self.sha256:
            return ()
        own = Carrier(f"{self.name}.gz", self.gz_sha256, self.gz_size) if self.gz_sha256 else None
        return (own, *self.carriers) if own else self.carriers

    @property
    def identity(self) -> str:
        """What it is known by, in short: a SHA-256, or a carrier's digest and the member's name."""
        if self.sha256:
            return self.sha256
        first = self.proofs[0]
        return f"{first.digest[:32]}/{first.member}" if first.member else first.digest
