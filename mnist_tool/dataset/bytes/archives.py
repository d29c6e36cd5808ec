"""Look into anything - gzip, zip, tar, npz, a folder - and yield the IDX files inside.

Members are judged by their content. Their names never become paths, links and devices are not
followed, and sizes, counts and nesting are capped, so that a hostile archive can only be useless.
"""

from __future__ import annotations

import gzip
import io
import itertools
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mnist_tool.dataset.bytes.carried import Digests
from mnist_tool.dataset.bytes.damage import HINT, damage, damaged
from mnist_tool.dataset.bytes.forms import npy
from mnist_tool.dataset.bytes.idx import TYPES
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    from mnist_tool.dataset.bytes.containers import Member

__all__ = ["CONTAINERS", "HEAD", "Capped", "Contents", "Limits", "Rejected", "kind_of"]

# Enough bytes for every sign below: a tar's magic stands at 257, a page's title somewhat later.
HEAD = 4096
# Bytes after which a reader asks whether anybody still waits for them.
ASKED_EVERY = 1 << 20

MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x93NUMPY", "npy"),
    (b"version https://git-lfs", "lfs"),
    (b"\x80\x02", "pickle"),
    (b"\x80\x03", "pickle"),
    (b"\x80\x04", "pickle"),
    (b"\x80\x05", "pickle"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"PAR1", "parquet"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
)
# What is looked into.
CONTAINERS = {"gzip", "bzip2", "xz", "zip", "tar"}


def kind_of(head: bytes) -> str:
    """Return what kind of bytes these are.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes of a file, or all of a shorter one.

    Returns
    -------
    str
        One word: ``"empty"``, ``"gzip"``, ``"bzip2"``, ``"xz"``, ``"zip"``, ``"tar"``, ``"npy"``,
        ``"idx"``, ``"html"``, ``"xml"``, ``"json"``, ``"lfs"``, ``"pickle"``, ``"zstd"``, ``"7z"``,
        ``"rar"``, ``"parquet"``, ``"hdf5"``, ``"text"`` or ``"unknown"``.

    Examples
    --------
    >>> kind_of(bytes.fromhex("1f8b0808"))
    'gzip'
    >>> kind_of(b"<!DOCTYPE html><title>Sign in</title>")
    'html'
    """
    if not head:
        return "empty"
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    if len(head) >= 4 and head[:2] == b"\0\0" and head[2] in TYPES and len(head) >= 4 + 4 * head[3]:
        return "idx"
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")) or b"<html" in start:
        return "html"
    if start.startswith((b"<?xml", b"<error")):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    return "text" if printable == len(head) else "unknown"


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


def _nothing() -> None:
    """Let every read go on."""


class Capped(io.RawIOBase):
    """A stream that shows its first bytes, stops at a cap, and raises only our errors.

    Parameters
    ----------
    source : Readable
        Where the bytes come from; may raise whatever the standard library raises on damage.
    cap : int
        Bytes after which it raises a `FormatError`.
    go_on : callable
        Called before the first read and after each MiB; what it raises ends the reading.
    digests : Digests, optional
        Told of all bytes; see `carried.Carried`.
    """

    def __init__(
        self,
        source: Readable,
        cap: int,
        go_on: Callable[[], None] = _nothing,
        digests: Digests | None = None,
    ) -> None:
        self.within: Capped | None = None
        self.member = ""
        self.alone = False
        self.digests = digests
        self._source = source
        self._go_on = go_on
        self._left = cap
        self._unasked = 0  # bytes that may still be read before `go_on` is called again
        self.head = b""
        while len(self.head) < HEAD and (more := self._pull(HEAD - len(self.head))):
            self.head += more
        self._unread = self.head

    def begin_with(self, length: int, header: bytes) -> None:
        """Put `header` in the place of the first `length` bytes, which `head` shows."""
        self._unread = header + self.head[length:]

    def _pull(self, size: int) -> bytes:
        if self._unasked <= 0:
            self._go_on()
            self._unasked = ASKED_EVERY
        size = min(size, self._left + 1)
        try:
            chunk = self._source.read(size)
        except damage() as error:
            raise damaged(error) from error
        if self.digests is not None:
            self.digests.update(chunk)
        self._left -= len(chunk)
        self._unasked -= len(chunk)
        if self._left < 0:
            raise FormatError("it unpacks to more than any data set here", hint=HINT)
        return chunk

    def file(self) -> BinaryIO | None:
        """Return the file on the disk that it reads, where its digests are of use to anybody.

        All of it has been read then, so that they are complete.
        """
        if self.digests is None or not isinstance(self._source, io.BufferedReader):
            return None
        while self.read(ASKED_EVERY):
            pass
        return self._source

    def readable(self) -> bool:
        """Say yes, as a file that is open for reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return that many bytes, fewer only at the end; never all at once."""
        if size < 0:
            raise FormatError("it cannot be read at once", hint=HINT)
        if self._unread:
            chunk, self._unread = self._unread[:size], self._unread[size:]
            return chunk
        return self._pull(size)


