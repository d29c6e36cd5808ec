"""Pickled arrays: ``mnist.pkl.gz`` of deeplearning.net, and dictionaries of NumPy's arrays.

Only what NumPy writes is built, from bytes that are there; nothing is looked up or called, so a
pickle can do no more here than be refused.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from mnist_tool.dataset.bytes.damage import HINT
from mnist_tool.dataset.bytes.forms.values import InMemory, as_files
from mnist_tool.dataset.bytes.readable import Readable, read_long
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.dataset.bytes.unpickling import (
    PLAIN_OPCODES,
    CutOffError,
    Global,
    PickleReader,
    RefusedError,
    shown,
)
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read", "unpickle"]

PROTOCOLS = range(2, 6)
MOST_STEPS = 2_000_000  # a list of 70,000 labels takes fewer than 200,000
LONGEST_LINE = 200
LONG_TEXT = 1 << 20  # the numbers of an array, where Python 3 wrote them for Python 2
DEEPEST = 4  # containers in containers that are looked into
THREE, PAIR = ("train", "valid", "test"), ("images", "labels")
VALIDATION = ("validation", "valid", "val")
FEWEST_LABELS = 10  # of a list of numbers that may be labels

MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
RECONSTRUCT = {f"{module} _reconstruct" for module in MODULES}
SCALAR = {f"{module} scalar" for module in MODULES}
BUFFER = {"numpy.core.numeric _frombuffer", "numpy._core.numeric _frombuffer"}
ENCODE = {"_codecs encode"}
NO_BYTES = {"__builtin__ bytes", "builtins bytes"}
ORDERED = {"collections OrderedDict"}
DTYPE, NDARRAY = {"numpy dtype"}, {"numpy ndarray"}
NAMES = RECONSTRUCT | SCALAR | BUFFER | ENCODE | NO_BYTES | ORDERED | DTYPE | NDARRAY
TYPES = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)} | {"b1", "f2", "f4", "f8"}


class _Type:
    """A type of numbers; pickles set its byte order afterwards."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Array:
    """An array; pickles give its numbers afterwards."""

    values: NDArray[Any] | None = None


class _LongText:
    """A text that is never decoded whole: that could take four times the memory of its bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = memoryview(raw)

    def encode(self, encoding: str) -> bytearray:
        """Return its bytes in another encoding."""
        decoder, content = codecs.getincrementaldecoder("utf-8")(), bytearray()
        for start in range(0, len(self._raw), LONG_TEXT):
            part = decoder.decode(self._raw[start : start + LONG_TEXT])
            content += part.encode(encoding)
        return content + decoder.decode(b"", final=True).encode(encoding)


class _Reader(PickleReader):
    """Build what NumPy has pickled."""

    def __init__(self, stream: Readable) -> None:
        super().__init__()
        self._stream = stream
        self._steps = 0

    def take(self, count: int) -> bytes | bytearray:  # type: ignore[override]
        """Return the next bytes, of which there may be hundreds of millions."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise RefusedError(f"its pickle takes more than {MOST_STEPS:,} steps")
        part = self._stream.read(count) if count <= 8 else b""
        if len(part) < count:
            part += read_long(self._stream, count - len(part))
        if len(part) < count:
            raise CutOffError("its pickle ends too early")
        return part

    def line(self) -> str:
        """Return the next line, without its end."""
        line = b""
        while not line.endswith(b"\n"):
            line += self.take(1)
            if len(line) > LONGEST_LINE:
                raise RefusedError("its pickle has a name without end")
        return line[:-1].decode("ascii", "replace")

    def text(self, raw: bytes) -> str | _LongText:  # type: ignore[override]
        """Return a text; of a long one only its latin-1 bytes are of use."""
        return raw.decode("utf-8", "surrogatepass") if len(raw) < LONG_TEXT else _LongText(raw)

    # ---- what NumPy needs besides containers -----------------------------------------------------

    def look_up(self, name: str) -> None:
        """Take a name of NumPy's, and none else."""
        if name not in NAMES:
            raise RefusedError(f"loading it would look up {shown(name)}; nothing of it was run")
        self.push(Global(name))

    def stack_global(self) -> None:
        """Take a name that stands on the stack."""
        name, module = self.pop(), self.pop()
        self.look_up(f"{module} {name}")

    def call(self) -> None:
        """Build what a call of one of these names would make."""
        arguments, function = self.pop(), self.pop()
        name = function.name if isinstance(function, Global) else ""
        match arguments:
            case (Global(name="numpy ndarray"), (0,), _) if name in RECONSTRUCT:
                self.push(_Array())
            case (str() | bytes() | bytearray() as code, _, _) if name in DTYPE:
                code = code if isinstance(code, str) else code.decode("latin1")
                if code not in TYPES:
                    raise RefusedError(f"it holds an array of type {printable(code)}")
                self.push(_Type(code))
            case (bytes() | bytearray() as raw, _Type() as kind, tuple() as shape, order) if (
                name in BUFFER
            ):
                self.push(_Array())
                self._fill(self.top(), raw, kind, shape, order == "F")
            case (_Type() as kind, bytes() | bytearray() as raw) if name in SCALAR:
                self.push(_Array())
                self._fill(self.top(), raw, kind, (), False)
            case (str() | _LongText() as text, "latin1") if name in ENCODE:
                self.push(text.encode("latin1"))
            case () if name in NO_BYTES:
                self.push(b"")
            case () if name in ORDERED:
                self.push({})
            case _:
                raise RefusedError("loading it would make a call that makes no array")

    def build(self) -> None:
        """Give a type its byte order, or an array its numbers."""
        state, target = self.pop(), self.top()
        match target, state:
            case _Type(), (_, str() | bytes() | bytearray() as order, None, None, None, *_):
                order = order if isinstance(order, str) else order.decode("latin1")
                target.name = target.name.lstrip("<>|=")
                target.name = ("|" if order not in {"<", ">"} else order) + target.name
            case (
                _Array(values=None),
                (_, tuple() as shape, _Type() as kind, fortran, bytes() | bytearray() as raw),
            ):
                self._fill(target, raw, kind, shape, bool(fortran))
            case _:
                raise RefusedError("its pickle sets the state of something that is no array")

    def _fill(
        self, array: _Array, raw: bytes | bytearray, kind: _Type, shape: Any, fortran: bool
    ) -> None:
        import numpy as np

        dtype = np.dtype(kind.name)
        plain = len(shape) <= 8 and all(type(n) is int and 0 <= n < 1 << 40 for n in shape)
        if not plain or prod(shape) * dtype.itemsize != len(raw):
            raise RefusedError("it announces an array of another size than it holds")
        values = np.frombuffer(raw, dtype) if raw else np.zeros(0, dtype)
        array.values = values.reshape(shape, order="F" if fortran else "C")


