"""The least that a stream of bytes must be able to do."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Readable", "read_exactly"]


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
