"""Look into anything - gzip, zip, tar, npz, a folder - and yield the IDX files inside.

Members are judged by their content. Their names never become paths, links and devices are not
followed, and sizes, counts and nesting are capped, so that a hostile archive can only be useless.
"""

from __future__ import annotations

import gzip
import io
import itertools
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mnist_tool.dataset.bytes.carried import Digests
from mnist_tool.dataset.bytes.damage import HINT, damage, damaged
from mnist_tool.dataset.bytes.forms import delimited, matlab, npy, parquet, pickled
from mnist_tool.dataset.bytes.kinds import HEAD, kind_of
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    from mnist_tool.dataset.bytes.containers import ArchiveMember
    from mnist_tool.dataset.bytes.forms.pictures import Pictures
    from mnist_tool.dataset.bytes.forms.values import InMemory

    Values = tuple[str, InMemory]

__all__ = ["CONTAINERS", "READERS", "Capped", "Contents", "Limits", "Rejected"]

# Bytes after which a reader asks whether anybody still waits for them.
ASKED_EVERY = 1 << 20

# What is looked into.
CONTAINERS = {"gzip", "bzip2", "xz", "zip", "tar", "ar"}
# What holds the numbers of IDX files in another form.
READERS = {
    "npy": npy.read,
    "pickle": pickled.read,
    "table": delimited.read_csv,
    "arff": delimited.read_arff,
    "parquet": parquet.read,
    "matlab": matlab.read,
}
# What is wrong with so many things is noted; a few of them are told.
MOST_REJECTED = 100