def _skip_frame(reader: _Reader) -> None:
    reader.take(8)


_Reader.opcodes = {
    **PLAIN_OPCODES,
    b"\x95": _skip_frame,  # how many bytes follow is no news
    b"\x94": lambda r: r.put(len(r.memo)),
    b"\x8c": lambda r: r.push(r.text(r.take(r.number("<B")))),
    b"\x8d": lambda r: r.push(r.text(r.take(r.number("<Q")))),
    b"C": lambda r: r.push(r.take(r.number("<B"))),
    b"B": lambda r: r.push(r.take(r.number("<I"))),
    b"\x8e": lambda r: r.push(r.take(r.number("<Q"))),
    b"\x96": lambda r: r.push(r.take(r.number("<Q"))),
    b"U": lambda r: r.push(r.take(r.number("<B"))),  # Python 2's texts are bytes
    b"T": lambda r: r.push(r.take(r.number("<I"))),
    b"G": lambda r: r.take(8) and r.push(None),  # a fraction is neither a pixel nor a label here
    b"c": lambda r: r.look_up(f"{r.line()} {r.line()}"),
    b"\x93": _Reader.stack_global,
    b"R": _Reader.call,
    b"b": _Reader.build,
}


def unpickle(stream: Readable) -> Any:
    """Return what a pickle of protocol 2 to 5 holds: containers, texts, numbers, NumPy's arrays.

    Raises
    ------
    FormatError
        If there is anything else in it; nothing of it was run.
    """
    reader = _Reader(stream)
    start = stream.read(2)
    if len(start) < 2 or start[0] != 0x80 or start[1] not in PROTOCOLS:
        raise FormatError("it is no pickle of protocol 2 to 5", hint=HINT)
    try:
        return reader.follow()
    except RefusedError as error:
        raise FormatError(f"{error} (a pickle of protocol {start[1]})", hint=HINT) from error
    except UnicodeError as error:
        raise FormatError(f"it is damaged: {error}", hint=HINT) from error


def read(stream: Readable, name: str) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files in a pickle; see `values.as_files`.

    Three pairs are deeplearning.net's 50,000 images to train with, 10,000 to validate, which were
    split off the training set, and 10,000 to test with. Else keys and places are the names.
    """
    found = _arrays(unpickle(stream), ())
    if [path for path, _ in found] == [(n, m) for n in range(3) for m in range(2)]:
        found = [((THREE[n], PAIR[m]), values) for (n, m), values in found]
    if not found:
        raise FormatError("there is no array in it", hint=HINT)
    for path, values in _joined({"/".join(map(str, path)): values for path, values in found}):
        yield from as_files(f"{name}/{printable(path)}", values)


def _arrays(value: Any, path: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], NDArray[Any]]]:
    """Return the arrays in containers, with the keys and places that lead to them."""
    import numpy as np

    if isinstance(value, _Array):
        return [] if value.values is None else [(path, value.values)]
    if isinstance(value, list) and len(value) >= FEWEST_LABELS:
        numbers = [v if type(v) is int else getattr(v, "values", None) for v in value]
        if all(type(n) is int or getattr(n, "shape", None) == () for n in numbers):
            return [(path, np.array(numbers))]
    if len(path) == DEEPEST or not isinstance(value, dict | list | tuple):
        return []
    inside = value.items() if isinstance(value, dict) else enumerate(value[:FEWEST_LABELS])
    return [found for key, part in inside for found in _arrays(part, (*path, key))]


def _joined(named: dict[str, NDArray[Any]]) -> Iterable[tuple[str, NDArray[Any]]]:
    """Put what was split off to validate with back behind what is left to train with."""
    import numpy as np

    for name in [name for name in named if "train" in name]:
        for word in VALIDATION:
            rest = named.get(other := name.replace("train", word))
            if rest is not None and rest.shape[1:] == named[name].shape[1:]:
                named[name] = np.concatenate([named[name], rest])
                del named[other]
    return named.items()
