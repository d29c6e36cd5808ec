"""The members of a tar or a zip, one after the other, without trusting what the archive says."""

from __future__ import annotations

import os
import re
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

from mnist_tool.dataset.bytes.damage import HINT, damage_told
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.errors import FormatError
from mnist_tool.files import scratch_folder, storing

__all__ = ["Member", "tar_members", "too_many", "zip_members"]

# What may stand before the first member of a tar, or between two.
HEADERS = 1 << 20
OTHER_SCRATCH = "Or choose another folder with TMPDIR=FOLDER"

# A member's printable name; its bytes, ``None`` where it is no plain file, or what is wrong.
Member = tuple[str, IO[bytes] | FormatError | None]


def too_many(most: int) -> FormatError:
    """Return the error of an archive with more than `most` members."""
    return FormatError(f"it has more than {most:,} members", hint=HINT)


def tar_members(stream: Any, most: int) -> Iterator[Member]:  # noqa: ARG001 - counted as they come
    """Yield the members of a tar that are no folders, as they come.

    Parameters
    ----------
    stream : archives.Capped
        The archive from its beginning.
    most : int
        So many members are allowed.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    stream.allow(HEADERS)
    with damage_told(), tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            # The reader keeps a member's extended headers in memory, however long they are.
            stream.allow(member.size + HEADERS)
            if not member.isdir():
                plain = member.isreg() and not member.issparse()
                yield printable(member.name), archive.extractfile(member) if plain else None


def zip_members(stream: Any, most: int) -> Iterator[Member]:
    """Yield the members of a zip that are no folders; see `tar_members`.

    A zip is read from its end, so the stream is first laid down in a temporary file.

    Raises
    ------
    FormatError
        If it is damaged, or has too many members.
    StorageError
        If there is no room for it.
    """
    with storing(scratch_folder(), OTHER_SCRATCH):
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, outside of `storing`
    with copy:
        while chunk := stream.read(1 << 20):
            with storing(scratch_folder(), OTHER_SCRATCH):
                copy.write(chunk)
        _check_directory(copy, most)
        with damage_told():
            archive = zipfile.ZipFile(copy)
        with archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield printable(member.filename), _opened(archive, member)


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes] | FormatError | None:
    """Open a member that is a plain file, packed in a way that unpacks piece by piece.

    A zip may note Unix modes; links and devices are known by them.
    """
    regular = stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG}
    encrypted = member.flag_bits & 1
    gentle = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if not regular or encrypted or not gentle:
        return None
    try:
        with damage_told():
            return archive.open(member)
    except FormatError as error:
        return error


def _check_directory(archive: BinaryIO, most: int) -> None:
    """Refuse a zip whose directory is too long, before all of it is read.

    Which of several end records counts is the reader's choice, so none of them may be too long.
    """
    archive.seek(0, os.SEEK_END)
    archive.seek(max(0, archive.tell() - 66_000))
    tail = archive.read()
    ends = [match.start() for match in re.finditer(rb"PK\x05\x06", tail)]
    sizes = [int.from_bytes(tail[at + 12 : at + 16], "little") for at in ends]
    if b"PK\x06\x07" in tail or any(size > most * 128 for size in sizes):
        raise too_many(most)
