"""Look into anything - gzip, zip, tar, npz, a folder - and hand out the IDX files inside.

Members are judged by their content. Their names never become paths, links and devices are not
followed, and sizes, counts and nesting are capped, so that a hostile archive can only be useless.
"""

from __future__ import annotations

import gzip
import itertools
import os
import re
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mnist_tool.dataset.content import Readable
from mnist_tool.dataset.registry import DataFile
from mnist_tool.dataset.sniff import describe, kind_of
from mnist_tool.dataset.streams import HINT, Stream, array_as_idx, damage_named
from mnist_tool.errors import FormatError
from mnist_tool.files import scratch_folder, storing

__all__ = ["Limits", "Sifted", "sift_folder", "sift_stream"]

# What may stand before the first member of a tar, or between two.
HEADERS = 1 << 20
OTHER_SCRATCH = "Or choose another folder with TMPDIR=FOLDER"


@dataclass(frozen=True)
class Limits:
    """How much of an archive is looked at before it is given up.

    Parameters
    ----------
    plain : int
        Bytes read from any one stream, after decompression.
    members : int
        Members of one archive, or files of one folder.
    depth : int
        How deep containers may be nested (a gzip file in a tar in a gzip file is 3).
    """

    plain: int = 192 << 20
    members: int = 10_000
    depth: int = 4


@dataclass
class Sifted:
    """What came out of looking into something.

    Parameters
    ----------
    found : list of DataFile
        What was stored, in the order in which it was found.
    rejected : list of str
        What was there instead, one sentence each, the useful ones first to appear.
    ignored : int
        How many members were neither needed nor worth a word.
    """

    found: list[DataFile] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    ignored: int = 0


# Stores a named stream of plain IDX bytes if it is a wanted file; see `Store.deposit`.
Deposit = Callable[[Readable, str], DataFile | None]
# Says whether nothing is wanted any more.
Done = Callable[[], bool]


class Sifter:
    """Walks through nested containers; one per archive or folder.

    Parameters
    ----------
    deposit : callable
        Takes a stream of plain IDX bytes; returns the file it stored, or ``None``.
    done : callable
        Says when to stop looking.
    limits : Limits
        The caps.
    """

    def __init__(self, deposit: Deposit, done: Done, limits: Limits) -> None:
        self.deposit = deposit
        self.done = done
        self.limits = limits
        self.result = Sifted()
        self._members = 0

    def look(self, source: Readable, name: str, depth: int = 0) -> None:
        """Look into one stream; what is wrong with it becomes a line of the result."""
        try:
            self._look(Stream(source, name, self.limits.plain), name, depth)
        except FormatError as error:
            # What is wrong with the whole says more than what was wrong with its members.
            at = len(self.result.rejected) if depth else 0
            self.result.rejected.insert(at, error.message)

    def _look(self, stream: Stream, name: str, depth: int) -> None:
        kind = kind_of(stream.head)
        if kind in {"gzip", "zip", "tar"} and depth >= self.limits.depth:
            raise FormatError(f"{name} is packed more than {self.limits.depth} times.", hint=HINT)
        if kind == "gzip":
            self.look(gzip.GzipFile(fileobj=stream, mode="rb"), name, depth + 1)
        elif kind == "zip":
            self._look_into_zip(stream, name, depth)
        elif kind == "tar":
            self._look_into_tar(stream, name, depth)
        elif kind in {"idx", "npy"}:
            self._take(stream if kind == "idx" else array_as_idx(stream, name), name)
        elif name.rpartition("/")[2].startswith("._") or (depth and kind in {"unknown", "empty"}):
            self.result.ignored += 1  # AppleDouble decoys, and strangers inside an archive
        else:
            self.result.rejected.append(f"{name} is {describe(stream.head)}")

    def _take(self, stream: Readable, name: str) -> None:
        try:
            file = self.deposit(stream, name)
        except FormatError as error:
            raise FormatError(f"{name}: {error.message}", hint=error.hint) from error
        if file is None:
            self.result.ignored += 1
        else:
            self.result.found.append(file)

    def _count_member(self, name: str) -> bool:
        """Return whether the next member may be looked at."""
        if self.done():
            return False
        self._members += 1
        if self._members > self.limits.members:
            raise FormatError(f"{name} has more than {self.limits.members:,} members.", hint=HINT)
        return True

    def _look_into_tar(self, stream: Stream, name: str, depth: int) -> None:
        for member, content in _tar_members(stream, name):
            if not self._count_member(name):
                return
            if content is None:
                self.result.ignored += not member.isdir()
            else:
                self.look(content, f"{name}/{_printable(member.name)}", depth + 1)

    def _look_into_zip(self, stream: Stream, name: str, depth: int) -> None:
        with storing(scratch_folder(), OTHER_SCRATCH):
            # A zip is read from its end, so the stream has to be laid down first.
            copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, outside of `storing`
        with copy:
            _lay_down(stream, copy)
            _check_directory(copy, name, self.limits)
            with damage_named(name):
                archive = zipfile.ZipFile(copy)
            with archive:
                for member in archive.infolist():
                    if not self._count_member(name):
                        return
                    self._look_at_member(archive, member, name, depth)

    def _look_at_member(
        self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, depth: int
    ) -> None:
        if not _plain(member):
            self.result.ignored += not member.is_dir()
            return
        label = f"{name}/{_printable(member.filename)}"
        try:
            with damage_named(label):
                content = archive.open(member)
        except FormatError as error:
            self.result.rejected.append(error.message)
            return
        with content:
            self.look(content, label, depth + 1)


