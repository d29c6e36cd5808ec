"""The members of a tar, a zip or an ar, one by one, without trusting what the archive says."""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import BinaryIO

from mnist_tool.dataset.bytes.compressed import bzip2, lzma_of_zip
from mnist_tool.dataset.bytes.damage import HINT, damage_told
from mnist_tool.dataset.bytes.readable import Readable, read_exactly
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.errors import FormatError
from mnist_tool.files import storing
from mnist_tool.folders import OTHER_SCRATCH, scratch_folder

__all__ = ["ArchiveMember", "ar_members", "tar_members", "too_many", "zip_members"]

CHUNK = 1 << 20
BLOCK = 512
AR_MAGIC, AR_HEADER = b"!<arch>\n", 60
# Types of headers that say something of the next member: pax' and GNU's.
EXTENDED = {b"x", b"g", b"L", b"K"}
# They are kept in memory.
LONGEST_EXTENDED_HEADER = 1 << 20

# A member's printable name; its bytes, ``None`` where it is no plain file, or what is wrong.
ArchiveMember = tuple[str, Readable | FormatError | None]


def too_many(most: int) -> FormatError:
    """Return the error of an archive with more than `most` members."""
    return FormatError(f"it has more than {most:,} members", hint=HINT)


# ---- tar -------------------------------------------------------------------------------------


def tar_members(stream: Readable) -> Iterator[ArchiveMember]:
    """Yield the members of a tar that are no folders, as they come.

    The standard library's reader keeps extended headers in memory however long they are, counts
    through sizes that no disk has, and gives a whole archive up for one odd header. Of all that a
    header says, only size, type and name matter here (POSIX.1-1988 ustar, and pax' ``size``).

    Parameters
    ----------
    stream : Readable
        The archive from its beginning.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    extended: dict[str, str] = {}
    while (header := read_exactly(stream, BLOCK)).strip(b"\0"):
        kind = header[156:157]
        size = _tar_size(header, {} if kind in EXTENDED else extended)
        if kind in EXTENDED:
            if size > LONGEST_EXTENDED_HEADER:
                raise FormatError(f"it has an extended header of {size:,} bytes", hint=HINT)
            content = read_exactly(stream, size)
            _skip(stream, -size % BLOCK)
            extended |= _extended(kind, content)
            continue
        name = extended.get("path") or _text(header[:100])
        extended = {}
        part = _Part(stream, size)
        if kind in {b"0", b"7", b"\0"}:
            yield printable(name), part
        elif kind != b"5":
            yield printable(name), None
        if kind == b"S":
            _skip_sparse_map(stream, header)
        if _skip(stream, part.left):
            raise FormatError("it is damaged: it ends within a member", hint=HINT)
        _skip(stream, -size % BLOCK)


def _tar_size(header: bytes, extended: dict[str, str]) -> int:
    """Return the size a header gives, if its checksum shows that it is a header."""
    size = header[124:136]
    try:
        blank = header[:148] + b" " * 8 + header[156:]
        if len(header) < BLOCK or int(header[148:156].strip(b"\0 "), 8) != sum(blank):
            raise ValueError
        if size[:1] == b"\x80":  # too long for octal digits
            return int.from_bytes(size[1:], "big")
        digits, base = (extended["size"], 10) if "size" in extended else (size.strip(b"\0 "), 8)
        if (count := int(digits or b"0", base)) < 0:
            raise ValueError
        return count
    except ValueError:
        raise FormatError("it is damaged: a member has no proper header", hint=HINT) from None


def _extended(kind: bytes, content: bytes) -> dict[str, str]:
    """Return what matters here of a pax header (``x``) or a long name of GNU's (``L``)."""
    if kind == b"L":
        return {"path": _text(content)}
    found = {}
    while kind == b"x" and (length := re.match(rb"[1-9][0-9]{0,8} ", content)):
        record, content = content[: int(length[0])], content[int(length[0]) :]
        key, _, value = record[length.end() : -1].partition(b"=")
        if key in {b"path", b"size"}:
            found[key.decode()] = _text(value)
    return found


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _skip_sparse_map(stream: Readable, header: bytes) -> None:
    """Skip the further blocks of a map of holes, which GNU's tar puts before the content."""
    more = header[482:483]
    while more == b"\1":
        more = read_exactly(stream, BLOCK)[504:505]


class _Part:
    """The next `left` bytes of a stream."""

    def __init__(self, stream: Readable, left: int) -> None:
        self._stream = stream
        self.left = left

    def read(self, size: int, /) -> bytes:
        chunk = self._stream.read(min(size, self.left))
        if not chunk and size and self.left:
            raise EOFError("it ends within a member")
        self.left -= len(chunk)
        return chunk


