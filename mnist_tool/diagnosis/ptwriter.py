"""Write ``processed/*.pt`` in the format every torch since 0.4 reads, without any torch."""

from __future__ import annotations

import pickle
import struct
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

from mnist_tool.dataset.arrays import read_bytes
from mnist_tool.dataset.store import Store
from mnist_tool.files import make_folder, replacing

__all__ = ["PROCESSED_NAMES", "legacy_chunks", "write_processed"]

Plain = bytes | memoryview
PROCESSED_NAMES = {"train": "training.pt", "test": "test.pt"}

# The layout is torch's own (torch/serialization.py, _legacy_save): five pickles, then each storage
# as its number of elements and its elements, all little-endian.
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
SYSTEM = {
    "protocol_version": PROTOCOL_VERSION,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}


def legacy_chunks(pixels: Plain, shape: tuple[int, ...], labels: Plain) -> Iterator[Plain]:
    """Yield the file that ``torch.save((images, labels), ...)`` of torch before 1.6 would write.

    Parameters
    ----------
    pixels : bytes or memoryview
        The images, one byte per pixel, row by row.
    shape : tuple of int
        Images, rows, columns.
    labels : bytes or memoryview
        One byte per image; they become int64, as torchvision stored them.

    Yields
    ------
    bytes or memoryview
        The parts of the file, in order: a tuple of uint8 `shape` and int64 ``shape[:1]``.
    """
    for head in (MAGIC_NUMBER, PROTOCOL_VERSION, SYSTEM):
        yield pickle.dumps(head, protocol=2)
    images = _tensor("ByteStorage", "0", shape)
    targets = _tensor("LongStorage", "1", (len(labels),))
    yield b"\x80\x02" + images + targets + pickle.TUPLE2 + pickle.STOP
    yield pickle.dumps(["0", "1"], protocol=2)
    yield struct.pack("<q", len(pixels))
    yield pixels
    wide = array("q")
    wide.extend(labels)  # array("q", labels) would take the bytes for machine words
    if sys.byteorder == "big":
        wide.byteswap()
    yield struct.pack("<q", len(labels))
    yield wide.tobytes()


def _tensor(storage: str, key: str, shape: tuple[int, ...]) -> bytes:
    """Return the opcodes that call ``torch._utils._rebuild_tensor_v2`` for a whole storage.

    They are written one by one because the pickle module would import torch to check the names.
    """
    strides = tuple(_product(shape[axis + 1 :]) for axis in range(len(shape)))
    persistent = (
        pickle.MARK
        + _plain("storage")
        + _global("torch", storage)
        + _plain(key)
        + _plain("cpu")
        + _plain(_product(shape))
        + pickle.NONE
        + pickle.TUPLE
        + pickle.BINPERSID
    )
    hooks = _global("collections", "OrderedDict") + pickle.EMPTY_TUPLE + pickle.REDUCE
    arguments = (
        pickle.MARK
        + persistent
        + _plain(0)
        + _plain(shape)
        + _plain(strides)
        + pickle.NEWFALSE
        + hooks
        + pickle.TUPLE
    )
    return _global("torch._utils", "_rebuild_tensor_v2") + arguments + pickle.REDUCE


def _global(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def _plain(value: str | int | tuple[int, ...]) -> bytes:
    """Return the opcodes that push a plain value and leave the memo alone."""
    if isinstance(value, tuple):
        return pickle.MARK + b"".join(map(_plain, value)) + pickle.TUPLE
    if isinstance(value, int):
        return pickle.BININT + struct.pack("<i", value)
    text = value.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(text)) + text


def _product(sizes: tuple[int, ...]) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result


def write_processed(store: Store, processed: Path) -> list[Path]:
    """Write ``training.pt`` and ``test.pt`` from verified raw files.

    Parameters
    ----------
    store : Store
        Where the raw files lie; each is verified as it is read.
    processed : Path
        Folder to write to; made where it is missing. Files of these names are replaced.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    MissingDataError, CorruptDataError
        If a raw file is not there or is not the registered one; then nothing is written for it.
    StorageError
        If the folder cannot be written.
    """
    written = []
    for split, name in PROCESSED_NAMES.items():
        images, labels = (store.dataset.file(split, role) for role in ("images", "labels"))
        pixels = read_bytes(store, images)[len(images.header) :]
        chunks = legacy_chunks(
            pixels, images.shape, read_bytes(store, labels)[len(labels.header) :]
        )
        written.append(_install(processed / name, chunks))
    return written


def _install(path: Path, chunks: Iterator[Plain]) -> Path:
    make_folder(path.parent)
    with replacing(path) as stream:
        for chunk in chunks:
            stream.write(chunk)
    return path
