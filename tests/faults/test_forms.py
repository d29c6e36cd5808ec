"""Odd but right archives are taken, and hostile ones keep no good source from serving."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.archives import Contents
from mnist_tool.dataset.bytes.containers import tar_members
from mnist_tool.dataset.network.download import CHUNK
from mnist_tool.dataset.sources.local import OpenStream
from tests.faults import tiny
from tests.faults.conftest import Run, Serve, outcomes
from tests.faults.rows import good
from tests.faults.server import Request, Wire, answer

PAX_VALUES = {
    "comment": "any = thing\n17 size=3\n",
    "mtime": "yesterday",
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.map": "none",
    "hdrcharset": "BINARY",
    "": "no key",
}


def _pax() -> bytes:
    """Return a tar whose extended headers the standard library stumbles over."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in tiny.CONTENT.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.pax_headers = dict(PAX_VALUES)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _zip(kind: int, *, zip64: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in tiny.CONTENT.items():
            with archive.open(name, "w", force_zip64=zip64) as member:
                member.write(content)
    body = buffer.getvalue()
    return _as_zip64(body) if zip64 else body


def _as_zip64(body: bytes) -> bytes:
    """Say in the records of zip64 (APPNOTE 4.3.14) where the directory is, and not beside them."""
    at = body.rindex(b"PK\x05\x06")
    count, size, offset = (
        int.from_bytes(body[at + start : at + end], "little")
        for start, end in ((10, 12), (12, 16), (16, 20))
    )
    record = b"PK\x06\x06" + (44).to_bytes(8, "little") + b"\x2d\0\x2d\0" + bytes(8)
    record += b"".join(n.to_bytes(8, "little") for n in (count, count, size, offset))
    locator = b"PK\x06\x07" + bytes(4) + at.to_bytes(8, "little") + b"\1\0\0\0"
    return body[:at] + record + locator + b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2)


def _gzip_with_long_header(content: bytes) -> bytes:
    """Return a gzip file with all optional fields (RFC 1952), followed by padding."""
    header = b"\x1f\x8b\x08\x1c" + bytes(6) + b"\xff\xff" + b"e" * 65535
    header += b"n" * 100_000 + b"\0" + b"c" * 100_000 + b"\0"
    return header + gzip.compress(content)[10:] + bytes(1 << 20)


RIGHT: dict[str, Callable[[], bytes]] = {
    "pax": _pax,
    "gnu": lambda: tiny.tar({f"{'long/' * 60}{name}": c for name, c in tiny.CONTENT.items()}),
    "bzip2 members": lambda: _zip(zipfile.ZIP_BZIP2),
    "LZMA members": lambda: _zip(zipfile.ZIP_LZMA),
    "zip64": lambda: _zip(zipfile.ZIP_DEFLATED, zip64=True),
    "tar.bz2": lambda: tiny.tar(tiny.CONTENT, "w:bz2"),
    "tar.xz": lambda: tiny.tar(tiny.CONTENT, "w:xz"),
    "two streams": lambda: b"".join(
        bz2.compress(half) for half in _halves(tiny.tar(tiny.CONTENT, "w"))
    ),
    "xz with padding": lambda: b"".join(
        lzma.compress(half) + bytes(8) for half in _halves(tiny.tar(tiny.CONTENT, "w"))
    ),
    "long gzip header": lambda: _gzip_with_long_header(tiny.tar(tiny.CONTENT, "w")),
    "empty gzip members": lambda: gzip.compress(b"") * 20_000 + tiny.tar(tiny.CONTENT),
}


