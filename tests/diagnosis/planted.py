"""Files that would make a marker file when a loader unpickled them: one for every way in."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from mnist_tool.diagnosis.ptwriter import legacy_chunks

__all__ = ["PLANTED"]

# What `I` reads as 16 and pickletools refuses.
ODD_NUMBER = b"I0x10\n0"
LEGACY = b"".join(legacy_chunks(bytes(2 * 784), (2, 28, 28), bytes(2)))
SYSTEM = struct.Struct("<4s4H2LH")


def payload(marker: Path) -> bytes:
    """The opcodes of ``posix.system("touch MARKER")``, in those of protocol 0."""
    return b"cposix\nsystem\n(V" + f"touch {marker}".encode() + b"\ntR"


def bare(start: bytes) -> Callable[[Path], bytes]:
    """A pickle and nothing else, of any beginning."""
    return lambda marker: start + payload(marker) + b"."


def binary(marker: Path) -> bytes:
    """Protocol 1: binary opcodes, and no number of the protocol in front."""
    command = f"touch {marker}".encode()
    return b"cposix\nsystem\n(X" + struct.pack("<I", len(command)) + command + b"tR."


def legacy(number: int, inserted: Callable[[Path], bytes]) -> Callable[[Path], bytes]:
    """The legacy format with something put at the beginning of one of its five pickles."""
    ends = [0]
    for _ in range(5):
        stream = io.BytesIO(LEGACY[ends[-1] :])
        _Skipping(stream).load()
        ends.append(ends[-1] + stream.tell())
    at = ends[number] + 2  # behind the number of the protocol
    return lambda marker: LEGACY[:at] + inserted(marker) + b"0" + LEGACY[at:]


class _Skipping(pickle._Unpickler):  # type: ignore[name-defined]
    """An unpickler that only counts."""

    def find_class(self, module: str, name: str) -> Callable[..., None]:
        return lambda *_: None

    def persistent_load(self, pid: object) -> None:
        return None


def zip_of(**more: bytes) -> bytes:
    """A zip by Python's own writer."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in more.items():
            archive.writestr(f"training/{name}", content)
    return file.getvalue()


def plain_zip(marker: Path) -> bytes:
    """The payload as the pickle of a zip."""
    return zip_of(**{"data.pkl": b"\x80\x02" + payload(marker) + b".", "version": b"3\n"})


def odd_zip(marker: Path) -> bytes:
    """The same behind a number that pickletools refuses."""
    pickled = b"\x80\x02" + ODD_NUMBER + payload(marker) + b"."
    return zip_of(**{"data.pkl": pickled, "version": b"3\n"})


def upper_case_zip(marker: Path) -> bytes:
    """Two members that torch's reader, which takes no notice of case, cannot tell apart."""
    hostile = b"\x80\x02" + payload(marker) + b"."
    return zip_of(**{"DATA.PKL": hostile, "data.pkl": b"\x80\x02N.", "version": b"3\n"})


def two_tables(marker: Path) -> bytes:
    """A zip whose end points at one table while another, harmless, stands before it.

    Python's reader takes the one that stands before the end, torch's the one that it points at.
    """
    hostile = plain_zip(marker)
    harmless = zip_of(**{"data.pkl": b"\x80\x02N.", "version": b"3\n"})
    hostile_end = SYSTEM.unpack(hostile[-SYSTEM.size :])
    end = list(SYSTEM.unpack(harmless[-SYSTEM.size :]))
    # Two tables of one size, so that it serves for both.
    assert end[5] == hostile_end[5]
    end[6] = hostile_end[6]
    return hostile[: -SYSTEM.size] + harmless[: -SYSTEM.size] + SYSTEM.pack(*end)


def tar(marker: Path) -> bytes:
    """The format of torch 0.1: a tar with a pickle of its storages, tensors and object."""
    return tar_of(marker, "storages")


def disguised_tar(marker: Path) -> bytes:
    """A tar that begins like a zip: its first member's name does."""
    return tar_of(marker, "PK\x03\x04")


def tar_of(marker: Path, first: str) -> bytes:
    """A tar of the four members of torch 0.1 behind a first one."""
    file = io.BytesIO()
    hostile = b"\x80\x02" + payload(marker) + b"."
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in (first, "sys_info", "pickle", "storages", "tensors"):
            member = tarfile.TarInfo(name)
            member.size = len(hostile)
            archive.addfile(member, io.BytesIO(hostile))
    return file.getvalue()


def call_by_storage(marker: Path) -> bytes:
    """The legacy format where the type of a storage, which old torch calls, is another function."""
    command = f"touch {marker}".encode()
    count = b"J" + struct.pack("<i", 2 * 784) + b"N"
    assert LEGACY.count(count) == 1
    named = LEGACY.replace(b"ctorch\nByteStorage\n", b"cposix\nsystem\n")
    return named.replace(count, b"X" + struct.pack("<I", len(command)) + command + b"N")


PLANTED: dict[str, Callable[[Path], bytes]] = {
    "protocol-0": bare(b""),
    "protocol-1": binary,
    "protocol-2": bare(b"\x80\x02"),
    "protocol-3": bare(b"\x80\x03"),
    "protocol-4": bare(b"\x80\x04"),
    "odd-number": bare(b"\x80\x02" + ODD_NUMBER),
    "below-a-web-page": lambda m: b"(" + payload(m) + b"0V<html></html>\n.",
    "legacy-protocol": legacy(1, payload),
    "legacy-system": legacy(2, payload),
    "legacy-object": legacy(3, payload),
    # Two of them, for a reader that gives one pickle up and goes on as if at the next one.
    "legacy-object-odd-numbers": legacy(3, lambda m: 2 * ODD_NUMBER + payload(m)),
    "legacy-keys": legacy(4, payload),
    "legacy-call-by-storage": call_by_storage,
    "zip": plain_zip,
    "zip-odd-number": odd_zip,
    "zip-upper-case": upper_case_zip,
    "zip-two-tables": two_tables,
    "tar": tar,
    "tar-like-a-zip": disguised_tar,
}
