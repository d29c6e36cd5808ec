"""One URL into a file: the same bytes as they lie on the server, whatever was there before."""

from __future__ import annotations

import email.utils
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_tool import __version__
from mnist_tool.dataset.attempt import Attempt, Cancelled
from mnist_tool.dataset.cache import Partial
from mnist_tool.dataset.network.download import Body, Download, _retry_after, number, session
from mnist_tool.errors import SourceError
from tests.faults import tiny
from tests.faults.server import Behaviour, Request, Server, Wire, answer

Serve = Callable[[Behaviour], Server]
BODY = bytes(range(256)) * 300


class Counting:
    """A bar that adds up."""

    def __init__(self) -> None:
        self.done = 0
        self.total: int | None = None

    def advance(self, amount: int) -> None:
        self.done += amount

    def resize(self, total: int | None) -> None:
        self.total = total

    def describe(self, detail: str) -> None: ...


class Bench:
    """One download into one file, from one server."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.url = f"{server.url}x"
        self.server = server
        address = hashlib.sha256(self.url.encode()).hexdigest()
        self.partial = Partial(folder / "x.part", folder / "x.json", address)
        self.attempt = Attempt("m", self.url, "x")
        self.bar = Counting()

    def run(self, **options: Any) -> str:
        self.bar.total = options.get("size")  # as bars are opened
        with session() as http:
            whole = (self.url, self.partial, self.attempt, tiny.CLOCKS, http, self.bar)
            return Download(*whole, Body(**options)).run()

    @property
    def content(self) -> bytes:
        return self.partial.path.read_bytes()


def ranged(request: Request, wire: Wire) -> None:
    """A server that knows ranges, and whether the body is still the same."""
    start = request.start if request.headers.get("if-range", '"a"') == '"a"' else 0
    if start >= len(BODY):
        wire.send(answer(b"", "416 Range Not Satisfiable", 'ETag: "a"'))
    elif start:
        span = f"Content-Range: bytes {start}-{len(BODY) - 1}/{len(BODY)}"
        wire.send(answer(BODY[start:], "206 Partial Content", span, 'ETag: "a"'))
    else:
        wire.send(answer(BODY, "200 OK", 'ETag: "a"'))


def bench_of(serve: Serve, tmp_path: Path, behaviour: Behaviour = ranged) -> Bench:
    return Bench(serve(behaviour), tmp_path)


@pytest.mark.parametrize(
    ("length", "header"), [(1 << 30, "X: y"), (-1, "X: y"), (6, "Transfer-Encoding: chunked")]
)
def test_what_comes_beside_a_redirect_is_not_waited_for(
    serve: Serve, tmp_path: Path, length: int, header: str
) -> None:
    """It may never end, and would be kept in memory."""

    def astray(request: Request, wire: Wire) -> None:
        if request.name == "x":
            wire.send(answer(b"6\r\n<html>", "302 Found", header, "Location: there", length=length))
            wire.stall()
        wire.send(answer(BODY))

    bench = bench_of(serve, tmp_path, astray)
    bench.run()
    assert bench.content == BODY


@pytest.mark.parametrize("tag", ['"a"', '"old"', None])
@pytest.mark.parametrize("there", [0, 1, 70_000, len(BODY), len(BODY) + 5])
@pytest.mark.parametrize("known", [True, False])
def test_whatever_was_there_the_body_is_whole(
    serve: Serve, tmp_path: Path, there: int, tag: str | None, known: bool
) -> None:
    """It goes on only where the size or the server says that it is the same body."""
    bench = bench_of(serve, tmp_path)
    bench.partial.path.write_bytes((BODY * 2)[:there])
    bench.partial.remember(tag)
    resumed = bench.run(size=len(BODY) if known else None) == "resumed"
    assert bench.content == BODY
    assert (bench.bar.done, bench.bar.total) == (len(BODY), len(BODY))
    told = tag == '"a"' or (known and tag is None)
    assert resumed == (told and 0 < there < len(BODY))
    assert bench.attempt.received == len(BODY) - (there if resumed else 0)
    assert bench.partial.validator() == '"a"'


@pytest.mark.parametrize(
    "span", ["bytes 5-9/10", "bytes 3-9/11", "lines 3-9/10", "bytes */10", "", "bytes 3-9/x-y-10"]
)
def test_a_part_that_does_not_fit_is_asked_for_from_the_beginning(
    serve: Serve, tmp_path: Path, span: str
) -> None:
    """Another offset, another whole, another unit: only the last one here fits."""

    def wrong(request: Request, wire: Wire) -> None:
        if request.start:
            wire.send(answer(b"3456789", "206 Partial Content", f"Content-Range: {span}"))
        else:
            wire.send(answer(b"0123456789"))

    bench = bench_of(serve, tmp_path, wrong)
    bench.partial.path.write_bytes(b"012")
    fits = span.endswith("-10")
    assert bench.run(size=10) == ("resumed" if fits else "new")
    assert bench.content == b"0123456789"
    assert [request.start for request in bench.server.requests] == ([3] if fits else [3, 0])


@pytest.mark.parametrize("there", [0, 1, 70_000, len(BODY)])
@pytest.mark.parametrize("registered", [True, False])
def test_a_body_of_the_registered_digest_is_proven(
    serve: Serve, tmp_path: Path, there: int, registered: bool
) -> None:
    """However much of it was there; another body of that size is not."""
    bench = bench_of(serve, tmp_path)
    bench.partial.path.write_bytes(BODY[:there])
    sha256 = hashlib.sha256(BODY if registered else b"other").hexdigest()
    how = bench.run(size=len(BODY), sha256=sha256)
    unproven = "resumed" if 0 < there < len(BODY) else "new"
    assert how == ("proven" if registered else unproven)
    assert bench.content == BODY
    assert (bench.server.requests == []) == (registered and there == len(BODY))


def test_what_follows_the_registered_body_is_cut_off(serve: Serve, tmp_path: Path) -> None:
    """A server may say more than there is."""
    bench = bench_of(serve, tmp_path, lambda _, wire: wire.send(answer(BODY + b"more")))
    assert bench.run(size=len(BODY), sha256=hashlib.sha256(BODY).hexdigest()) == "proven"
    assert bench.content == BODY


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        (answer(BODY[:99], length=len(BODY)), "truncated"),
        (answer(BODY), "too-large"),
        (answer(b"", "404 Not Found"), "status"),
        (answer(b"", "407 Proxy Authentication Required"), "proxy"),
        (answer(b"", "503 Busy", "Retry-After: 7"), "busy"),
        (answer(b"x", "206 Partial Content"), "unexpected"),
        (answer(b"", "204 No Content"), "unexpected"),
    ],
)
def test_what_is_no_body(serve: Serve, tmp_path: Path, sent: bytes, outcome: str) -> None:
    """One word for each; what has arrived stays."""
    bench = bench_of(serve, tmp_path, lambda r, w: w.send(sent))
    with pytest.raises(SourceError) as caught:
        bench.run(cap=len(BODY) - 1)
    assert caught.value.outcome == outcome
    assert bench.attempt.retry_after == (7.0 if outcome == "busy" else None)
    if outcome == "truncated":
        assert bench.content == BODY[:99]


def test_nothing_is_decoded_and_nothing_secret_is_sent(serve: Serve, tmp_path: Path) -> None:
    """A .gz that is sent as compressed text stays a .gz; we say who we are and no more."""
    packed = tiny.PACKED["t10k-labels-idx1-ubyte.gz"]
    bench = bench_of(
        serve, tmp_path, lambda r, w: w.send(answer(packed, "200 OK", "Content-Encoding: gzip"))
    )
    bench.run()
    assert bench.content == packed
    headers = bench.server.requests[0].headers
    assert headers["user-agent"] == f"mnist-tool/{__version__}"
    assert headers["accept-encoding"] == "identity"
    assert set(headers) <= {"host", "user-agent", "accept-encoding", "accept", "connection"}


@pytest.mark.parametrize("age", ["9" * 400, "1"])
def test_cookies_are_dropped_unread(serve: Serve, tmp_path: Path, age: str) -> None:
    """Python's own reader of them warns of a bug of its own, with a traceback."""
    cookie = f"Set-Cookie: a=b; max-age={age}"
    bench = bench_of(
        serve, tmp_path, lambda request, wire: wire.send(answer(BODY, "200 OK", cookie))
    )
    with session() as http:
        assert not http.get(bench.url, timeout=30).cookies
        assert not http.cookies
    bench.run(size=len(BODY))
    assert bench.content == BODY


