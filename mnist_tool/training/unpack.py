"""Unpack a checkpoint file: bounded work, and nothing but what `torch.save` makes of plain values.

``weights_only`` keeps torch from running what a file says; but a file of a few bytes may still ask
for gigabytes. So the pickle is looked through first, and torch is handed the very bytes that were.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
from pathlib import Path
from typing import Any

import torch

from mnist_tool.training.validate import Unfit

__all__ = ["unpack"]

LARGEST = 256 << 20  # bytes, packed or unpacked; the largest model takes 6 MB, its optimizer 11
LARGEST_PICKLE = 8 << 20  # its values apart from tensors; 10,000 epochs take 5 MB
MOST_PARTS = 10_000
MOST_NAME = 100  # characters of a name that a message shows

# What torch.save writes of dicts, lists, texts, numbers and tensors, in its own protocol 2.
OPCODES = frozenset(
    "PROTO STOP MARK EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 APPEND APPENDS "  # noqa: SIM905
    "SETITEM SETITEMS BINPUT LONG_BINPUT BINGET LONG_BINGET BINUNICODE BININT BININT1 BININT2 "
    "LONG1 BINFLOAT NONE NEWTRUE NEWFALSE GLOBAL REDUCE BUILD BINPERSID".split()
)
NAMES = frozenset(
    {
        "collections OrderedDict",
        "torch._utils _rebuild_tensor_v2",
        "torch FloatStorage",
        "torch LongStorage",
        "torch ByteStorage",
    }
)


def unpack(path: Path) -> Any:
    """Return the values in a file that `torch.save` made; tensors are on the CPU.

    Raises
    ------
    Unfit
        If there is more in it than plain values and tensors, or a part of it is damaged.
    OSError, zipfile.BadZipFile
        If it cannot be read, or is no zip file.
    """
    if path.stat().st_size > LARGEST:
        raise Unfit(f"it is larger than {LARGEST >> 20} MiB, as no checkpoint of this tool is")
    with zipfile.ZipFile(path) as archive:
        parts = _read(archive)
    name = next(iter(parts), "").partition("/")[0] + "/data.pkl"
    if name not in parts:
        raise Unfit("it has no data.pkl")
    _look_through(parts[name])
    return torch.load(_packed(parts), map_location="cpu", weights_only=True)


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Read all parts, whose sizes are announced, and compare them with their checksums."""
    infos = archive.infolist()
    if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > LARGEST:
        raise Unfit(f"it announces more than {LARGEST >> 20} MiB or {MOST_PARTS} parts")
    if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
        raise Unfit("its parts are compressed, as torch never does")
    if len({info.filename.casefold() for info in infos}) < len(infos):
        raise Unfit("two of its parts have one name")
    return {info.filename: _part(archive, info) for info in infos}


def _part(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, EOFError) as error:
        raise Unfit(f"its part {info.filename[:MOST_NAME]} is damaged") from error


def _look_through(pickled: bytes) -> None:
    if len(pickled) > LARGEST_PICKLE:
        raise Unfit(f"its values take more than {LARGEST_PICKLE >> 20} MiB")
    end = 0
    try:
        for opcode, argument, place in pickletools.genops(pickled):
            if opcode.name not in OPCODES or (opcode.name == "GLOBAL" and argument not in NAMES):
                raise Unfit(
                    "it holds more than numbers and names, such as code; nothing of it was executed"
                )
            end = (place or 0) + 1
    except Unfit:
        raise
    except Exception as error:  # whatever a damaged pickle leads to
        raise Unfit(f"its values are damaged ({error})") from error
    if end < len(pickled):
        raise Unfit("something follows its values")


def _packed(parts: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    buffer.seek(0)
    return buffer
