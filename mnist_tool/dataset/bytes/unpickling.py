"""Read a pickle without running it: values, containers, and what a subclass allows besides.

This is no unpickler: it knows a table of opcodes, decodes each exactly as the unpicklers of Python
do, follows what is on the stack, and refuses the file at the first other byte. Names, calls and
objects outside the pickle are for subclasses: each says which it takes and in which form.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

__all__ = ["PLAIN_OPCODES", "CutOffError", "Global", "PickleReader", "RefusedError", "shown"]

MEMO_LIMIT = 1 << 16  # the C unpickler makes room for the highest number


class RefusedError(Exception):
    """Something stands there that no such file has; the text says what."""


class CutOffError(RefusedError):
    """The bytes end before the pickle does."""


class Global:
    """A name that the pickle looks up: module and name, with a blank between."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Mark:
    """Where a tuple, a list or a dictionary begins on the stack."""


def shown(name: str) -> str:
    """Return a name from a pickle as a message may show it."""
    return ascii(name.replace(" ", "."))[1:-1][:80]


class PickleReader:
    """Follow one pickle on a stack of values; a subclass takes the bytes from somewhere.

    Attributes
    ----------
    opcodes : mapping
        Everything that may stand in the pickle but its end.
    """

    opcodes: ClassVar[Mapping[bytes, Callable[[Any], None]]]

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def follow(self) -> Any:
        """Read to the end, behind the protocol, and return the one value that is left."""
        while (code := self.take(1)) != b".":
            step = self.opcodes.get(bytes(code))
            if step is None:
                raise RefusedError(f"its pickle has the opcode {code!r}{self.place()}")
            step(self)
        result = self.pop()
        if self.stack:
            raise RefusedError("its pickle leaves values on the stack")
        return result

    # ---- what a subclass provides ----------------------------------------------------------------

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        raise NotImplementedError

    def line(self) -> str:
        """Return the next line, without its end."""
        raise NotImplementedError

    def text(self, raw: bytes) -> str:
        """Return a text."""
        raise NotImplementedError

    def place(self) -> str:
        """Say where it is, for a message."""
        return ""

    # ---- what opcodes do -------------------------------------------------------------------------

    def number(self, form: str) -> int:
        """Return the next number, of a form of `struct`."""
        (value,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return int(value)

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def top(self) -> Any:
        """Return the last value; unpicklers differ in what lies below a mark."""
        if not self.stack or isinstance(self.stack[-1], _Mark):
            raise RefusedError("its pickle takes a value that is not there")
        return self.stack[-1]

    def pop(self) -> Any:
        """Take the last value from the stack."""
        value = self.top()
        del self.stack[-1]
        return value

    def mark(self) -> None:
        """Note that something begins here."""
        self.stack.append(_Mark())

    def pop_mark(self) -> list[Any]:
        """Return the values since the last mark, and forget it."""
        for index in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[index], _Mark):
                values = self.stack[index + 1 :]
                del self.stack[index:]
                return values
        raise RefusedError("its pickle takes a mark that is not there")

    def pop_tuple(self, count: int) -> None:
        """Make a tuple of the last values."""
        values = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(values)))

    def put(self, index: int) -> None:
        """Remember the last value under a number."""
        if index >= MEMO_LIMIT:
            raise RefusedError(f"its pickle remembers a value under the number {index}")
        self.memo[index] = self.top()

    def get(self, index: int) -> None:
        """Recall a value."""
        if index not in self.memo:
            raise RefusedError(f"its pickle recalls the number {index}, which it never remembered")
        self.push(self.memo[index])

    def append(self, values: list[Any]) -> None:
        """Append values to the list that is now the last value."""
        target = self.top()
        if type(target) is not list:
            raise RefusedError("its pickle appends to something that is no list")
        target.extend(values)

    def set_items(self, values: list[Any]) -> None:
        """Put keys and values into the dictionary that is now the last value."""
        target = self.top()
        keys = values[::2]
        if type(target) is not dict or len(values) % 2:
            raise RefusedError("its pickle sets items of something that is no dictionary")
        if not all(type(key) in (str, int) for key in keys):
            raise RefusedError("its pickle has a key that is neither a text nor a number")
        target.update(zip(keys, values[1::2], strict=True))


# What plain containers and small values are made of since protocol 2.
PLAIN_OPCODES: Mapping[bytes, Callable[[Any], None]] = {
    b"(": lambda r: r.mark(),
    b"N": lambda r: r.push(None),
    b"\x88": lambda r: r.push(True),
    b"\x89": lambda r: r.push(False),
    b"K": lambda r: r.push(r.number("<B")),
    b"M": lambda r: r.push(r.number("<H")),
    b"J": lambda r: r.push(r.number("<i")),
    b"\x8a": lambda r: r.push(int.from_bytes(r.take(r.number("<B")), "little", signed=True)),
    b"X": lambda r: r.push(r.text(r.take(r.number("<I")))),
    b")": lambda r: r.push(()),
    b"\x85": lambda r: r.pop_tuple(1),
    b"\x86": lambda r: r.pop_tuple(2),
    b"\x87": lambda r: r.pop_tuple(3),
    b"t": lambda r: r.push(tuple(r.pop_mark())),
    b"]": lambda r: r.push([]),
    b"a": lambda r: r.append([r.pop()]),
    b"e": lambda r: r.append(r.pop_mark()),
    b"}": lambda r: r.push({}),
    b"s": lambda r: r.set_items([r.pop(), r.pop()][::-1]),
    b"u": lambda r: r.set_items(r.pop_mark()),
    b"q": lambda r: r.put(r.number("<B")),
    b"r": lambda r: r.put(r.number("<I")),
    b"h": lambda r: r.get(r.number("<B")),
    b"j": lambda r: r.get(r.number("<I")),
}