def test_a_weak_tag_is_not_kept(serve: Serve, tmp_path: Path) -> None:
    """It promises the same meaning, not the same bytes."""
    bench = bench_of(serve, tmp_path, lambda r, w: w.send(answer(b"x", "200 OK", 'ETag: W/"a"')))
    bench.run()
    assert bench.partial.validator() is None


def test_it_ends_with_the_chunk_after_which_nobody_waits(serve: Serve, tmp_path: Path) -> None:
    """What came is kept for the next time."""
    bench = bench_of(serve, tmp_path)
    bench.attempt.over = lambda: bench.attempt.received > 0
    with pytest.raises(Cancelled):
        bench.run()
    assert BODY.startswith(bench.content)
    assert bench.content


@given(st.text(max_size=20) | st.integers().map(str) | st.none())
def test_a_number_in_a_header_is_one_or_none(text: str | None) -> None:
    """As RFC 9110 writes them: ASCII digits and nothing else."""
    digits = (text or "").strip()
    plain = digits != "" and len(digits) < 16 and all(digit in "0123456789" for digit in digits)
    assert number(text) == (int(digits) if plain else None)


@given(
    st.none() | st.text(max_size=30) | st.datetimes().map(lambda d: email.utils.format_datetime(d))
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_pause_is_read_or_left(text: str | None) -> None:
    """Never below zero, never an exception."""
    pause = _retry_after(text)
    assert pause is None or pause >= 0


def test_a_pause_may_be_a_date() -> None:
    """Seconds until then; none if it has passed."""
    now = time.time()
    later = _retry_after(email.utils.formatdate(now + 1000, usegmt=True))
    assert later is not None
    assert 999 - (time.time() - now) <= later <= 1000
    assert _retry_after(email.utils.formatdate(now - 1000, usegmt=True)) == 0
