"""What every reader of pickles shares; what each allows besides is in the tests of each."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.unpickling import (
    PLAIN_OPCODES,
    CutOffError,
    PickleReader,
    RefusedError,
    shown,
)


class Plain(PickleReader):
    """Read containers from a stream."""

    opcodes = PLAIN_OPCODES

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._stream = io.BytesIO(body)

    def take(self, count: int) -> bytes:
        part = self._stream.read(count)
        if len(part) < count:
            raise CutOffError("it ends too early")
        return part

    def text(self, raw: bytes) -> str:
        return raw.decode("utf-8", "surrogatepass")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**100), 2**100) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
)


@given(VALUES)
def test_containers_are_what_python_reads(value: Any) -> None:
    """In protocol 2, behind its two bytes."""
    assert Plain(pickle.dumps(value, 2)[2:]).follow() == value


@pytest.mark.parametrize("value", [1.5, b"x", {1}, print, range(3), object()])
def test_there_is_nothing_else(value: Any) -> None:
    """A table that a subclass does not widen refuses names, calls and all other opcodes."""
    with pytest.raises(RefusedError, match="opcode"):
        Plain(pickle.dumps([value], 2)[2:]).follow()


@pytest.mark.parametrize("name", ["a b", "a \x1b[31m", "a " + "b" * 500, "é"])
def test_names_are_fit_to_be_shown(name: str) -> None:
    """They are anybody's text."""
    assert shown(name).isprintable()
    assert shown(name).isascii()
    assert len(shown(name)) <= 80


def test_a_reader_says_where_its_bytes_come_from() -> None:
    """The base has none."""
    reader = PickleReader()
    for missing in (lambda: reader.take(1), reader.line, lambda: reader.text(b"")):
        with pytest.raises(NotImplementedError):
            missing()