def _tar_members(stream: Stream, name: str) -> Iterator[tuple[tarfile.TarInfo, Readable | None]]:
    """Yield each member of a tar and its content, ``None`` where that is not a plain file's."""
    stream.allow(HEADERS)
    with damage_named(name), tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            # The reader keeps a member's extended headers in memory, however long they claim to be.
            stream.allow(member.size + HEADERS)
            plain = member.isreg() and not member.issparse()
            yield member, archive.extractfile(member) if plain else None


def _lay_down(stream: Stream, copy: BinaryIO) -> None:
    while chunk := stream.read(1 << 20):
        with storing(scratch_folder(), OTHER_SCRATCH):
            copy.write(chunk)


def _check_directory(archive: BinaryIO, name: str, limits: Limits) -> None:
    """Refuse a zip whose directory is too long, before all of it is read.

    Which of several end records counts is the reader's choice, so none of them may be too long.
    """
    archive.seek(0, os.SEEK_END)
    archive.seek(max(0, archive.tell() - 66_000))
    tail = archive.read()
    longest = limits.members * 128
    ends = [match.start() for match in re.finditer(rb"PK\x05\x06", tail)]
    sizes = [int.from_bytes(tail[at + 12 : at + 16], "little") for at in ends]
    if b"PK\x06\x07" in tail or any(size > longest for size in sizes):
        raise FormatError(f"{name} has more than {limits.members:,} members.", hint=HINT)


def _plain(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is a plain file, packed in a way that unpacks piece by piece.

    A zip may note Unix modes; links and devices are known by them.
    """
    regular = stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG}
    encrypted = member.flag_bits & 1
    gentle = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return regular and gentle and not encrypted and not member.is_dir()


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:120]


def sift_stream(
    source: Readable, name: str, deposit: Deposit, done: Done, limits: Limits | None = None
) -> Sifted:
    """Look into one stream of whatever kind.

    Parameters
    ----------
    source : Readable
        The bytes: an IDX file, an archive, or either of them compressed.
    name : str
        How messages call it.
    deposit : callable
        Takes a stream of plain IDX bytes and returns the `DataFile` it stored, or ``None``.
    done : callable
        Returns whether nothing is wanted any more.
    limits : Limits, optional
        The caps.

    Returns
    -------
    Sifted
        What was found, and what was there instead.

    Raises
    ------
    StorageError
        If `deposit` cannot write.
    """
    sifter = Sifter(deposit, done, limits or Limits())
    sifter.look(source, name)
    return sifter.result


def sift_folder(folder: Path, deposit: Deposit, done: Done, limits: Limits | None = None) -> Sifted:
    """Look into every file of a folder and the folders in it; see `sift_stream`.

    Raises
    ------
    StorageError
        If `deposit` cannot write.
    """
    limits = limits or Limits()
    sifter = Sifter(deposit, done, limits)
    for path in itertools.islice(_files_below(folder), limits.members):
        if done():
            break
        try:
            with path.open("rb") as stream:
                sifter.look(stream, str(path))
        except OSError as error:
            sifter.result.rejected.append(f"{path} cannot be read: {error.strerror}")
    return sifter.result


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the plain files; a named pipe would be waited for without end."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(base, name)).is_file())