def _halves(body: bytes) -> tuple[bytes, bytes]:
    return body[: len(body) // 2], body[len(body) // 2 :]


@pytest.mark.parametrize("form", RIGHT)
def test_odd_but_right(form: str, serve: Serve, fetch: Run) -> None:
    """Whatever stands around the right bytes, they are taken."""
    body = RIGHT[form]()
    server = serve(lambda _, wire: wire.send(answer(body)))
    tiny.register(("odd", "archive", f"{server.url}x"))
    done = fetch("--json")
    assert done.exit_code == 0, done.json["data"]["attempts"]


def test_a_small_gzip_may_have_a_long_header(serve: Serve, fetch: Run) -> None:
    """Of a mirror too, where the file itself has a few bytes."""

    def behave(request: Request, wire: Wire) -> None:
        content = tiny.CONTENT[request.name.removesuffix(".gz")]
        wire.send(answer(_gzip_with_long_header(content)))

    tiny.register(("odd", "files", serve(behave).url))
    assert fetch().exit_code == 0


def _immense() -> bytes:
    member = tarfile.TarInfo("x")
    member.size = 1 << 62
    return member.tobuf(format=tarfile.GNU_FORMAT) + bytes(2048)


HOSTILE: dict[str, bytes] = {
    "immense member": _immense(),
    "negative size": _immense()[:124] + b"-0000000010\0" + _immense()[136:],
    "nested JSON": b"[" * 100_000,
    "lone surrogate": b'{"message": "\\ud800"}',
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(100),
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "xz of immense memory": b"\xfd7zXZ\0" + bytes(100),
    "bzip2 bomb": bz2.compress(bytes(400 << 20)),
}


@pytest.mark.parametrize("form", HOSTILE)
def test_the_next_source_serves(form: str, serve: Serve, fetch: Run) -> None:
    """What is wrong is named, and the good source behind it is asked."""
    server = serve(lambda _, wire: wire.send(answer(HOSTILE[form])))
    tiny.register(("odd", "archive", f"{server.url}x"), ("good", "files", serve(good).url))
    done = fetch("--json")
    assert done.exit_code == 0
    assert outcomes(done)["odd"] == {"content"}
    told = done.json["data"]["attempts"][0]["message"]
    for word in ("zstd", "7z", "RAR"):
        assert (word in told) == (form == word.lower())


def test_a_source_stuck_in_its_own_work_is_not_waited_for(
    serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever keeps its thread busy, the next source is asked after a while."""
    busy = [True]

    def forever(*_: object) -> Any:
        until = time.monotonic() + 60
        while busy and time.monotonic() < until:
            time.sleep(0.01)
        return iter(())

    real = Contents.idx_files

    def idx_files(self: Contents, source: Any, name: str, *rest: Any) -> Any:
        return forever() if name == "stuck.tar" else real(self, source, name, *rest)

    monkeypatch.setattr(Contents, "idx_files", idx_files)
    server = serve(lambda _, wire: wire.send(answer(b"x")))
    tiny.register(("odd", "archive", f"{server.url}stuck.tar"), ("good", "files", serve(good).url))
    done = fetch("--json", "--timeout", "0.3")
    busy.clear()
    assert done.exit_code == 0
    assert outcomes(done) == {"odd": {"cancelled"}, "good": {"ok"}}


@pytest.mark.parametrize("end", ["stays open", "resets", "announces more", "sends more"])
def test_what_has_arrived_whole_is_taken(end: str, serve: Serve, fetch: Run) -> None:
    """Size and hash are the registered ones: what the server does after that is its own matter."""

    def behave(request: Request, wire: Wire) -> None:
        body = tiny.PACKED[request.name]
        more = {"sends more": CHUNK, "announces more": 10}.get(end, 0)
        length = None if end == "stays open" else len(body) + (more or 1)
        head = answer(body, length=length)
        wire.send(head if length else head.replace(b"Content-Length", b"X-Length"))
        if end == "sends more":
            wire.send(bytes(more))
        elif end == "resets":
            wire.reset()
        else:
            wire.stall()

    tiny.register(("odd", "files", serve(behave).url))
    done = fetch("--json", "--patience", "50")
    assert done.exit_code == 0
    assert outcomes(done) == {"odd": {"ok"}}


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=150).filter(lambda name: "\0" not in name),
        st.binary(max_size=1500),
        max_size=6,
    ),
    st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_the_standard_librarys_tars(members: dict[str, bytes], form: int) -> None:
    """Each member comes with its bytes, in order, whether all of it is read or not."""
    buffer = io.BytesIO()
    written = []
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogatepass") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            try:
                archive.addfile(member, io.BytesIO(content))
            except (ValueError, UnicodeError):  # this format cannot have such a name
                return
            written.append(content)
    buffer.seek(0)
    found = []
    for number, (_, content) in enumerate(tar_members(buffer)):
        assert content is not None
        assert not isinstance(content, Exception)
        size = len(written[number]) if number % 2 else len(written[number]) // 2
        got = b""
        while len(got) < size and (more := content.read(size - len(got))):
            got += more
        assert got == written[number][:size]
        found.append(got)
    assert len(found) == len(written)


def test_an_open_stream_is_read_once() -> None:
    """It has no name and no address, and no secrets in it."""
    assert OpenStream(stream=io.BytesIO(b"")).shown == "standard input"