def _skip(stream: Readable, count: int) -> int:
    """Read so many bytes for nothing, and return how many the stream lacks."""
    while count and (chunk := stream.read(min(CHUNK, count))):
        count -= len(chunk)
    return count


# ---- ar --------------------------------------------------------------------------------------


def ar_members(stream: Readable) -> Iterator[ArchiveMember]:
    """Yield the members of an ar, such as a Debian package, as they come; see `tar_members`.

    Eight bytes, then for each member a header of 60 bytes with its name in the first 16 and its
    size as ten digits at 48, ending in a grave accent and a line feed; contents have even lengths
    (deb(5), ar(5)).
    """
    read_exactly(stream, len(AR_MAGIC))
    while header := read_exactly(stream, AR_HEADER):
        if len(header) < AR_HEADER or header[58:] != b"`\n" or not header[48:58].strip().isdigit():
            raise FormatError("it is damaged: a member has no proper header", hint=HINT)
        part = _Part(stream, int(header[48:58]))
        odd = part.left % 2
        yield printable(_text(header[:16]).rstrip("/ ")), part
        if _skip(stream, part.left):
            raise FormatError("it is damaged: it ends within a member", hint=HINT)
        _skip(stream, odd)


# ---- zip -------------------------------------------------------------------------------------


def zip_members(
    stream: Readable, most: int, file: BinaryIO | None = None
) -> Iterator[ArchiveMember]:
    """Yield the members of a zip that are no folders; see `tar_members`.

    A zip is read from its end, so a stream is first laid down in a temporary file.

    Parameters
    ----------
    stream : Readable
        The archive from its beginning.
    most : int
        So many members are allowed.
    file : binary file, optional
        The archive as it lies on the disk, which is read instead of the stream.

    Raises
    ------
    FormatError
        If it is damaged, or has too many members.
    StorageError
        If there is no room for it.
    """
    if file is not None:
        yield from _members_of_zip(file, most)
        return
    # What the stream and whoever takes the members do is no fault of this folder.
    laying_down = partial(storing, scratch_folder(), OTHER_SCRATCH)
    with laying_down():
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, outside of `storing`
    with _closed(copy):
        while chunk := stream.read(CHUNK):
            with laying_down():
                copy.write(chunk)
                copy.flush()
        yield from _members_of_zip(copy, most)


def _members_of_zip(file: BinaryIO, most: int) -> Iterator[ArchiveMember]:
    _check_directory(file, most)
    with damage_told():
        archive = zipfile.ZipFile(file)
    with archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield printable(member.filename), _opened(archive, file, member)


@contextmanager
def _closed(copy: BinaryIO) -> Iterator[None]:
    """Close a temporary file; one that the disk has refused would say so again."""
    try:
        yield
    finally:
        with suppress(OSError):
            copy.close()


def _opened(
    archive: zipfile.ZipFile, copy: BinaryIO, member: zipfile.ZipInfo
) -> Readable | FormatError | None:
    """Open a member that is a plain file; a zip may note Unix modes, which tell links and devices.

    The library unpacks bzip2 and LZMA as far as the bytes that it reads at once go, which may be
    a million times as far.
    """
    if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
        return None
    if member.flag_bits & 1:
        return FormatError("it is encrypted", hint=HINT)
    gentle = {zipfile.ZIP_BZIP2: bzip2, zipfile.ZIP_LZMA: lzma_of_zip}
    try:
        with damage_told():
            if member.compress_type in gentle:
                return gentle[member.compress_type](_packed(copy, member))
            return archive.open(member)
    except FormatError as error:
        return error


def _packed(copy: BinaryIO, member: zipfile.ZipInfo) -> Readable:
    """Return the packed bytes of a member, behind its own header (APPNOTE 4.3.7)."""
    copy.seek(member.header_offset)
    header = copy.read(30)
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    copy.seek(lengths, 1)
    return _Part(copy, member.compress_size)


def _check_directory(archive: BinaryIO, most: int) -> None:
    """Refuse a zip whose directory is too long, before all of it is read.

    Which of several end records counts is the reader's choice, so none of them may be too long.
    """
    archive.seek(0, 2)
    archive.seek(max(0, archive.tell() - 66_000))
    tail = archive.read()
    ends = ((rb"PK\x05\x06", 12, 4), (rb"PK\x06\x06", 40, 8))  # the second one is zip64's
    for magic, offset, width in ends:
        for match in re.finditer(magic, tail):
            at = match.start() + offset
            size = int.from_bytes(tail[at : at + width], "little")
            if size > most * 128 and size != 0xFFFFFFFF:  # which means: see zip64's
                raise too_many(most)