@dataclass(frozen=True)
class Limits:
    """How much of an archive is looked at before it is given up.

    Parameters
    ----------
    plain : int
        Bytes read from any one stream, after decompression.
    form : int
        The same for the numbers of IDX files in another form, which may take eight bytes each.
    forms : int
        Bytes read of all that is in another form.
    members : int
        Members of one archive, or files of one folder, pictures apart.
    pictures : int
        Pictures of one archive or folder.
    depth : int
        How deep containers may be nested (a gzip file in a tar in a gzip file is 3).
    """

    plain: int = 256 << 20
    form: int = 512 << 20
    forms: int = 2 << 30
    members: int = 10_000
    pictures: int = 100_000
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
        self.digests = digests
        self._source = source
        self._go_on = go_on
        self.left = cap
        self._unasked = 0  # bytes that may still be read before `go_on` is called again
        self.head = b""
        while len(self.head) < HEAD and (more := self._pull(HEAD - len(self.head))):
            self.head += more
        self._unread = self.head

    def _pull(self, size: int) -> bytes:
        if self._unasked <= 0:
            self._go_on()
            self._unasked = ASKED_EVERY
        size = min(size, self.left + 1)
        try:
            chunk = self._source.read(size)
        except damage() as error:
            raise damaged(error) from error
        if self.digests is not None:
            self.digests.update(chunk)
        self.left -= len(chunk)
        self._unasked -= len(chunk)
        if self.left < 0:
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
    arrange : callable
        Takes the values that were found in another form, and yields those of one file each.
    """

    go_on: Callable[[], None] = _nothing
    limits: Limits = field(default_factory=Limits)
    algorithms: Collection[str] = ()
    rejected: list[Rejected] = field(default_factory=list)
    ignored: int = 0
    arrange: Callable[[Iterable[Values]], Iterable[Values]] = iter
    _pictures: Pictures | None = None  # found so far; they become files at the end
    _pictured: int = 0
    _members: int = 0
    _converted_bytes: int = 0

    def idx_files(self, source: Readable | Path, name: str) -> Iterator[tuple[str, Readable]]:
        """Look into a stream, or every file below a folder; note what is wrong in `rejected`.

        Parameters
        ----------
        source : Readable or Path
            The bytes: an IDX file or another form of it, an archive, or either of them compressed.
            Or a folder of such files.
        name : str
            How messages call it; a folder's files have their paths for names.

        Yields
        ------
        tuple of (str, Readable)
            The name of an IDX file, those of its containers in front, and its plain bytes, to be
            read before the next one is asked for.
        """
        if isinstance(source, Path):
            yield from self._files_below(source)
        else:
            yield from self._look_into(source, name, 0)
        if self._pictures is not None:
            yield from self.arrange(self._pictures.files())

    def _files_below(self, folder: Path) -> Iterator[tuple[str, Readable]]:
        """Look into every file of a folder and the folders in it."""
        for path in itertools.islice(self._plain_files(folder), self.limits.pictures):
            try:
                with path.open("rb") as stream:
                    yield from self._look_into(stream, str(path), 0)
            except OSError as error:  # noqa: PERF203 - each file may fail in its own way
                self._unread(error)

    def _plain_files(self, folder: Path) -> Iterator[Path]:
        """Yield the plain files below a folder that hold bytes.

        A named pipe would be waited for without end, and so would some of the files of a running
        kernel, which say that they are empty.
        """
        for base, folders, names in os.walk(folder, onerror=self._unread):
            folders.sort()
            for path in map(Path(base).joinpath, sorted(names)):
                try:
                    if not path.is_file():
                        continue
                    if path.stat().st_size:
                        yield path
                    else:
                        self.reject(str(path))
                except OSError as error:
                    self._unread(error)

    def _unread(self, error: OSError) -> None:
        self.reject(str(error.filename), f"it cannot be read: {error.strerror}")

    def reject(
        self, name: str, reason: str = "", *, head: bytes = b"", first: bool = False
    ) -> None:
        """Note what is wrong with something; with the whole, it says more than with members."""
        rejected = Rejected(name, reason, head)
        if rejected not in self.rejected and (first or len(self.rejected) < MOST_REJECTED):
            self.rejected.insert(0 if first else len(self.rejected), rejected)

    def _look_into(
        self,
        source: Readable,
        name: str,
        depth: int,
        within: Capped | None = None,
        member: str = "",
    ) -> Iterator[tuple[str, Readable]]:
        """Look into one stream, found in `depth` containers; the innermost calls it `member`."""
        try:
            digests = Digests(self.algorithms) if self.algorithms else None
            stream = Capped(source, self.limits.plain, self.go_on, digests)
            stream.within, stream.member = within, member.rpartition("/")[2]
            yield from self._inside(stream, name, depth)
        except FormatError as error:
            self.reject(name, error.message, first=not depth)

    def _inside(self, stream: Capped, name: str, depth: int) -> Iterator[tuple[str, Readable]]:
        kind = kind_of(stream.head)
        if kind in CONTAINERS and depth >= self.limits.depth:
            raise FormatError(f"it is packed more than {self.limits.depth} times", hint=HINT)
        if kind == "gzip":
            plain = gzip.GzipFile(fileobj=stream, mode="rb")
            yield from self._look_into(plain, name, depth + 1, stream)
        elif kind in {"bzip2", "xz"}:
            from mnist_tool.dataset.bytes import compressed  # seldom needed

            unpack = {"bzip2": compressed.bzip2, "xz": compressed.xz}[kind]
            yield from self._look_into(unpack(stream), name, depth + 1, stream)
        elif kind in {"zip", "tar", "ar"}:
            yield from self._members_of(stream, kind, name, depth)
        elif name.rpartition("/")[2].startswith("._") or (depth and kind in {"unknown", "empty"}):
            self.ignored += 1  # AppleDouble decoys, and strangers inside an archive
        elif kind == "idx":
            stream.digests = None  # whoever takes it computes its own
            yield name, stream
        elif kind == "png":
            self._picture(name, stream)
        elif kind in READERS:
            yield from self._converted(stream, kind, name)
        else:
            self.reject(name, head=stream.head)

    def _members_of(
        self, stream: Capped, kind: str, name: str, depth: int
    ) -> Iterator[tuple[str, Readable]]:
        """Look into the members of an archive, as long as there are not too many."""
        from mnist_tool.dataset.bytes import containers  # the library behind it loads slowly

        limits = self.limits
        members: Iterator[ArchiveMember]
        if kind == "zip":
            members = containers.zip_members(stream, limits.pictures, stream.file())
        else:
            reader = {"tar": containers.tar_members, "ar": containers.ar_members}[kind]
            members = reader(stream)
        for member, content in members:
            pictures = self._pictured
            if isinstance(content, FormatError):
                self.reject(f"{name}/{member}", content.message)
            elif content is None:
                self.ignored += 1
            else:
                inside = f"{name}/{member}"
                yield from self._look_into(content, inside, depth + 1, stream, member)
            self._members += self._pictured == pictures
            if self._members > limits.members or self._pictured > limits.pictures:
                raise containers.too_many(limits.members)

    def _converted(self, stream: Capped, kind: str, name: str) -> Iterator[tuple[str, Readable]]:
        """Read another form, as long as there was not too much of that."""
        if self._converted_bytes > self.limits.forms:
            raise FormatError("there is too much before it", hint=HINT)
        stream.left += max(0, self.limits.form - self.limits.plain)
        before = stream.left
        try:
            yield from self.arrange(self._in(stream, READERS[kind](stream, name)))
        finally:
            self._converted_bytes += before - stream.left

    def _in(self, stream: Capped, found: Iterable[Values]) -> Iterator[Values]:
        """Let what a stream holds know in what it was found."""
        for name, values in found:
            values.within, values.member = stream.within, stream.member
            yield name, values

    def _picture(self, name: str, stream: Capped) -> None:
        """Take one picture; with others it becomes a file at the end."""
        from mnist_tool.dataset.bytes.forms.pictures import Pictures  # seldom needed

        self._pictures = self._pictures or Pictures()
        self._pictures.add(name, stream)
        self._pictured += 1
