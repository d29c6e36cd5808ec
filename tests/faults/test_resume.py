"""Broken-off downloads: what is kept, who may go on from it, and where."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.cache import KEEP_SECONDS
from tests.faults import tiny
from tests.faults.conftest import Run, Serve
from tests.faults.rows import good, half, truncated, wrong_offset
from tests.faults.server import Request, Server, Wire, answer

IMAGES = "train-images-idx3-ubyte"
PACKED = tiny.PACKED[f"{IMAGES}.gz"]
ARCHIVE = tiny.tar(tiny.CONTENT)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The file that holds the beginning of the training images."""
    folder = tmp_path / "cache" / "partial"
    folder.mkdir(parents=True)
    sha256 = next(file.gz_sha256 for file in tiny.FILES if file.name == IMAGES)
    return folder / f"{IMAGES}-{(sha256 or '')[:12]}.part"


def _starts(requests: Iterable[Request]) -> list[int]:
    return [request.start for request in requests if request.name == f"{IMAGES}.gz"]


def test_another_mirror_goes_on(serve: Serve, fetch: Run, kept: Path) -> None:
    """Within one fetch, the next mirror of the same .gz is asked for the rest alone."""
    first, second = serve(truncated), serve(good)
    tiny.register(("first", "files", first.url), ("second", "files", second.url))
    done = fetch("--json")
    assert done.exit_code == 0
    assert _starts(second.requests) == [len(PACKED) // 2]
    assert all("if-range" not in request.headers for request in second.requests)
    got = {a["received"] for a in done.json["data"]["attempts"] if a["what"] == f"{IMAGES}.gz"}
    assert got == {len(PACKED) // 2, len(PACKED) - len(PACKED) // 2}
    assert not kept.exists()


def test_the_next_fetch_goes_on(serve: Serve, fetch: Run, kept: Path) -> None:
    """Between two fetches too, at another mirror too."""
    tiny.register(("first", "files", serve(truncated).url))
    assert fetch().exit_code == 3
    assert kept.read_bytes() == PACKED[: len(PACKED) // 2]
    second = serve(good)
    tiny.register(("second", "files", second.url))
    assert fetch().exit_code == 0
    assert _starts(second.requests) == [len(PACKED) // 2]


def test_the_same_address_is_asked_with_its_validator(serve: Serve, fetch: Run) -> None:
    """There If-Range makes sure that the rest is of the same body."""
    server = serve(lambda r, w: (truncated if r.nth == 1 else good)(r, w))
    tiny.register(("first", "files", server.url))
    assert fetch().exit_code == 0
    again = [request for request in server.requests if request.nth == 2]
    assert len(again) == 4
    assert all(request.headers["if-range"] == '"one"' for request in again)


@pytest.mark.parametrize(
    "content",
    [PACKED + b"more", PACKED[:-1] + b"!", bytes(len(PACKED) // 3), ARCHIVE[: len(PACKED) // 2]],
    ids=["longer than the file", "as long as the file", "zeros", "of another file"],
)
def test_a_beginning_that_is_none_is_dropped(
    content: bytes, serve: Serve, fetch: Run, kept: Path
) -> None:
    """One that is too long is not even tried; a wrong one costs one more download, from zero."""
    kept.write_bytes(content)
    server = serve(good)
    tiny.register(("good", "files", server.url))
    assert fetch().exit_code == 0
    too_long = len(content) >= len(PACKED)
    assert _starts(server.requests) == ([0] if too_long else [len(content), 0])
    assert list(kept.parent.iterdir()) == []


def test_a_wrong_offset_is_seen_in_the_headers(serve: Serve, fetch: Run) -> None:
    """Its body is not even read."""
    server = serve(lambda r, w: {1: truncated, 2: wrong_offset}.get(r.nth, good)(r, w))
    tiny.register(("m", "files", server.url))
    attempts = fetch("--json").json["data"]["attempts"]
    got = [a["received"] for a in attempts if a["what"] == f"{IMAGES}.gz"]
    assert got == [len(PACKED) // 2, len(PACKED)]


def _part(body: bytes, start: int, tag: str) -> bytes:
    span = f"Content-Range: bytes {start}-{len(body) - 1}/{len(body)}"
    return answer(body[start:], "206 Partial Content", span, f"ETag: {tag}")


def _archive_server(serve: Serve, tag: str, second: bytes) -> Server:
    """The archive, broken off at first; the rest is then of the body `second`."""

    def behave(request: Request, wire: Wire) -> None:
        if request.nth == 1:
            middle = len(ARCHIVE) // 2
            wire.send(answer(ARCHIVE[:middle], "200 OK", f"ETag: {tag}", length=len(ARCHIVE)))
        elif request.start:
            wire.send(_part(second, request.start, tag))
        else:
            wire.send(answer(ARCHIVE, "200 OK", f"ETag: {tag}"))

    server = serve(behave)
    tiny.register(("archive", "archive", f"{server.url}x.tar.gz"))
    return server


@pytest.mark.parametrize(
    ("tag", "second", "starts"),
    [('"a"', ARCHIVE, [0, 1]), ('"a"', bytes(len(ARCHIVE)), [0, 1, 0]), ('W/"a"', ARCHIVE, [0, 0])],
    ids=["strong", "strong, but another body", "weak"],
)
def test_an_archive_goes_on_where_its_tag_is_strong(
    tag: str, second: bytes, starts: list[int], serve: Serve, fetch: Run
) -> None:
    """No hash of the packed archive is known, so only the server can say that it is the same."""
    server = _archive_server(serve, tag, second)
    assert fetch().exit_code == 0
    assert [bool(request.start) for request in server.requests] == [bool(s) for s in starts]


def test_a_tag_belongs_to_one_address(serve: Serve, fetch: Run, tmp_path: Path) -> None:
    """A note of another address, or a note that makes no sense, lets nothing be continued."""
    server = _archive_server(serve, '"a"', ARCHIVE)
    folder = tmp_path / "cache" / "partial"
    folder.mkdir(parents=True)
    key = "url-" + hashlib.sha256(f"{server.url}x.tar.gz".encode()).hexdigest()[:16]
    (folder / f"{key}.part").write_bytes(b"anything")
    for note in ('{"url": "another", "validator": "x"}', "[]", "{", '{"url": 3}'):
        (folder / f"{key}.json").write_text(note)
        server.requests.clear()
        fetch("--force")
        assert server.requests[0].start == 0


def test_old_beginnings_are_forgotten(serve: Serve, fetch: Run, kept: Path) -> None:
    """After a week nobody comes back for them."""
    old, young = kept.parent / "old.part", kept.parent / "young.part"
    for path in (old, young):
        path.write_bytes(b"x")
    aged = old.stat().st_mtime - KEEP_SECONDS - 60
    os.utime(old, (aged, aged))
    tiny.register(("good", "files", serve(good).url))
    assert fetch().exit_code == 0
    assert not old.exists()
    assert young.exists()


def test_half_is_half() -> None:
    """The rows break off where these tests expect it."""
    request: Any = Request(f"/{IMAGES}.gz", {}, 1)
    assert half(request) == (PACKED[: len(PACKED) // 2], len(PACKED))
