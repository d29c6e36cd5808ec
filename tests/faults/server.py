"""A loop-back server that misbehaves on the wire in every way we know, over raw sockets."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import trustme

__all__ = ["Request", "Server", "Wire", "answer", "black_hole", "certified", "serving"]


@dataclass(frozen=True)
class Request:
    """What a client asked for."""

    path: str
    headers: Mapping[str, str]
    nth: int
    method: str = "GET"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def start(self) -> int:
        """First byte of the asked range; 0 without one."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(found[1]) if found else 0


class Wire:
    """The server's end of one connection; every way of ending it badly."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        self._connection = connection
        self._closing = closing

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._connection.sendall(data)

    def stall(self) -> None:
        """Say nothing more until the server closes."""
        self._closing.wait()

    def drip(self, data: bytes, size: int = 20, every: float = 0.05) -> None:
        """Send a few bytes at a time."""
        for at in range(0, len(data), size):
            if self._closing.wait(every):
                return
            self.send(data[at : at + size])

    def relay(self, host: str, port: int, first: bytes) -> None:
        """Pass these bytes on to another server, and then whatever either side says."""
        with socket.create_connection((host, port), timeout=10) as other:
            other.sendall(first)
            ends = {self._connection: other, other: self._connection}
            while not self._closing.is_set():
                for end in select.select(list(ends), [], [], 0.1)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def reset(self) -> None:
        """End with a RST, after the peer has had time to read what came before."""
        time.sleep(0.05)
        linger = struct.pack("ii", 1, 0)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._connection.close()


Behaviour = Callable[[Request, Wire], None]


def answer(
    body: bytes = b"", status: str = "200 OK", *headers: str, length: int | None = None
) -> bytes:
    """Build a whole HTTP answer; `length` is what it claims, -1 for no claim."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    if claimed >= 0:
        lines.append(f"Content-Length: {claimed}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass
class Server:
    """A server on a free port of this machine, until it is closed."""

    behaviour: Behaviour
    context: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """Base URL, with a slash at the end."""
        return f"{'https' if self.context else 'http'}://{self.host}:{self.port}/d/"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.settimeout(10)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                request = self._read(connection)
                if request is not None:
                    self.behaviour(request, Wire(connection, self._closing))
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_WR)
                        connection.settimeout(0.2)
                        connection.recv(1024)

    def _read(self, connection: socket.socket) -> Request | None:
        text = b""
        while b"\r\n\r\n" not in text:
            more = connection.recv(4096)
            if not more:
                return None
            text += more
            if text.startswith(b"\x16\x03"):  # somebody speaks TLS to a plain server
                connection.sendall(answer(b"", "400 Bad Request"))
                return None
        first, *lines = text.decode("latin-1").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines if ": " in line]
        with self._lock:
            path = first.split()[1]
            nth = 1 + sum(request.path == path for request in self.requests)
            headers = {key.lower(): value for key, value in pairs}
            request = Request(path, headers, nth, first.split()[0])
            self.requests.append(request)
        return request

    def close(self) -> None:
        """End every conversation."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def serving(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server for a block."""
    server = Server(behaviour, context)
    try:
        yield server
    finally:
        server.close()


def certified(authority: trustme.CA, host: str, **more: Any) -> ssl.SSLContext:
    """Return the TLS settings of a server that shows a certificate for a host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **more).configure_cert(context)
    return context


@contextmanager
def black_hole() -> Iterator[str]:
    """Give the URL of a port that takes no connection: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}/"
