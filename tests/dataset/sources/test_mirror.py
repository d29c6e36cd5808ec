"""A mirror is asked for each wanted file, and left when its host is of no use."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mnist_tool.dataset.fetching.fetch import fetch, race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.network.way import Way
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.errors import FetchError
from tests.dataset.shrunk import registered
from tests.faults import tiny
from tests.faults.rows import good
from tests.faults.server import Behaviour, Request, Server, Wire, answer

Serve = Callable[[Behaviour], Server]


def test_only_what_is_wanted_is_asked_for(state: Fetch, serve: Serve) -> None:
    """In order; without the secrets of its address in the record."""
    server = serve(good)
    first = state.wanted.pop(0)
    race(state, [Mirror("m", server.url.replace("://", "://me:hunter2@"))])
    assert [request.name for request in server.requests] == [
        f"{file.name}.gz" for file in tiny.FILES if file is not first
    ]
    assert {attempt.location.partition("@")[0] for attempt in state.attempts} == {"http://***"}
    assert state.wanted == []


@pytest.mark.parametrize(("status", "asked"), [("404 Not Found", 4), ("407 Proxy", 1)])
def test_the_next_file_is_asked_for_unless_the_host_is_of_no_use(
    state: Fetch, serve: Serve, status: str, asked: int
) -> None:
    """One file may be gone where the others are; a proxy in the way is there for all."""
    server = serve(lambda request, wire: wire.send(answer(b"", status)))
    race(state, [Mirror("m", server.url)])
    assert len(server.requests) == len(state.attempts) == asked


def test_plain_files_are_asked_for_where_there_are_no_others(
    state: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python's own server has them in somebody's ``raw/``; only where a user has named it."""
    monkeypatch.setenv("NO_PROXY", "*")
    asked: list[str] = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            asked.append(self.path)

    tiny.laid_down(tmp_path / "raw", tiny.CONTENT)
    handler = partial(Quiet, directory=str(tmp_path / "raw"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        race(state, [Mirror("m", url)])
        assert (state.wanted, asked) == (
            list(tiny.FILES),
            [path for file in tiny.FILES for path in [f"/{file.name}.gz"] * 2],
        )
        state.ended = False
        asked.clear()
        race(state, [Mirror("m", url, plain=True)])
        server.shutdown()
        thread.join()
    assert state.wanted == []
    first, *rest = tiny.FILES
    assert list(dict.fromkeys(asked)) == [
        f"/{first.name}.gz",
        f"/{first.name}",
        *(f"/{file.name}" for file in rest),
    ]


def test_another_file_under_a_name_is_taken_and_told(state: Fetch, serve: Serve) -> None:
    """Content is what counts; the mirror is wrong all the same."""
    labels = [name for name in tiny.PACKED if "labels" in name]

    def swapped(request: Request, wire: Wire) -> None:
        name = labels[labels[0] == request.name] if request.name in labels else request.name
        wire.send(answer(tiny.PACKED[name]))

    race(state, [Mirror("m", serve(swapped).url)])
    assert [f"{file.name}.gz" for file in state.wanted] == labels[:1]
    [told] = [attempt for attempt in state.attempts if "labels" in attempt.what]
    assert (told.outcome, told.delivered) == ("content", [labels[1].removesuffix(".gz")])
    assert told.message == f"sent {told.delivered[0]} under this name"


def test_its_sample_is_its_largest_file_and_by_hand_all_are_told() -> None:
    """As addresses that can be pasted, without secrets."""
    mirror = Mirror("m", "https://me:hunter2@host/d/")
    with session() as http:
        address = mirror.sample(tiny.FILES, http, Clocks(), Way())
    assert address == "https://me:hunter2@host/d/train-images-idx3-ubyte.gz"
    assert mirror.by_hand(["a.gz", "b.xz"]) == [
        "https://***@host/d/a.gz",
        "https://***@host/d/b.xz",
    ]


@pytest.mark.parametrize("name", ["kmnist", "k49", "qmnist", "qmnist-nist"])
def test_a_mirror_is_asked_for_what_is_published(name: str, serve: Serve) -> None:
    """.gz, .npz and .xz; what comes out of them is verified and no other."""
    with registered(name) as made:
        small, packed = made[name].dataset, made[name].packed
        server = serve(lambda request, wire: wire.send(answer(packed[request.name])))
        sources = (Mirror("m", server.url),)
        DATASETS[name] = replace(small, sources=sources)
        report = fetch("root", dataset=name, clocks=tiny.CLOCKS)
        assert {request.name for request in server.requests} == {f.packed for f in small.files}
        assert {file.source for file in report.files} == {"m"}
        for file, content in made[name].plain.items():
            assert Path("root", small.folder, "raw", file).read_bytes() == content
        for key, body in packed.items():  # the same content in another file
            gz = key.endswith(".gz")
            packed[key] = gzip.compress(gzip.decompress(body), 1) if gz else body + b"\0"
        with pytest.raises(FetchError):
            fetch("other", dataset=name, clocks=tiny.CLOCKS)
        assert not Path("other").exists()
