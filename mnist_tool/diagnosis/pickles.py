"""Read a pickle of plain tensors without running it, and refuse it at the first other byte.

This is no unpickler: it knows the few opcodes that ``torch.save`` needs for tensors, decodes each
exactly as the unpicklers of Python do, follows what is on the stack, and allows a name, a call or a
persistent object only in the form in which torch writes it. What it accepts, every unpickler reads
in the same way; so it need not know what they make of anything else.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["ALLOWED_NAMES", "CutOffError", "RefusedError", "Storage", "read_plain", "read_tensors"]

PROTOCOL = b"\x80\x02"  # torch.save writes no other
MEMO_LIMIT = 1 << 16  # the C unpickler makes room for the highest number
SIZES = {
    "ByteStorage": 1,
    "CharStorage": 1,
    "BoolStorage": 1,
    "ShortStorage": 2,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "IntStorage": 4,
    "FloatStorage": 4,
    "LongStorage": 8,
    "DoubleStorage": 8,
}
ORDERED = "collections OrderedDict"
REBUILD = "torch._utils _rebuild_tensor"
ALLOWED_NAMES = frozenset(
    {ORDERED, REBUILD, f"{REBUILD}_v2", *(f"torch {storage}" for storage in SIZES)}
)
LOCATION = re.compile(r"cpu|cuda(:\d{1,2})?")
KEY = re.compile(r"\w{1,40}", re.ASCII)


class RefusedError(Exception):
    """Something stands there that no file of plain tensors has; the text says what."""


class CutOffError(RefusedError):
    """The bytes end before the pickle does."""


@dataclass(frozen=True)
class Global:
    """A name that the pickle looks up."""

    name: str


@dataclass(frozen=True)
class Storage:
    """The memory of tensors, which lies outside the pickle.

    Parameters
    ----------
    name : str
        Its type, such as ``ByteStorage``.
    key : str
        What the file calls it.
    count : int
        Its elements.
    """

    name: str
    key: str
    count: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.count * SIZES[self.name]


class _Ordered:
    """An empty OrderedDict."""


class _Tensor:
    """A tensor within the bounds of its storage."""


class _Mark:
    """Where a tuple, a list or a dictionary begins on the stack."""


def read_plain(data: bytes, start: int) -> tuple[Any, int]:
    """Read a pickle of numbers, texts, lists and dictionaries.

    Parameters
    ----------
    data : bytes
        Where it stands.
    start : int
        Where it begins.

    Returns
    -------
    tuple of (object, int)
        What it holds and where it ends.

    Raises
    ------
    RefusedError
        If it is anything else.
    """
    reader = _Reader(data, start)
    return reader.run(), reader.position


def read_tensors(data: bytes, start: int, tail: tuple[None, ...]) -> tuple[dict[str, Storage], int]:
    """Read a pickle of tensors.

    Parameters
    ----------
    data : bytes
        Where it stands.
    start : int
        Where it begins.
    tail : tuple of None
        What follows a storage's five values: ``(None,)`` in the legacy format, else nothing.

    Returns
    -------
    tuple of (dict, int)
        The storages by their keys, and where it ends.

    Raises
    ------
    RefusedError
        If it is anything else.
    """
    reader = _Reader(data, start, tail)
    reader.run()
    return reader.storages, reader.position


class _Reader:
    """Follow one pickle; `tail` is None where nothing may be looked up."""

    def __init__(self, data: bytes, start: int, tail: tuple[None, ...] | None = None) -> None:
        self.data = data
        self.position = start
        self.tail = tail
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.storages: dict[str, Storage] = {}

    def run(self) -> Any:
        if (start := self.take(len(PROTOCOL))) != PROTOCOL:
            raise RefusedError(f"a pickle begins with {start!r} where torch writes {PROTOCOL!r}")
        while (code := self.take(1)) != b".":
            step = OPCODES.get(code)
            if step is None:
                at = self.position - 1
                raise RefusedError(f"its pickle has the opcode {code!r} at byte {at}")
            step(self)
        result = self.pop()
        if self.stack:
            raise RefusedError("its pickle leaves values on the stack")
        return result

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        end = self.position + count
        if end > len(self.data):
            raise CutOffError("it ends too early")
        part = self.data[self.position : end]
        self.position = end
        return part

    def number(self, form: str) -> int:
        """Return the next number, of a form of `struct`."""
        (value,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return int(value)

    def line(self) -> str:
        """Return the next line, without its end."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise CutOffError("it ends too early")
        return self.text(self.take(end + 1 - self.position)[:-1])

    @staticmethod
    def text(raw: bytes) -> str:
        """Return a text; unpicklers differ in what they make of other letters than ASCII."""
        try:
            return raw.decode("ascii")
        except UnicodeDecodeError:
            raise RefusedError("its pickle has a text that is not ASCII") from None

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def top(self) -> Any:
        """Return the last value; unpicklers differ in what lies below a mark."""
        if not self.stack or isinstance(self.stack[-1], _Mark):
            raise RefusedError("its pickle takes a value that is not there")
        return self.stack[-1]

    def pop(self) -> Any:
        value = self.top()
        del self.stack[-1]
        return value

    def pop_mark(self) -> list[Any]:
        """Return the values since the last mark, and forget it."""
        for index in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[index], _Mark):
                values = self.stack[index + 1 :]
                del self.stack[index:]
                return values
        raise RefusedError("its pickle takes a mark that is not there")

    def pop_tuple(self, count: int) -> None:
        values = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(values)))

    def put(self, index: int) -> None:
        if index >= MEMO_LIMIT:
            raise RefusedError(f"its pickle remembers a value under the number {index}")
        self.memo[index] = self.top()

    def get(self, index: int) -> None:
        if index not in self.memo:
            raise RefusedError(f"its pickle recalls the number {index}, which it never remembered")
        self.push(self.memo[index])

    def append(self, values: list[Any]) -> None:
        target = self.top()
        if type(target) is not list:
            raise RefusedError("its pickle appends to something that is no list")
        target.extend(values)

    def set_items(self, values: list[Any]) -> None:
        target = self.top()
        keys = values[::2]
        if type(target) is not dict or len(values) % 2:
            raise RefusedError("its pickle sets items of something that is no dictionary")
        if not all(type(key) in (str, int) for key in keys):
            raise RefusedError("its pickle has a key that is neither a text nor a number")
        target.update(zip(keys, values[1::2], strict=True))

    def look_up(self) -> None:
        name = f"{self.line()} {self.line()}"
        if self.tail is None or name not in ALLOWED_NAMES:
            shown = ascii(name.replace(" ", "."))[1:-1][:80]
            raise RefusedError(f"loading it would look up {shown}")
        self.push(Global(name))

    def call(self) -> None:
        arguments, function = self.pop(), self.pop()
        name = function.name if isinstance(function, Global) else ""
        if name == ORDERED and arguments in ((), ([],)):
            self.push(_Ordered())
        elif name in (REBUILD, f"{REBUILD}_v2") and _rebuilds(arguments, v2=name != REBUILD):
            self.push(_Tensor())
        else:
            raise RefusedError("loading it would make a call that makes no tensor")

    def persistent(self) -> None:
        """Take a storage in the form of torch, which calls the type that is named in it."""
        identity = self.pop()
        if self.tail is None or type(identity) is not tuple or len(identity) != 5 + len(self.tail):
            raise RefusedError("its pickle names an object outside it that is no storage")
        word, kind, key, location, count, *tail = identity
        known = (
            (type(word), type(key), type(location), type(count)) == (str, str, str, int)
            and word == "storage"
            and isinstance(kind, Global)
            and kind.name.startswith("torch ")
            and KEY.fullmatch(key)
            and LOCATION.fullmatch(location)
            and count >= 0
            and tuple(tail) == self.tail
        )
        if not known:
            raise RefusedError("its pickle names an object outside it that is no storage")
        storage = Storage(kind.name.removeprefix("torch "), key, count)
        if self.storages.setdefault(key, storage) != storage:
            raise RefusedError("its pickle gives two storages one name")
        self.push(storage)


