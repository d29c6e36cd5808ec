"""Recognise a ``.pt`` file from its bytes alone: its format, its version, and what it would run."""

from __future__ import annotations

import re
import stat
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from mnist_tool.advice import reason
from mnist_tool.dataset.bytes.kinds import HEAD, kind_of
from mnist_tool.dataset.bytes.recognise import describe
from mnist_tool.diagnosis.pickles import (
    CutOffError,
    RefusedError,
    Storage,
    read_plain,
    read_tensors,
)
from mnist_tool.diagnosis.ptzip import LOCAL_SIGN, Member, members, read_member

__all__ = ["LEGACY_START", "PtFile", "recognise"]

# pickle(0x1950a86a20f9469cfc6c), which torch.save wrote first until 1.5 and still does on request.
LEGACY_START = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
PICKLES_LIMIT = 1 << 16  # bytes; the pickles of a data set, which name two tensors, have 700
TENSORS_LIMIT = 1 << 31  # bytes of memory; the largest relative of MNIST needs 0.6 GB
TAR_BLOCK = 512
ZIPPED_NAME = re.compile(
    r"data\.pkl|(\.data/)?version|byteorder|\.format_version|\.storage_alignment"
    r"|\.data/serialization_id|data/\w+",
    re.ASCII,
)


@dataclass(frozen=True)
class PtFile:
    """What a ``.pt`` file is.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        ``zip`` (torch 1.6 and newer), ``legacy`` (torch before 1.6), ``torchscript``, ``tar``
        (before 0.1.10), ``pickle`` (not made by torch.save), ``broken-zip``, ``missing``,
        ``unreadable``, or what `archives.kind_of` calls the bytes (``html``, ``lfs``, ``empty``).
    description : str
        The kind in words.
    size : int
        Bytes.
    version : int or None
        Version number inside a zip: 3 since torch 1.6, 2 before.
    complete : bool
        False where the bytes end too early.
    may_be_tried : bool
        Whether every byte that any torch would unpickle was read and makes plain tensors only; so a
        real ``torch.load`` of it, in a child process, can run nobody else's code.
    refusal : str
        Why not, in words.
    """

    path: Path
    kind: str
    description: str = ""
    size: int = 0
    version: int | None = None
    complete: bool = True
    may_be_tried: bool = False
    refusal: str = ""


def recognise(path: Path) -> PtFile:
    """Look at a file and run nothing of it.

    Parameters
    ----------
    path : Path
        Any file, present or not, of any content.

    Returns
    -------
    PtFile
        What it is; never an exception, because files in any state are the point.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # or no file can be called so
        return PtFile(path, "missing", "not there")
    except OSError as error:
        return PtFile(path, "unreadable", f"unreadable: {reason(error)}")
    if not stat.S_ISREG(found.st_mode):
        return PtFile(path, "unreadable", "not a plain file")
    try:
        with path.open("rb") as stream:
            return _in_stream(path, found.st_size, stream)
    except OSError as error:
        return PtFile(path, "unreadable", f"unreadable: {reason(error)}")


def _in_stream(path: Path, size: int, stream: IO[bytes]) -> PtFile:
    head = stream.read(HEAD)
    # torch before 1.4 tries a tar first, whatever its first member's name makes it begin with.
    if _may_be_tar(head):
        return PtFile(path, "tar", describe(head, size), size)
    if head.startswith(LOCAL_SIGN):
        return _in_zip(PtFile(path, "zip", "the zip format of torch 1.6 and newer", size), stream)
    if head.startswith(LEGACY_START):
        return _in_legacy(PtFile(path, "legacy", "the legacy format", size), stream)
    kind = kind_of(head)
    if kind == "pickle":
        words = "a pickle that torch.save did not write"
        return PtFile(path, kind, words, size, refusal=_refusal(head))
    return PtFile(path, kind, describe(head, size), size)


def _refusal(head: bytes) -> str:
    """Return what a pickle has that one of tensors has not, as far as its first bytes tell."""
    try:
        read_tensors(head, 0, ())
    except RefusedError as error:
        return str(error)
    return ""


def _may_be_tar(head: bytes) -> bool:
    """Whether any Python would take the first block for the header of a tar.

    `tarfile` of another version may read a number or a header differently, but none goes on where
    the sum of the block is not the one that is written in it.
    """
    block, field = head[:TAR_BLOCK], head[148:156]
    if len(block) < TAR_BLOCK:
        return False
    if not any(block):
        return True  # an empty one
    if field[0] in (0o200, 0o377):
        written = int.from_bytes(field[1:], "big")
    else:
        try:
            written = int(field.partition(b"\0")[0].strip(b" \0\t\n\r\v\f") or b"0", 8)
        except ValueError:
            return False
    return written in _tar_sums(block)


def _tar_sums(block: bytes) -> tuple[int, int]:
    """Return the two sums of a tar header's bytes that are in use, its own field left blank."""
    rest = block[:148] + b" " * 8 + block[156:]
    return sum(rest), sum(struct.unpack("512b", rest))


