"""The list of faults as data: what a source does, and what must come of it."""

from __future__ import annotations

import email.utils
import gzip
import io
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import tiny
from tests.faults.server import Behaviour, Request, Wire, answer
from tests.faults.tiny import CONTENT, OTHER_CONTENT, PACKED, TINY, tar, zipped

__all__ = ["ROWS", "Row", "good"]

ARCHIVE_MEMBERS = {f"MNIST/raw/{name}": content for name, content in CONTENT.items()}


def good(request: Request, wire: Wire) -> None:
    """A healthy mirror, which honours ranges."""
    body = PACKED.get(request.name)
    if body is None:
        wire.send(answer(b"no such file", "404 Not Found"))
    elif request.start:
        last = len(body) - 1
        span = f"Content-Range: bytes {request.start}-{last}/{len(body)}"
        wire.send(answer(body[request.start :], "206 Partial Content", span, 'ETag: "one"'))
    else:
        wire.send(answer(body, "200 OK", 'ETag: "one"'))


@dataclass(frozen=True)
class Row:
    """One fault.

    Parameters
    ----------
    name : str
        How the list calls it.
    behaviour : callable
        What the faulty source does.
    alone : bool
        Whether the faulty source by itself still brings everything.
    outcomes : set of str
        The outcomes its failed attempts may have, all of them.
    says : str
        Words that the cause must contain, in at least one attempt.
    requests : int or None
        How often the first file is asked for, where the source is alone.
    kind : str
        The kind of source.
    """

    name: str
    behaviour: Behaviour
    alone: bool = False
    outcomes: frozenset[str] = frozenset()
    says: str = ""
    requests: int | None = None
    kind: str = "files"

    @property
    def options(self) -> list[str]:
        """What else stands on the command line: short limits where one of them has to run out."""
        return tiny.HURRY if self.outcomes & {"timeout", "slow"} else []


ROWS: list[Row] = []


def row(
    name: str, behaviour: Behaviour, outcomes: str = "", says: str = "", **more: object
) -> None:
    ROWS.append(Row(name, behaviour, outcomes=frozenset(outcomes.split()), says=says, **more))  # type: ignore[arg-type]


def fixed(
    body: bytes, status: str = "200 OK", *headers: str, length: int | None = None
) -> Behaviour:
    """Always the same answer."""
    return lambda request, wire: wire.send(answer(body, status, *headers, length=length))


def packed(change: Callable[[bytes], bytes], *headers: str) -> Behaviour:
    """The right file, changed."""

    def behave(request: Request, wire: Wire) -> None:
        wire.send(answer(change(PACKED[request.name]), "200 OK", *headers))

    return behave


def once(fault: Behaviour) -> Behaviour:
    """The fault at the first request for each file, health afterwards."""
    return lambda request, wire: (fault if request.nth == 1 else good)(request, wire)


def halves(body: bytes) -> tuple[bytes, bytes]:
    return body[: len(body) // 2], body[len(body) // 2 :]


def flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1])


