"""Random damage to every format: only our errors come out, and memory stays bounded."""

from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.archives import Contents, Limits, Rejected
from mnist_tool.dataset.bytes.idx import decode, parse_header
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.record import Origin
from mnist_tool.dataset.store import Store
from mnist_tool.errors import FormatError
from mnist_tool.files import make_folder
from tests.faults import tiny
from tests.faults.test_by_hand import _npz

CAP = 4 << 20


def _long_directory(count: int) -> bytes:
    """Return a zip whose end record announces one member, before a directory of many more."""
    entry = b"PK\x01\x02" + bytes(24) + b"\1\0" + bytes(16) + b"x"
    size = (count * len(entry)).to_bytes(4, "little")
    end = b"PK\x05\x06" + bytes(4) + b"\1\0\1\0" + size + bytes(6)
    return b"PK\x03\x04" + entry * count + end


def _unpack(body: bytes, folder: Path, cap: int = CAP) -> tuple[Contents, list[DataFile], Store]:
    """Look into a body and put away what belongs to the tiny data set."""
    store = Store(folder, tiny.TINY)
    make_folder(store.raw)
    contents = Contents(limits=Limits(plain=cap, members=50, pictures=50))
    found: list[DataFile] = []
    for name, idx in contents.idx_files(io.BytesIO(body), "body"):
        try:
            wanted = [file for file in tiny.FILES if file not in found]
            file = store.put(idx, wanted, Origin("test", name))
        except FormatError as error:
            contents.reject(name, error.message)
            continue
        found += [file] if file else []
    return contents, found, store


BODIES: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: tiny.PACKED["t10k-images-idx3-ubyte.gz"],
    "tar": lambda: tiny.tar(tiny.CONTENT, "w"),
    "tar.gz": lambda: tiny.tar(tiny.CONTENT),
    "zip": lambda: tiny.zipped(tiny.CONTENT),
    "npz": _npz,
    "idx": lambda: tiny.CONTENT["t10k-labels-idx1-ubyte"],
    # Random pixels do not compress: only this one meets damage in the packed codes themselves.
    "gzip of zeros": lambda: gzip.compress(tiny.FILES[2].header + bytes(20 * 28 * 28)),
}
edits = st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=0, max_size=8)), max_size=4)


@pytest.mark.parametrize("form", BODIES)
@settings(max_examples=60)
@given(edits=edits, cut=st.floats(0, 1))
def test_damage(form: str, edits: list[tuple[float, bytes]], cut: float) -> None:
    """Whatever is overwritten or cut off: no foreign exception, only right files are stored."""
    body = bytearray(BODIES[form]())
    for where, patch in edits:
        at = int(where * len(body))
        body[at : at + len(patch)] = patch
    body = body[: max(1, int(len(body) * cut))] if cut < 0.5 else body
    with tempfile.TemporaryDirectory() as name:
        _, found, _ = _unpack(bytes(body), Path(name))
        assert tiny.bad_things(Path(name)) == []
        for file in found:
            stored = (Path(name) / "Tiny" / "raw" / file.name).read_bytes()
            assert stored == tiny.CONTENT[file.name]


def _tar_header(**fields: object) -> bytes:
    member = tarfile.TarInfo("x")
    for name, value in fields.items():
        setattr(member, name, value)
    return member.tobuf()


def _sparse(size: str) -> bytes:
    """A member whose extended header gives a size that is no number."""
    record = f"27 GNU.sparse.size={size}\n".encode()
    record = f"{len(record)}".encode() + record[2:]
    return _tar_header(type=tarfile.XHDTYPE, size=len(record)) + record.ljust(512, b"\0")


# The entry of a zip's directory that asks for version 25.5 of the format.
FROM_TOMORROW = b"PK\1\2\x14\3\xff"
# What the readers of the standard library raise, each by bytes that make them.
WITNESSES = {
    "zlib.error": gzip.compress(b"")[:10] + b"\xff" * 20,
    "EOFError": tiny.PACKED["t10k-labels-idx1-ubyte.gz"][:-9],
    "BadGzipFile": tiny.PACKED["t10k-labels-idx1-ubyte.gz"][:-8] + bytes(8),
    "ReadError": _tar_header(size=9)[:-300] + b"!" + _tar_header()[-299:] + bytes(512),
    "BadZipFile": b"PK\x03\x04" + bytes(100),
    "NotImplementedError": tiny.zipped({"x": b""}).replace(b"PK\1\2\x14\3\x14", FROM_TOMORROW),
}


@pytest.mark.parametrize("kind", WITNESSES)
def test_what_the_readers_raise_is_damage(kind: str, tmp_path: Path) -> None:
    """Each becomes one line about what is wrong with the file."""
    contents, found, _ = _unpack(WITNESSES[kind], tmp_path)
    assert found == []
    assert contents.rejected[0].name.startswith("body")
    assert contents.rejected[0].reason.startswith("it is damaged: ")


@settings(max_examples=300)
@given(st.binary(max_size=64))
def test_any_idx_header(head: bytes) -> None:
    """A header is read or refused, and huge announced sizes reserve nothing."""
    for body in (head, b"\0\0\x08\x03" + head, b"\0\0\x0e\xff" + head):
        with contextlib.suppress(FormatError):
            parse_header(body)
            decode(body)


@pytest.mark.parametrize(
    "form", ["gzip", "zip in gzip", "tar", "pax header", "zip directory", "npy"]
)
def test_memory_is_bounded(form: str, tmp_path: Path) -> None:
    """A bomb of 64 MiB is refused with little memory, also where the cap would let it pass."""
    zeros = gzip.compress(bytes(1 << 20)) * 64
    header = tiny.FILES[0].header
    pax = tarfile.TarInfo("x")
    pax.type, pax.size = tarfile.XHDTYPE, 60 << 20
    big = tarfile.TarInfo("x")
    big.size = 60 << 20
    npy = b"\x93NUMPY\x02\0\xff\xff\xff\x7f"
    bombs = {
        "gzip": gzip.compress(header) + zeros,
        "zip in gzip": gzip.compress(b"PK\x03\x04") + zeros,
        "tar": gzip.compress(big.tobuf()) + zeros,
        "pax header": gzip.compress(pax.tobuf()) + zeros,
        "zip directory": _long_directory(60_000),
        "npy": gzip.compress(npy) + zeros,
    }
    body = bombs[form]
    tracemalloc.start()
    try:
        contents, found, _ = _unpack(body, tmp_path, cap=70 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == []
    assert contents.rejected or contents.ignored
    assert peak < 10 << 20


def test_the_cap_holds_for_all_members_together(tmp_path: Path) -> None:
    """Each of them within its own size, and the whole is still a bomb."""
    members = {f"{n}": bytes(CAP // 2) for n in range(3)}
    contents, _, _ = _unpack(tiny.tar(members), tmp_path)
    assert contents.rejected == [Rejected("body", "it unpacks to more than any data set here")]
