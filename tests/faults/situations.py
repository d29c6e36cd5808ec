"""Everything that may befall a fetch, as data: how it is brought about, and how the fetch ends."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from mnist_tool import files
from tests.faults import tiny
from tests.faults.rows import ROWS, Row, fixed, good
from tests.faults.server import Request, Server, Wire, answer, certified

__all__ = ["SITUATIONS", "Lab", "Situation", "location"]

LABELS = "t10k-labels-idx1-ubyte"


@dataclass
class Lab:
    """What a situation is made of.

    Parameters
    ----------
    serve : callable
        Starts a fault server.
    root, elsewhere : Path
        The data root, which does not exist yet, and a folder for anything else.
    monkeypatch : pytest.MonkeyPatch
        Undone at the end of the test.
    black_hole : str
        The URL of a port that takes no connection.
    authority : trustme.CA
        An authority nobody trusts by itself.
    processes : list
        Those that were started; killed at the end.
    """

    serve: Callable[..., Server]
    root: Path
    elsewhere: Path
    monkeypatch: pytest.MonkeyPatch
    black_hole: str
    authority: trustme.CA
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def raw(self) -> Path:
        """Where the files stand."""
        return self.root / tiny.TINY.folder / "raw"

    def source(self, url: str, kind: str = "files") -> None:
        """Register this address as the only source."""
        tiny.register(("faulty", kind, url))

    def complete(self) -> Path:
        """Lay down all the files, and register a healthy source; return the labels' path."""
        self.source(self.serve(good).url)
        tiny.laid_down(self.raw, tiny.CONTENT)
        return self.raw / LABELS

    def child(self, url: str) -> subprocess.Popen[bytes]:
        """Start a fetch from an address as a process of its own."""
        sources = self.elsewhere / "sources.json"
        tiny.write_registry(sources, ("faulty", "files", url))
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.faults.child",
                "fetch",
                "--dataset",
                "tiny",
                "--root",
                str(self.root),
                "--quiet",
            ],
            env={**os.environ, "TINY_SOURCES": str(sources)},
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process


@dataclass(frozen=True)
class Situation:
    """One thing that may befall a fetch.

    Parameters
    ----------
    name : str
        How it is called.
    arrange : callable
        Brings it about; returns what else stands on the command line.
    exit_code : int
        How the fetch ends.
    check : callable
        Looks at what is special here, given what the fetch said.
    """

    name: str
    arrange: Callable[[Lab], list[str]]
    exit_code: int
    check: Callable[[Any, Lab], None] = lambda done, lab: None


SITUATIONS: list[Situation] = []


def situation(name: str, exit_code: int) -> Callable[[Callable[[Lab], Any]], None]:
    """Note a function that brings a situation about."""

    def note(arrange: Callable[[Lab], Any]) -> None:
        SITUATIONS.append(Situation(name, lambda lab: arrange(lab) or [], exit_code))

    return note


# ---- what a source sends -------------------------------------------------------------------------


def location(server: Server, row: Row) -> str:
    """Where the source of a row is."""
    return server.url + ("everything.tar.gz" if row.kind == "archive" else "")


def _from_row(row: Row) -> Situation:
    """The faulty source by itself: healed where it can be, else exit 3 with the cause in words."""
    servers: list[Server] = []

    def arrange(lab: Lab) -> list[str]:
        servers[:] = [lab.serve(row.behaviour)]
        lab.source(location(servers[0], row), row.kind)
        return row.options

    def check(done: Any, lab: Lab) -> None:
        told = re.sub(r"\s+", " ", done.stderr)
        assert row.says in told
        if not row.alone:
            assert done.stdout == ""
            assert "fetch --from PATH" in told
            assert "faulty" in told
            assert [name for name in tiny.CONTENT if not (lab.raw / name).exists()]
        if row.requests is not None:
            first = servers[0].requests[0].path
            assert sum(r.path == first for r in servers[0].requests) == row.requests

    return Situation(row.name, arrange, 0 if row.alone else 3, check)


SITUATIONS += [_from_row(row) for row in ROWS]

# ---- below HTTP ----------------------------------------------------------------------------------


@situation("a name that does not resolve", 3)
def _(lab: Lab) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    lab.monkeypatch.setattr(socket, "getaddrinfo", refuse)
    lab.source("http://nowhere.invalid/")


@situation("a closed port", 3)
def _(lab: Lab) -> None:
    server = lab.serve(good)
    server.close()
    lab.source(server.url)


@situation("a black hole", 3)
def _(lab: Lab) -> list[str]:
    lab.source(lab.black_hole)
    return tiny.HURRY


def _tls(name: str, host: str = "127.0.0.1", **times: timedelta) -> None:
    @situation(f"TLS: {name}", 3)
    def _(lab: Lab) -> None:
        if name != "an unknown authority":
            lab.authority.cert_pem.write_to_path(str(lab.elsewhere / "ca.pem"))
            lab.monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(lab.elsewhere / "ca.pem"))
        now = datetime.now(timezone.utc)
        moments = {key: now + ahead for key, ahead in times.items()}
        lab.source(lab.serve(good, certified(lab.authority, host, **moments)).url)


_tls("an unknown authority")
_tls("expired", not_after=timedelta(-1))
_tls("not yet valid", not_before=timedelta(1), not_after=timedelta(2))
_tls("another host", "elsewhere.example")