def half(request: Request) -> tuple[bytes, int]:
    body = PACKED[request.name]
    return body[: len(body) // 2], len(body)


# ---- connection ----------------------------------------------------------------------------------


def close_at_once(request: Request, wire: Wire) -> None:
    """Say nothing and hang up."""


row("closes without a byte, once", once(close_at_once), "closed", alone=True, requests=2)
row("closes without a byte, always", close_at_once, "closed", "closed after 0 bytes", requests=3)
row("speaks no HTTP", lambda r, w: w.send(b"220 mail.example ESMTP\r\n"), "closed unexpected")
row(
    "redirect loop", lambda r, w: w.send(answer(b"", "302 Found", f"Location: {r.path}")),
    "redirect", "redirects",
)  # fmt: skip


def in_a_second() -> str:
    return email.utils.formatdate(time.time() + 1, usegmt=True)


# ---- status and headers --------------------------------------------------------------------------

PAGE = b"<html><head><title>Error. Page cannot be displayed</title></head></html>"
for code in ("403 Forbidden", "404 Not Found", "410 Gone", "451 Unavailable For Legal Reasons"):
    row(code[:3], fixed(PAGE, code), "status", f"HTTP {code}", requests=1)
for code in ("500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable",
             "504 Gateway Timeout", "408 Request Timeout", "425 Too Early"):  # fmt: skip
    row(f"{code[:3]} once", once(fixed(b"busy", code)), "busy", code, alone=True, requests=2)
row("503 always", fixed(b"busy", "503 Service Unavailable"), "busy", "HTTP 503", requests=3)
row("429 Retry-After: 1", once(fixed(b"", "429 Too Many Requests", "Retry-After: 1")), "busy",
    "asking again in 1.0 s", alone=True, requests=2)  # fmt: skip
row(
    "503 Retry-After: a date",
    once(lambda r, w: w.send(answer(b"", "503 Busy", f"Retry-After: {in_a_second()}"))),
    "busy", alone=True, requests=2,
)  # fmt: skip
row("429 Retry-After: a day", fixed(b"", "429 Too Many Requests", "Retry-After: 86400"), "busy",
    requests=1)  # fmt: skip
for text in ("soon", "-1", "\xb2", "9" * 5000):
    row(f"503 Retry-After: garbage {text[:4]!r}",
        once(fixed(b"", "503 Busy", f"Retry-After: {text}")), "busy",
        alone=True, requests=None)  # fmt: skip
row("204", fixed(b"", "204 No Content"), "unexpected", "HTTP 204", requests=1)
row("206 unasked", fixed(b"x" * 50, "206 Partial Content",
    "Content-Range: bytes 5-54/100"), "unexpected", "nobody asked", requests=1)  # fmt: skip
row("200 with nothing", fixed(b""), "content", "sent nothing", requests=1)
row("Content-Length: garbage", packed(lambda b: b, "Content-Length: \xb2"), "", alone=True)

# ---- body ----------------------------------------------------------------------------------------


def truncated(request: Request, wire: Wire) -> None:
    part, whole = half(request)
    wire.send(answer(part, "200 OK", 'ETag: "one"', length=whole))


def reset(request: Request, wire: Wire) -> None:
    part, whole = half(request)
    wire.send(answer(part, "200 OK", 'ETag: "one"', length=whole))
    wire.reset()


def stall(request: Request, wire: Wire) -> None:
    part, whole = half(request)
    wire.send(answer(part, length=whole))
    wire.stall()


def drip(request: Request, wire: Wire) -> None:
    body = PACKED[request.name]
    wire.send(answer(b"", length=len(body)))
    wire.drip(body, size=4)


def drip_headers(request: Request, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    wire.drip(b"X-Slow: " + b"y" * 60_000, size=1)


def drip_chunk(request: Request, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf000\r\n")
    wire.drip(b"z" * 0xF000, size=4)


def chunked(ending: bytes) -> Behaviour:
    def behave(request: Request, wire: Wire) -> None:
        part, _ = half(request)
        wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        wire.send(f"{len(part):x}\r\n".encode() + part + b"\r\n" + ending)

    return behave


def endless(request: Request, wire: Wire) -> None:
    wire.send(answer(b"", length=-1))
    while True:
        wire.send(b"\x1f\x8b" + bytes(65534))


row("truncated, Content-Length given, once", once(truncated), "truncated", alone=True, requests=2)
row("truncated, Content-Length given, always", truncated, "truncated", " of ", requests=3)
row("truncated, no Content-Length", lambda r, w: w.send(answer(half(r)[0], length=-1)),
    "content", "damaged")  # fmt: skip
row("chunked, terminator missing", chunked(b""), "truncated closed", "ended", requests=3)
row("chunked, bad chunk size", chunked(b"what?\r\n"), "truncated closed", requests=3)
row("reset in the body, once", once(reset), "reset truncated", alone=True, requests=2)
row("reset in the body, always", reset, "reset truncated", requests=3)
row("stall in the body", stall, "timeout", "silent for 1 s")
row("stall before the headers", lambda r, w: w.stall(), "timeout", "silent")
row("drip", drip, "slow", "too slow")
row("drip in the headers", drip_headers, "timeout", "no answer")
row("drip within one chunk", drip_chunk, "slow", "too slow")
row("a web page", fixed(PAGE), "content",
    "a web page (72 bytes, title 'Error. Page cannot be displayed')", requests=1)  # fmt: skip
row("JSON", fixed(b'{"message": "rate limited"}'), "content", "JSON", requests=1)
row("S3 error", fixed(b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), "content",
    "error code AccessDenied", requests=1)  # fmt: skip
row("Git LFS pointer", fixed(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
    "content", "Git LFS pointer", requests=1)  # fmt: skip
row("empty gzip", fixed(gzip.compress(b"")), "content", requests=1)
row(
    "one bit flipped",
    packed(lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 4]) + b[len(b) // 2 + 1 :]),
    "content",
)
row("one bit flipped, then packed", packed(lambda b: gzip.compress(flipped(gzip.decompress(b)))),
    "content", "its SHA-256 is")  # fmt: skip
# The registered bytes stand in front of it.
row("100 bytes too long", packed(lambda b: b + bytes(range(1, 101))), alone=True)
row("endless body", endless, "too-large", "goes on after")
row("recompressed", packed(lambda b: gzip.compress(gzip.decompress(b), 1, mtime=7)), alone=True,
    requests=1)  # fmt: skip
row("Content-Encoding: gzip on a .gz", packed(lambda b: b, "Content-Encoding: gzip"), alone=True)
row("a second gzip layer", packed(gzip.compress, "Content-Encoding: gzip"), alone=True)
row("somebody unpacked it", packed(gzip.decompress), alone=True)
row("gzip truncated inside", packed(lambda b: b[:-20]), "content", "damaged")
row("gzip with a bad CRC", packed(lambda b: b[:-8] + b"bad!" + b[-4:]), "content", "damaged")
row("gzip with garbage behind", packed(lambda b: b + b"garbage"), alone=True)
row(
    "gzip of two members",
    packed(lambda b: b"".join(gzip.compress(p) for p in halves(gzip.decompress(b)))),
    alone=True,
)  # fmt: skip
row(
    "another data set under the same names",
    lambda r, w: w.send(answer(gzip.compress(OTHER_CONTENT[r.name.removesuffix(".gz")]))),
    "content", "of Other",
)  # fmt: skip
row(
    "the other split under this name",
    lambda r, w: w.send(answer(PACKED["t10k-labels-idx1-ubyte.gz"])),
    "content", "sent t10k-labels-idx1-ubyte under this name",
)  # fmt: skip


# ---- resume --------------------------------------------------------------------------------------


def then(second: Behaviour) -> Behaviour:
    """Broken off once; then something else about the rest; then health."""

    def behave(request: Request, wire: Wire) -> None:
        {1: truncated, 2: second}.get(request.nth, good)(request, wire)

    return behave


def wrong_offset(request: Request, wire: Wire) -> None:
    body = PACKED[request.name]
    span = f"Content-Range: bytes 0-{len(body) - 1}/{len(body)}"
    wire.send(answer(body, "206 Partial Content", span))


def changed(request: Request, wire: Wire) -> None:
    body = bytes(len(PACKED[request.name]))
    span = f"Content-Range: bytes {request.start}-{len(body) - 1}/{len(body)}"
    wire.send(answer(body[request.start :], "206 Partial Content", span, 'ETag: "two"'))


row("resume: 206 as asked", then(good), "truncated", alone=True, requests=2)
row("resume: range ignored", then(packed(lambda b: b)), "truncated", alone=True, requests=2)
row("resume: wrong offset", then(wrong_offset), "truncated", alone=True, requests=3)
row("resume: 416", then(fixed(b"", "416 Range Not Satisfiable")), "truncated", alone=True,
    requests=3)  # fmt: skip
row("resume: a changed file", then(changed), "truncated", alone=True, requests=3)

# ---- archives ------------------------------------------------------------------------------------


def hostile_tar() -> bytes:
    """Everything that ever escaped from a tar, around four good members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:

        def add(name: str, content: bytes = b"evil", **fields: object) -> None:
            member = tarfile.TarInfo(name)
            for key, value in fields.items():
                setattr(member, key, value)
            member.size = 0 if fields.get("type") else len(content)
            archive.addfile(member, io.BytesIO(content[: member.size]))

        link, hard = tarfile.SYMTYPE, tarfile.LNKTYPE
        for name in ("../evil", "/tmp/evil-abs", "C:\\evil", "\\\\srv\\evil", "new\nline"):
            add(name)
        add("out", type=link, linkname="/tmp")
        add("out/evil-through-link")
        add("hard", type=hard, linkname="../../evil")
        add("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
        add("pipe", type=tarfile.FIFOTYPE)
        for name in CONTENT:
            add(f"._{name}", b"\0\x05\x16\x07decoy")
            add(f"decoy/{name}", b"\0\0\x08\x01 not it")
            add(f"link/{name}", type=link, linkname="/etc/passwd")
        add("MNIST/processed/training.pt", b"\x80\x02evil")
        for name, content in CONTENT.items():
            add(f"MNIST/raw/{name.upper()}", content)
    return buffer.getvalue()


def zeros(count: int) -> bytes:
    """Return a gzip stream of so many MiB of zeros; its members are each one MiB."""
    return gzip.compress(bytes(1 << 20)) * count


def many_members() -> bytes:
    block = tar({f"{n:05}": b"" for n in range(100)}, "w")[: 100 * 512]
    return gzip.compress(block * 200, 1)


def nested(times: int) -> bytes:
    body = bytes(1000)
    for _ in range(times):
        body = gzip.compress(body)
    return body


def pax_bomb() -> bytes:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 150 << 20
    return gzip.compress(header.tobuf()) + zeros(150)


def archive(body: Callable[[], bytes]) -> Behaviour:
    kept: list[bytes] = []

    def behave(request: Request, wire: Wire) -> None:
        kept.extend([body()] if not kept else [])
        wire.send(answer(kept[0], length=-1))

    return behave


def arow(name: str, body: Callable[[], bytes], *words: str, **more: object) -> None:
    row(f"archive: {name}", archive(body), *words, kind="archive", **more)


arow("tar.gz", lambda: tar(ARCHIVE_MEMBERS), alone=True, requests=1)
arow("of .gz members", lambda: tar({f"a/{n}": b for n, b in PACKED.items()}), alone=True)
arow("zip", lambda: zipped(ARCHIVE_MEMBERS), alone=True)
arow("hostile members", hostile_tar, alone=True)
arow("bomb of zeros", lambda: gzip.compress(TINY.files[0].header) + zeros(300),
     "content", "train-images-idx3-ubyte, but")  # fmt: skip
arow(
    "bomb",
    lambda: gzip.compress(b"PK\x03\x04") + zeros(300),
    "content",
    "unpacks to more",
)
arow("bomb in a header", pax_bomb, "content", "an extended header of")
arow("nested", lambda: nested(9), "content", "packed more than")
arow("20,000 members", many_members, "content", "more than 10,000 members")
arow("three of four", lambda: tar(dict(list(ARCHIVE_MEMBERS.items())[:3])), "")
arow("with processed/ only", lambda: tar({"MNIST/processed/training.pt": b"\x80\x02x"}), "content")
arow("cut in the middle", lambda: tar(ARCHIVE_MEMBERS)[:2000], "content", "damaged")
arow("a web page", lambda: PAGE, "content", "a web page")
