"""What bz2 and lzma pack is unpacked, a little at a time, and damage is told as such."""

from __future__ import annotations

import bz2
import io
import lzma
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes import compressed
from mnist_tool.dataset.bytes.damage import damage
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.errors import FormatError

PACK: dict[str, Callable[[bytes], bytes]] = {
    "bzip2": bz2.compress,
    "xz": lambda content: lzma.compress(content, preset=0),
}
UNPACK = {"bzip2": compressed.bzip2, "xz": compressed.xz}


def read(stream: Readable, size: int) -> bytes:
    """Read to the end, so much at a time."""
    return b"".join(iter(lambda: stream.read(size), b""))


@pytest.mark.parametrize("kind", PACK)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.integers(1, 400))
def test_streams_that_follow_each_other_are_one(kind: str, parts: list[bytes], size: int) -> None:
    """As the shell's tools and the library's files read them; zeros may fill up between."""
    body = b"".join(PACK[kind](part) + bytes(4) * (kind == "xz") for part in parts)
    assert read(UNPACK[kind](io.BytesIO(body)), size) == b"".join(parts)


@pytest.mark.parametrize("kind", PACK)
@given(st.data())
def test_damage_is_what_is_listed_as_such(kind: str, data: st.DataObject) -> None:
    """Nothing else is raised, and a cut body is never taken for a whole one."""
    body = PACK[kind](b"content" * 9)
    cut = body[: data.draw(st.integers(1, len(body) - 1))]
    with pytest.raises(damage()):
        read(UNPACK[kind](io.BytesIO(cut)), 100)


@pytest.mark.parametrize("kind", PACK)
def test_no_read_gives_more_than_was_asked_for(kind: str) -> None:
    """However much a few bytes unpack to."""
    stream = UNPACK[kind](io.BytesIO(PACK[kind](bytes(1 << 20))))
    assert [len(stream.read(size)) <= size for size in (1, 1000, 0, 7)] == [True] * 4


def test_a_python_without_the_library_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no damage, and another program can unpack it."""
    monkeypatch.setitem(__import__("sys").modules, "bz2", None)
    with pytest.raises(FormatError, match="built without"):
        compressed.bzip2(io.BytesIO(b""))
