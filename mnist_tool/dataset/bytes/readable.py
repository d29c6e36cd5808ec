"""The least that a stream of bytes must be able to do."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Readable", "read_exactly", "read_long"]

CHUNK = 1 << 20


class Readable(Protocol):
    """Anything that gives bytes one after the other."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


def read_exactly(stream: Readable, count: int) -> bytes:
    """Return the next `count` bytes of a `stream`, fewer only at its end."""
    head = b""
    while len(head) < count and (more := stream.read(count - len(head))):
        head += more
    return head


def read_long(stream: Readable, count: int) -> bytearray:
    """Return the same where `count` may be large, or only claimed: room is made as bytes come."""
    content = bytearray()
    while len(content) < count and (more := stream.read(min(CHUNK, count - len(content)))):
        content += more
    return content
