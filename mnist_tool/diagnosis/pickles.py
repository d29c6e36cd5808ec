"""Read a pickle of plain tensors without running it, and refuse it at the first other byte.

It knows the few opcodes that ``torch.save`` needs for tensors, and allows a name, a call or a
persistent object only in the form in which torch writes it. What it accepts, every unpickler reads
in the same way; so it need not know what they make of anything else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_tool.dataset.bytes.unpickling import (
    PLAIN_OPCODES,
    CutOffError,
    Global,
    PickleReader,
    RefusedError,
    shown,
)

__all__ = ["ALLOWED_NAMES", "CutOffError", "RefusedError", "Storage", "read_plain", "read_tensors"]

PROTOCOL = b"\x80\x02"  # torch.save writes no other
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


class _Reader(PickleReader):
    """Follow one pickle; `tail` is None where nothing may be looked up."""

    def __init__(self, data: bytes, start: int, tail: tuple[None, ...] | None = None) -> None:
        super().__init__()
        self.data = data
        self.position = start
        self.tail = tail
        self.storages: dict[str, Storage] = {}

    def run(self) -> Any:
        if (start := self.take(len(PROTOCOL))) != PROTOCOL:
            raise RefusedError(f"a pickle begins with {start!r} where torch writes {PROTOCOL!r}")
        return self.follow()

    def place(self) -> str:
        return f" at byte {self.position - 1}"

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        end = self.position + count
        if end > len(self.data):
            raise CutOffError("it ends too early")
        part = self.data[self.position : end]
        self.position = end
        return part

    def line(self) -> str:
        """Return the next line, without its end."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise CutOffError("it ends too early")
        return self.text(self.take(end + 1 - self.position)[:-1])

    def text(self, raw: bytes) -> str:
        """Return a text; unpicklers differ in what they make of other letters than ASCII."""
        try:
            return raw.decode("ascii")
        except UnicodeDecodeError:
            raise RefusedError("its pickle has a text that is not ASCII") from None

    def look_up(self) -> None:
        name = f"{self.line()} {self.line()}"
        if self.tail is None or name not in ALLOWED_NAMES:
            raise RefusedError(f"loading it would look up {shown(name)}")
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
OPCODES: Mapping[bytes, Callable[[Any], None]] = {
    **PLAIN_OPCODES,
    b"U": lambda r: r.push(r.text(r.take(r.number("<B")))),  # Python 2 writes its texts so
    b"c": _Reader.look_up,
    b"R": _Reader.call,
    b"Q": _Reader.persistent,
}
_Reader.opcodes = OPCODES
