"""Fixtures of the fault tests: the tiny data set, servers that end with the test, one fetch."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from mnist_tool.dataset.fetching import state
from mnist_tool.dataset.network.download import CA_VARIABLES
from tests.faults import server, tiny
from tests.faults.invariant import broken_promises
from tests.faults.rows import good
from tests.faults.server import Behaviour, Server, serving

Serve = Callable[..., Server]
Run = Callable[..., Any]
LABELS = "t10k-labels-idx1-ubyte"


def outcomes(done: Any) -> dict[str, set[str]]:
    """Return which outcomes each source had, from a JSON document."""
    found: dict[str, set[str]] = {}
    for attempt in done.json["data"]["attempts"]:
        found.setdefault(attempt["source"], set()).add(attempt["outcome"])
    return found


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start fault servers; they end with the test."""
    monkeypatch.setenv("NO_PROXY", "*")
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:

        def start(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Server:
            return stack.enter_context(serving(behaviour, context))

        yield start


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root that does not exist yet."""
    return tmp_path / "data root"


@pytest.fixture
def mirror(serve: Serve) -> Server:
    """A healthy mirror, registered as the only source."""
    healthy = serve(good)
    tiny.register(("good", "files", healthy.url))
    return healthy


@pytest.fixture
def fetch(run_tool: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``fetch`` on the tiny data set; whatever happens, the invariant holds after it."""
    fetches: list[state.Fetch] = []

    class Kept(state.Fetch):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            fetches.append(self)

    monkeypatch.setattr(state, "Fetch", Kept)

    def run(*words: str, where: Path = root) -> Any:
        fetches.clear()
        before = set(where.expanduser().rglob("*"))
        options = ["--dataset", "tiny", "--root", str(where), *tiny.OPTIONS]
        done = run_tool("fetch", *options, *words)
        attempts = [attempt for fetch in fetches for attempt in fetch.attempts]
        assert broken_promises(done, where.expanduser(), attempts, before) == []
        return done

    return run


@pytest.fixture
def raw(mirror: Server, fetch: Run, root: Path) -> Path:
    """A complete raw folder; the mirror's record is empty."""
    assert fetch().exit_code == 0
    mirror.requests.clear()
    return root / "Tiny" / "raw"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 KiB, where mounting is allowed."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URL of a port that takes no connection."""
    with server.black_hole() as url:
        yield url


@pytest.fixture
def hanging_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A name for which the name server has no answer as long as the test lasts."""
    over, real = threading.Event(), socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "nowhere.invalid":
            return real(host, *rest, **more)
        over.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield "nowhere.invalid"
    over.set()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority nobody trusts by itself."""
    return trustme.CA()
