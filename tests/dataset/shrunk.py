"""Every data set of the registry with few made-up images, in the very forms that it comes in."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.datafile import Carrier, DataFile
from mnist_tool.dataset.registry import DATASETS, Dataset

__all__ = ["LOST", "Shrunk", "registered", "shrunk"]

COUNTS = {"train": 240, "test": 180, "nist": 30}
# Where the split test50k begins.
LOST = 30


@dataclass
class Shrunk:
    """A small row and what it consists of.

    Parameters
    ----------
    dataset : Dataset
        The row: names, classes and forms of the real one.
    plain : dict of str to bytes
        The IDX files by their names.
    packed : dict of str to bytes
        What mirrors have, by their names there.
    """

    dataset: Dataset
    plain: dict[str, bytes]
    packed: dict[str, bytes]

    def lay_down(self, root: Path) -> None:
        """Put the plain files where torchvision has them, as somebody else would."""
        raw = root / self.dataset.folder / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for name, content in self.plain.items():
            (raw / name).write_bytes(content)


def _values(file: DataFile, dataset: Dataset, shape: tuple[int, ...]) -> bytes:
    """Draw pixels, or labels among which every class is."""
    random = np.random.RandomState(len(dataset.name) + shape[0])
    values = random.randint(0, 256, shape).astype(file.dtype)
    if file.role == "labels":
        classes = np.arange(shape[0]) % len(dataset.classes) + dataset.first_label
        values[(...,) if values.ndim == 1 else (..., 0)] = random.permutation(classes)
    return encode(values)


def _pack(name: str, members: dict[str, bytes]) -> bytes:
    """Make a published file of this name: zip, npz, xz or gzip."""
    if name.endswith(".xz"):
        [content] = members.values()
        return lzma.compress(content)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():  # without the time of day: the same at each time
            if member.endswith(".npy"):
                array = io.BytesIO()
                head = 4 + 4 * content[3]
                shape = tuple(np.frombuffer(content, ">u4", content[3], 4).tolist())
                np.save(array, np.frombuffer(content[head:], np.uint8).reshape(shape))
                archive.writestr(zipfile.ZipInfo(member), array.getvalue())
            else:
                info = zipfile.ZipInfo(f"gzip/{member}")
                archive.writestr(info, gzip.compress(content, 1, mtime=0))
    return buffer.getvalue()


def shrunk(name: str) -> Shrunk:
    """Make a small one of a registered data set."""
    real = DATASETS[name]
    # Those that share a folder come out of the same published files.
    family = [row for row in DATASETS.values() if row.folder == real.folder]
    plain: dict[str, bytes] = {}
    inside: dict[str, dict[str, bytes]] = {}
    for row in family:
        for file in row.files:
            shape = (COUNTS[file.split], *file.shape[1:])
            plain[file.name] = _values(file, row, shape)
            for carrier in file.carriers[:1]:
                member = carrier.member or file.name
                inside.setdefault(carrier.name, {})[member] = plain[file.name]
    packed = {carrier: _pack(carrier, members) for carrier, members in inside.items()}
    files = []
    for file in real.files:
        content, zipped = plain[file.name], gzip.compress(plain[file.name], mtime=0)
        if not file.carriers:
            packed[f"{file.name}.gz"] = zipped
        files.append(
            replace(
                file,
                shape=(COUNTS[file.split], *file.shape[1:]),
                sha256=hashlib.sha256(content).hexdigest() if file.sha256 else "",
                gz_size=len(zipped) if file.gz_size else None,
                gz_sha256=hashlib.sha256(zipped).hexdigest() if file.gz_sha256 else None,
                carriers=tuple(_carrier(each, packed) for each in file.carriers[:1]),
            )
        )
        assert len(content) == prod(files[-1].shape) * (4 if file.dtype == ">i4" else 1) + len(
            files[-1].header
        )
    splits = tuple(
        replace(split, start=LOST if split.start else 0, stop=LOST if split.stop else None)
        for split in real.splits
    )
    own = {file.name: plain[file.name] for file in files}
    small = replace(real, files=tuple(files), splits=splits, sources=())
    return Shrunk(small, own, packed)


def _carrier(carrier: Carrier, packed: dict[str, bytes]) -> Carrier:
    content = packed[carrier.name]
    digest = hashlib.new(carrier.algorithm, content).hexdigest()
    return replace(carrier, digest=digest, size=len(content) if carrier.size else None)


@contextmanager
def registered(*names: str) -> Iterator[dict[str, Shrunk]]:
    """Put small ones in the place of these data sets for as long as the block lasts."""
    before = dict(DATASETS)
    small = {name: shrunk(name) for name in names}
    DATASETS.update({name: each.dataset for name, each in small.items()})
    try:
        yield small
    finally:
        DATASETS.update(before)