@situation("TLS: plain HTTP instead", 3)
def _(lab: Lab) -> None:
    lab.source(lab.serve(good).url.replace("http:", "https:"))


@situation("a redirect from https to http", 3)
def _(lab: Lab) -> None:
    lab.authority.cert_pem.write_to_path(str(lab.elsewhere / "ca.pem"))
    lab.monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(lab.elsewhere / "ca.pem"))
    leave = fixed(b"", "302 Found", f"Location: {lab.serve(good).url}")
    lab.source(lab.serve(leave, certified(lab.authority, "127.0.0.1")).url)


@situation("a proxy that refuses", 3)
def _(lab: Lab) -> None:
    lab.monkeypatch.delenv("NO_PROXY")
    proxy = lab.serve(fixed(b"", "407 Proxy Authentication Required"))
    lab.monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    lab.source("http://mirror.invalid/")


@situation("an index without the project", 3)
def _(lab: Lab) -> None:
    lab.monkeypatch.setenv("PIP_INDEX_URL", lab.serve(fixed(b"", "404 Not Found")).url)
    lab.source("tiny-dir tiny_dir-1-py3-none-any.whl", "index")


# ---- what stands there ---------------------------------------------------------------------------


@situation("all is there", 0)
def _(lab: Lab) -> None:
    lab.complete()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "0 bytes": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "one bit": lambda path: path.write_bytes(b"\1" + path.read_bytes()[1:]),
    "a folder": lambda path: (path.unlink(), path.mkdir(), (path / "mine").write_text("x")),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "a named pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "gone": lambda path: path.unlink(),
}


def _damaged(name: str, damage: Callable[[Path], object]) -> None:
    @situation(f"a raw file: {name}", 0)
    def _(lab: Lab) -> None:
        damage(lab.complete())


for _name, _damage in DAMAGES.items():
    _damaged(_name, _damage)


@situation("the .gz is good, the raw file is gone", 0)
def _(lab: Lab) -> list[str]:
    lab.complete().unlink()
    (lab.raw / f"{LABELS}.gz").write_bytes(tiny.PACKED[f"{LABELS}.gz"])
    return ["--offline"]


@situation("a file where a folder belongs", 3)
def _(lab: Lab) -> None:
    lab.source(lab.serve(good).url)
    lab.root.mkdir()
    (lab.root / tiny.TINY.folder).write_text("mine")


def _refuse(code: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return refuse


def _disk(code: int) -> None:
    @situation(f"fsync answers {errno.errorcode[code]}", 3)
    def _(lab: Lab) -> None:
        lab.source(lab.serve(good).url)
        lab.monkeypatch.setattr(files.os, "fsync", _refuse(code))


for _code in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS):
    _disk(_code)


@situation("a cache that cannot be written", 0)
def _(lab: Lab) -> None:
    (lab.elsewhere / "file").write_text("")
    lab.monkeypatch.setenv("MNIST_TOOL_CACHE", str(lab.elsewhere / "file" / "cache"))
    lab.source(lab.serve(good).url)


# ---- by hand -------------------------------------------------------------------------------------


@situation("offline, nothing there", 3)
def _(lab: Lab) -> list[str]:
    lab.source(lab.serve(good).url)
    return ["--offline"]


@situation("three of four by hand", 3)
def _(lab: Lab) -> list[str]:
    lab.source(lab.serve(good).url)
    three = {name: content for name, content in tiny.CONTENT.items() if name != LABELS}
    return ["--from", str(tiny.laid_down(lab.elsewhere / "stick", three))]


@situation("another data set by hand", 3)
def _(lab: Lab) -> list[str]:
    lab.source(lab.serve(good).url)
    return ["--from", str(tiny.laid_down(lab.elsewhere / "stick", tiny.OTHER_CONTENT))]


@situation("a path that is not there", 2)
def _(lab: Lab) -> list[str]:
    lab.source(lab.serve(good).url)
    return ["--from", str(lab.elsewhere / "nowhere")]


# ---- processes -----------------------------------------------------------------------------------


def _half_way(lab: Lab) -> subprocess.Popen[bytes]:
    """A process that has got half of a file and waits for the rest; the source is healthy then."""

    def behave(request: Request, wire: Wire) -> None:
        if request.nth == 1 and request.name == f"{tiny.FILES[0].name}.gz":
            body = tiny.PACKED[request.name]
            wire.send(answer(body[: len(body) // 2], length=len(body)))
            wire.stall()
        good(request, wire)

    server = lab.serve(behave)
    lab.source(server.url)
    process = lab.child(server.url)
    kept = lab.elsewhere / "cache" / "partial"
    until = time.monotonic() + 100
    while not tiny.half_done(kept):
        assert time.monotonic() < until
        time.sleep(0.01)
    return process


def _signalled(number: signal.Signals, code: int) -> None:
    @situation(f"an earlier fetch met {number.name}", 0)
    def _(lab: Lab) -> None:
        process = _half_way(lab)
        process.send_signal(number)
        assert process.wait(100) == code
        assert tiny.bad_things(lab.root) == []


_signalled(signal.SIGINT, 130)
_signalled(signal.SIGTERM, 143)
_signalled(signal.SIGKILL, -signal.SIGKILL)


@situation("another fetch into the same folder hangs", 0)
def _(lab: Lab) -> list[str]:
    _half_way(lab)
    return ["--lock-wait", "0.3"]