@dataclass(frozen=True)
class Rejected:
    """What was there in the place of a file that is wanted.

    Parameters
    ----------
    name : str
        Its own, those of its containers in front.
    reason : str
        What is wrong with it; empty where it is another kind of file altogether.
    head : bytes
        Its first bytes, in that case.
    """

    name: str
    reason: str = ""
    head: bytes = b""


@dataclass
class Contents:
    """The IDX files inside something, however it is packed, and what was there instead.

    Parameters
    ----------
    go_on : callable
        Called before the first read and after each MiB; what it raises ends the looking.
    limits : Limits
        The caps.
    rejected : list of Rejected
        What was there instead, the telling ones first.
    ignored : int
        How many members were not worth a word.
    algorithms : collection of str
        The digests by which published files are to be known, see `carried`; none by default.
    """

    go_on: Callable[[], None] = _nothing
    limits: Limits = field(default_factory=Limits)
    algorithms: Collection[str] = ()
    rejected: list[Rejected] = field(default_factory=list)
    ignored: int = 0
    _members: int = 0

    def of_stream(
        self,
        source: Readable,
        name: str,
        depth: int = 0,
        within: Capped | None = None,
        member: str = "",
    ) -> Iterator[tuple[str, Readable]]:
        """Look into one stream; what is wrong with it is noted in `rejected`.

        Parameters
        ----------
        source : Readable
            The bytes: an IDX file, an archive, or either of them compressed.
        name : str
            How messages call it.
        depth : int
            How many containers it was found in.
        within, member
            The innermost of them, and the name it has there.

        Yields
        ------
        tuple of (str, Readable)
            The name of an IDX file, those of its containers in front, and its plain bytes, to be
            read before the next one is asked for.
        """
        try:
            digests = Digests(self.algorithms) if self.algorithms else None
            stream = Capped(source, self.limits.plain, self.go_on, digests)
            stream.within, stream.member = within, member.rpartition("/")[2]
            yield from self._inside(stream, name, depth)
        except FormatError as error:
            self.reject(name, error.message, first=not depth)

    def of_folder(self, folder: Path) -> Iterator[tuple[str, Readable]]:
        """Look into every file of a folder and the folders in it; see `of_stream`."""
        for path in itertools.islice(_files_below(folder), self.limits.members):
            try:
                with path.open("rb") as stream:
                    yield from self.of_stream(stream, str(path))
            except OSError as error:  # noqa: PERF203 - each file may fail in its own way
                self.reject(str(path), f"it cannot be read: {error.strerror}")

    def reject(self, name: str, reason: str, *, first: bool = False) -> None:
        """Note what is wrong with something; with the whole, it says more than with members."""
        at = 0 if first else len(self.rejected)
        self.rejected.insert(at, Rejected(name, reason))

    def _inside(self, stream: Capped, name: str, depth: int) -> Iterator[tuple[str, Readable]]:
        kind = kind_of(stream.head)
        if kind in CONTAINERS and depth >= self.limits.depth:
            raise FormatError(f"it is packed more than {self.limits.depth} times", hint=HINT)
        if kind == "gzip":
            plain = gzip.GzipFile(fileobj=stream, mode="rb")
            yield from self._alone_in(stream, plain, name, depth)
        elif kind in {"bzip2", "xz"}:
            from mnist_tool.dataset.bytes import compressed  # seldom needed

            unpack = {"bzip2": compressed.bzip2, "xz": compressed.xz}[kind]
            yield from self._alone_in(stream, unpack(stream), name, depth)
        elif kind in {"zip", "tar"}:
            for member, content in self._members_of(stream, kind):
                if isinstance(content, FormatError):
                    self.reject(f"{name}/{member}", content.message)
                elif content is None:
                    self.ignored += 1
                else:
                    inside = f"{name}/{member}"
                    yield from self.of_stream(content, inside, depth + 1, stream, member)
        elif kind == "idx":
            stream.digests = None  # whoever takes it computes its own
            yield name, stream
        elif kind == "npy":
            stream.begin_with(*npy.as_idx(stream.head))
            yield name, stream
        elif name.rpartition("/")[2].startswith("._") or (depth and kind in {"unknown", "empty"}):
            self.ignored += 1  # AppleDouble decoys, and strangers inside an archive
        else:
            self.rejected.append(Rejected(name, head=stream.head))

    def _alone_in(
        self, outer: Capped, plain: Readable, name: str, depth: int
    ) -> Iterator[tuple[str, Readable]]:
        outer.alone = True
        yield from self.of_stream(plain, name, depth + 1, outer)

    def _members_of(self, stream: Capped, kind: str) -> Iterator[Member]:
        """Yield the members of a tar or a zip, as long as there are not too many."""
        from mnist_tool.dataset.bytes import containers  # the library behind it loads slowly

        most = self.limits.members
        tar = kind == "tar"
        members = (
            containers.tar_members(stream)
            if tar
            else containers.zip_members(stream, most, stream.file())
        )
        for member in members:
            self._members += 1
            if self._members > most:
                raise containers.too_many(most)
            yield member


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the plain files; a named pipe would be waited for without end."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(base, name)).is_file())
