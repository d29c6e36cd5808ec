"""Read the table of a zip as torch's reader does, and refuse one that torch did not lay out.

Readers of zips differ in where they look for the table, in which of two members of one name they
take and in whether letters' case matters. So only an archive in which all of them must see the same
is read at all: Python's `zipfile` forgives what torch's reader understands otherwise.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from mnist_tool.diagnosis.pickles import CutOffError, RefusedError

__all__ = ["LOCAL_SIGN", "Member", "members", "read_member"]

LOCAL_SIGN = b"PK\x03\x04"
END = struct.Struct("<4s4H2LH")  # signature, two disks, two counts, size, offset, comment
LOCATOR = struct.Struct("<4sLQL")  # signature, disk, offset of END64, disks
END64 = struct.Struct("<4sQ2H2L4Q")  # signature, its size, two versions, then as in END
ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
MOST = 1000  # members; a data set has eight
COMMENT = 1 << 16
SEEN_FLAGS = 0x0808  # sizes also behind the data, names in UTF-8
NAME = re.compile(r"[ -.0-~]+/[ -~]+")  # a folder and a name, in ASCII


@dataclass(frozen=True)
class Member:
    """One member of an archive.

    Parameters
    ----------
    folder, name : str
        The archive's own folder, which every member is in, and the rest of the name.
    offset : int
        Where its header begins.
    size : int
        Bytes, unpacked.
    packed : bool
        Whether it is compressed or has features that torch does not use for tensors.
    """

    folder: str
    name: str
    offset: int
    size: int
    packed: bool


def members(stream: IO[bytes], size: int) -> list[Member]:
    """Read the table of an archive.

    Parameters
    ----------
    stream : binary stream
        The archive.
    size : int
        Its bytes.

    Returns
    -------
    list of Member
        What it holds.

    Raises
    ------
    CutOffError
        If no table is there.
    RefusedError
        If readers could see different members in it.
    """
    count, offset, length = _table(stream, size)
    found = list(_entries(_at(stream, offset, length), count))
    if len({member.folder for member in found}) != 1:
        raise RefusedError("its members are not all in one folder")
    if len({member.name.lower() for member in found}) != len(found):
        raise RefusedError("its archive holds two members of one name")
    for member in found:
        _agree(stream, member, offset)
    return found


def read_member(stream: IO[bytes], member: Member, limit: int) -> bytes:
    """Return the content of a member that is not packed and not larger than `limit`."""
    if member.size > limit:
        raise RefusedError(f"its {member.name} is larger than any data set's")
    start, _ = _content(stream, member)
    return _at(stream, start, member.size)


def _at(stream: IO[bytes], offset: int, length: int) -> bytes:
    stream.seek(offset)
    content = stream.read(length)
    if len(content) < length:
        raise CutOffError("it ends too early")
    return content


def _table(stream: IO[bytes], size: int) -> tuple[int, int, int]:
    """Return how many entries the table has, where it begins and how long it is."""
    at = size - END.size
    tail = _at(stream, max(0, at - COMMENT), min(size, END.size + COMMENT))
    if b"PK\x05\x06" not in tail:
        raise CutOffError("it ends too early")
    sign, disk, first, count, total, length, offset, comment = END.unpack(tail[-END.size :])
    if sign != b"PK\x05\x06" or comment or disk or first or count != total or count > MOST:
        raise RefusedError("its archive does not end as torch ends one")
    end = at
    before = tail[-END.size - LOCATOR.size : -END.size]
    if before.startswith(b"PK\x06\x07"):
        _, disk, end, disks = LOCATOR.unpack(before)
        if disk or disks > 1 or end != at - LOCATOR.size - END64.size:
            raise RefusedError("its archive does not end as torch ends one")
        sign, rest, _, _, *again = END64.unpack(_at(stream, end, END64.size))
        plain = [0, 0, count, count, length, offset]
        if (sign, rest) != (b"PK\x06\x06", END64.size - 12) or again != plain:
            raise RefusedError("its archive has two tables")
    if offset + length != end:
        raise RefusedError("its archive has bytes that belong to no table")
    return count, offset, length


def _entries(table: bytes, count: int) -> Iterator[Member]:
    position = 0
    for _ in range(count):
        if len(table) - position < ENTRY.size:
            raise RefusedError("the table of its archive is too short")
        fields = ENTRY.unpack_from(table, position)
        sign, _, _, flags, method, _, _, _, packed, size, name_size, extra, comment, disk = fields[
            :14
        ]
        offset = fields[-1]
        position += ENTRY.size
        raw = table[position : position + name_size]
        position += name_size
        large = 0xFFFFFFFF in (packed, size, offset)  # then another field may tell otherwise
        if sign != b"PK\x01\x02" or extra or comment or disk or large:
            raise RefusedError("the table of its archive is not as torch writes it")
        name = raw.decode("latin-1")
        if not NAME.fullmatch(name):
            raise RefusedError(f"a member of its archive is called {name[:80]!r}")
        folder, _, rest = name.partition("/")
        yield Member(folder, rest, offset, size, bool(method or flags & ~SEEN_FLAGS))
    if position != len(table):
        raise RefusedError("the table of its archive is too long")


def _content(stream: IO[bytes], member: Member) -> tuple[int, str]:
    """Return where a member's content begins and the name in front of it."""
    header = LOCAL.unpack(_at(stream, member.offset, LOCAL.size))
    name_size, extra = header[-2:]
    name = _at(stream, member.offset + LOCAL.size, name_size).decode("latin-1")
    if header[0] != LOCAL_SIGN:
        raise RefusedError("its archive lacks the header of a member")
    return member.offset + LOCAL.size + name_size + extra, name


def _agree(stream: IO[bytes], member: Member, table: int) -> None:
    """Refuse a member whose own header is not what the table says."""
    start, name = _content(stream, member)
    if name != f"{member.folder}/{member.name}" or (
        not member.packed and start + member.size > table
    ):
        raise RefusedError("its archive has two tables")