def _in_legacy(file: PtFile, stream: IO[bytes]) -> PtFile:
    """Read the five pickles, which torch unpickles in turn, and count the bytes behind them."""
    stream.seek(0)
    data = stream.read(PICKLES_LIMIT)
    try:
        protocol, position = read_plain(data, len(LEGACY_START))
        system, position = read_plain(data, position)
        storages, position = read_tensors(data, position, (None,))
        keys, position = read_plain(data, position)
        if type(protocol) is not int or type(system) is not dict or type(keys) is not list:
            raise RefusedError("its pickles are not those that torch.save writes")
        if not all(type(key) is str for key in keys) or sorted(keys) != sorted(storages):
            raise RefusedError("it names other storages than it has")
        complete = _has_storages(file, stream, position, [storages[key] for key in keys])
    except CutOffError as error:
        if file.size <= PICKLES_LIMIT:
            return replace(file, complete=False, refusal=str(error))
        return replace(file, refusal="its pickles are longer than any data set's")
    except RefusedError as error:
        return replace(file, refusal=str(error))
    return replace(file, complete=complete, may_be_tried=True)


def _has_storages(file: PtFile, stream: IO[bytes], position: int, storages: list[Storage]) -> bool:
    """Whether the bytes of all storages are there, each behind the number of its elements."""
    _bound(storages)
    for storage in storages:
        stream.seek(position)
        count = stream.read(8)
        if len(count) < 8:
            return False
        if int.from_bytes(count, "little") != storage.count:
            raise RefusedError("a storage has not the size that is written before it")
        position += 8 + storage.size
    return position <= file.size


def _bound(storages: list[Storage]) -> None:
    if sum(storage.size for storage in storages) > TENSORS_LIMIT:
        raise RefusedError("it asks for more memory than any data set needs")


def _in_zip(file: PtFile, stream: IO[bytes]) -> PtFile:
    try:
        listed = {member.name: member for member in members(stream, file.size)}
        if "constants.pkl" in listed or any(name.startswith("code/") for name in listed):
            # Loading a model runs what is in it, though no pickle.
            return replace(file, kind="torchscript", description="a compiled model (TorchScript)")
        version = _version(stream, listed)
        _tensors_only(stream, listed)
    except CutOffError:
        words = "a zip that ends too early"
        return replace(file, kind="broken-zip", description=words, complete=False)
    except RefusedError as error:
        return replace(file, refusal=str(error))
    return replace(file, version=version, may_be_tried=True)


def _version(stream: IO[bytes], listed: dict[str, Member]) -> int | None:
    member = listed.get("version") or listed.get(".data/version")
    text = read_member(stream, member, 20).strip() if member else b""
    return int(text) if text.isdigit() else None


def _tensors_only(stream: IO[bytes], listed: dict[str, Member]) -> None:
    """Refuse an archive with anything but the pickle of tensors and their bytes."""
    for name, member in listed.items():
        if member.packed or not ZIPPED_NAME.fullmatch(name):
            raise RefusedError(f"its archive holds {name[:80]}, which no file of tensors has")
    if "data.pkl" not in listed:
        raise RefusedError("its archive holds no data.pkl")
    data = read_member(stream, listed["data.pkl"], PICKLES_LIMIT)
    try:
        storages, _ = read_tensors(data, 0, ())
    except CutOffError:
        raise RefusedError("its pickle ends too early") from None
    _bound(list(storages.values()))
    for storage in storages.values():
        there = listed.get(f"data/{storage.key}")
        # Old torch reads on behind the end of a member that is too short.
        if there is None or there.size != storage.size:
            raise RefusedError("a storage has not the size that its archive says")
