"""Processes that are killed, interrupted, or many at once."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mnist_tool.dataset import cache
from tests.faults import tiny
from tests.faults.conftest import Run
from tests.faults.rows import good
from tests.faults.server import Request, Server, Wire, answer

Serve = Callable[..., Server]
Start = Callable[..., "subprocess.Popen[str]"]
KILLS = 50


@pytest.fixture
def start(root: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a fetch of the tiny data set as a process of its own."""
    started = []

    def run(server: Server, *words: str, **environment: str) -> subprocess.Popen[str]:
        sources = tmp_path / "sources.json"
        tiny.write_registry(sources, ("good", "files", server.url))
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.faults.child",
                "fetch",
                "--dataset",
                "tiny",
                "--root",
                str(root),
                "--timeout",
                "60",
                *words,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TINY_SOURCES": str(sources), **environment},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def slow(request: Request, wire: Wire) -> None:
    """A healthy mirror that takes a moment for each file."""
    body = tiny.PACKED[request.name][request.start :]
    whole = request.start + len(body)
    span = f"Content-Range: bytes {request.start}-{whole - 1}/{whole}"
    status = "206 Partial Content" if request.start else "200 OK"
    wire.send(answer(b"", status, 'ETag: "one"', span, length=len(body)))
    wire.drip(body, size=1 + len(body) // 4, every=0.005)


# Runs the fetch in a fork of one warm interpreter, so that 50 kills take seconds.
FORKS = """
import os, random, signal, sys, time
from pathlib import Path
from tests.faults import tiny
import json
tiny.register(*json.loads(Path(os.environ["TINY_SOURCES"]).read_text()))
from mnist_tool.dataset.fetching.fetch import fetch
import requests, filelock
root, longest = Path(sys.argv[1]), float(sys.argv[2])
draw = random.Random(int(sys.argv[3]))
for number in range(int(sys.argv[4])):
    child = os.fork()
    if not child:
        fetch(root, dataset="tiny", force=number % 2 == 1)
        os._exit(0)
    time.sleep(draw.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(number, flush=True)
"""


def test_killed_at_any_moment(serve: Serve, start: Start, root: Path, tmp_path: Path) -> None:
    """After 50 kills no final name ever held a wrong byte, and the next fetch cleans up."""
    server = serve(slow)
    sources = tmp_path / "sources.json"
    tiny.write_registry(sources, ("good", "files", server.url))
    wrong: list[str] = []
    over = threading.Event()

    def watch() -> None:
        raw = root / "Tiny" / "raw"
        while not over.wait(0.001):
            for name, content in tiny.CONTENT.items():
                with contextlib.suppress(FileNotFoundError):
                    if (raw / name).read_bytes() != content:
                        wrong.append(name)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seed = random.randrange(10**6)
        done = subprocess.run(
            [sys.executable, "-c", FORKS, str(root), "0.25", str(seed), str(KILLS)],
            env={**os.environ, "TINY_SOURCES": str(sources)},
            capture_output=True,
            text=True,
            timeout=250,
            check=False,
        )
    finally:
        over.set()
        watcher.join()
    assert done.stdout.split() == [str(n) for n in range(KILLS)], done.stderr
    assert wrong == []
    process = start(server)
    assert process.wait(100) == 0
    assert tiny.bad_things(root) == []
    assert {path.name for path in (root / "Tiny" / "raw").iterdir()} == set(tiny.CONTENT)


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("lock", ["working", "off", "unwritable", "no-op"])
def test_several_at_once(
    lock: str, count: int, serve: Serve, start: Start, root: Path, tmp_path: Path
) -> None:
    """All succeed, with working locks, none, no place for them, or such as let everybody in.

    No reader ever sees a short file.
    """
    server = serve(slow)
    environment = {"off": {"MNIST_TOOL_LOCK": "0"}, "no-op": {"TINY_LOCKS": "no-op"}}.get(lock, {})
    if lock == "unwritable":
        (tmp_path / "file").write_text("")
        environment["MNIST_TOOL_CACHE"] = str(tmp_path / "file" / "cache")
    processes = [start(server, **environment) for _ in range(count)]
    while any(process.poll() is None for process in processes):
        assert not [bad for bad in tiny.bad_things(root) if "wrong" in bad]
        time.sleep(0.02)
    for process in processes:
        _, talk = process.communicate()
        assert process.returncode == 0, talk
        assert "Traceback" not in talk
    assert tiny.bad_things(root) == []
    if lock == "working":
        assert len(server.requests) == 4
        assert list((tmp_path / "cache" / "locks").iterdir()) == []


def test_a_killed_download_goes_on_elsewhere(
    serve: Serve, start: Start, root: Path, tmp_path: Path
) -> None:
    """What a killed process had got is kept, and the next one asks another mirror for the rest."""
    name = "train-images-idx3-ubyte.gz"
    body = tiny.PACKED[name]

    def stop_half_way(request: Request, wire: Wire) -> None:
        wire.send(answer(body[: len(body) // 2], length=len(body)))
        wire.stall()

    process = start(serve(stop_half_way))
    kept = tmp_path / "cache" / "partial"
    _until(lambda: tiny.half_done(kept) == len(body) // 2)
    process.kill()
    process.wait()
    assert tiny.bad_things(root) == []
    other = serve(good)
    assert start(other).wait(100) == 0
    assert [request.start for request in other.requests if request.name == name] == [len(body) // 2]
    assert tiny.bad_things(root) == []


def _stuck(serve: Serve) -> Server:
    def behave(request: Request, wire: Wire) -> None:
        if "labels" in request.name:
            wire.send(answer(b"\x1f\x8b", length=10_000))
            wire.stall()
        good(request, wire)

    return serve(behave)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(number: int, code: int, serve: Serve, start: Start, root: Path) -> None:
    """The right exit code, one message, no traceback, no temporary; soon."""
    server = _stuck(serve)
    process = start(server, "--timeout", "1000")
    _until(lambda: len(server.requests) == 2)
    process.send_signal(number)
    _, talk = process.communicate(timeout=100)
    assert process.returncode == code
    assert "Traceback" not in talk
    assert "Fatal" not in talk
    assert "Run the same command again" in talk
    assert len(talk.splitlines()) == 2
    assert tiny.bad_things(root) == []


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")]
)
def test_what_was_tried_before_an_interruption_is_in_the_document(
    number: int, error: str, serve: Serve, start: Start
) -> None:
    """What came, and what was under way: that is nobody's failure."""
    server = _stuck(serve)
    process = start(server, "--json")
    _until(lambda: len(server.requests) == 2)
    process.send_signal(number)
    told, talk = process.communicate(timeout=100)
    document = json.loads(told)
    assert [each["code"] for each in document["errors"]] == [error]
    attempts = document["data"]["attempts"]
    assert [(each["what"], each["outcome"], each["delivered"]) for each in attempts] == [
        ("train-images-idx3-ubyte.gz", "ok", ["train-images-idx3-ubyte"]),
        ("train-labels-idx1-ubyte.gz", "interrupted", []),
    ]
    assert attempts[1]["message"]
    assert talk == ""


def test_interrupted_before_anything_was_tried(
    mirror: Server, run_tool: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who still waits for another fetch has no attempt to tell of."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache, "waiting_lock", interrupt)
    done = run_tool("fetch", "--dataset", "tiny", "--root", str(root), "--json")
    assert (done.exit_code, done.json["data"]) == (130, {"attempts": []})


def test_interrupted_while_reading_standard_input(serve: Serve, tmp_path: Path, root: Path) -> None:
    """A pipe that never ends does not hold up the exit."""
    server = serve(good)
    sources = tmp_path / "sources.json"
    tiny.write_registry(sources, ("good", "files", server.url))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.faults.child",
            "fetch",
            "--dataset",
            "tiny",
            "--root",
            str(root),
            "--from",
            "-",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TINY_SOURCES": str(sources)},
    )
    _until(lambda: (root / "Tiny" / "raw").exists())
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(100) == 130
    talk = process.stderr.read() if process.stderr else ""
    process.communicate()
    assert "Fatal" not in talk
    assert "Traceback" not in talk


def test_the_reader_of_stdout_has_gone(serve: Serve, start: Start, root: Path) -> None:
    """``| head -0`` is no error."""
    process = start(serve(good))
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(100) == 0
    talk = process.stderr.read() if process.stderr else ""
    assert "Traceback" not in talk
    assert tiny.bad_things(root) == []


def test_waiting_for_another_fetch_is_told_and_bounded(serve: Serve, start: Start) -> None:
    """Who holds the lock is named; after the wait both fetch side by side."""
    server = _stuck(serve)
    first = start(server)
    _until(lambda: len(server.requests) == 2)
    second = start(server, "--lock-wait", "0.5", "--json", "--timeout", "1")
    assert second.wait(100) == 3
    talk = start(server, "--lock-wait", "0.2", "--timeout", "1").communicate(timeout=100)[1]
    assert f"process {first.pid}" in talk
    assert "fetching beside it" in talk


def test_progress_stays_out_of_pipes(serve: Serve, start: Start) -> None:
    """Without a terminal there is no control character, whatever TERM and the locale say."""
    process = start(serve(good), TERM="dumb", LC_ALL="C", PYTHONIOENCODING="ascii", COLUMNS="20")
    told, talk = process.communicate(timeout=100)
    assert process.returncode == 0
    assert "\x1b" not in told + talk
    assert "\r" not in told + talk


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