def _rebuilds(arguments: Any, *, v2: bool) -> bool:
    """Whether these are the arguments of a tensor that lies within its storage."""
    if type(arguments) is not tuple or len(arguments) != (6 if v2 else 4):
        return False
    storage, offset, shape, strides, *rest = arguments
    if v2 and not (type(rest[0]) is bool and isinstance(rest[1], _Ordered)):
        return False
    plain = all(_counts(numbers) for numbers in (shape, strides, (offset,)))
    if not isinstance(storage, Storage) or not plain or len(shape) != len(strides):
        return False
    count = math.prod(shape)
    if count == 0:
        return bool(offset <= storage.count)
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    return bool(last < storage.count and count <= storage.count)


def _counts(numbers: Any) -> bool:
    """Whether this is a tuple of a few numbers from 0 on."""
    small = type(numbers) is tuple and len(numbers) <= 16
    return small and all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)


# Everything that may stand in a pickle but its end.
OPCODES: dict[bytes, Callable[[_Reader], None]] = {
    b"(": lambda r: r.push(_Mark()),
    b"N": lambda r: r.push(None),
    b"\x88": lambda r: r.push(True),
    b"\x89": lambda r: r.push(False),
    b"K": lambda r: r.push(r.number("<B")),
    b"M": lambda r: r.push(r.number("<H")),
    b"J": lambda r: r.push(r.number("<i")),
    b"\x8a": lambda r: r.push(int.from_bytes(r.take(r.number("<B")), "little", signed=True)),
    b"X": lambda r: r.push(r.text(r.take(r.number("<I")))),
    b"U": lambda r: r.push(r.text(r.take(r.number("<B")))),  # Python 2 writes its texts so
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
    b"c": _Reader.look_up,
    b"R": _Reader.call,
    b"Q": _Reader.persistent,
}
