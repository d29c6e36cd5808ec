"""Reading exactly so many bytes, however few come at once."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.readable import read_exactly


class Dripping(io.BytesIO):
    """A stream that gives three bytes at most."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 3))


@given(st.binary(max_size=40), st.integers(0, 50))
def test_fewer_only_at_the_end(content: bytes, count: int) -> None:
    """And nothing more is taken."""
    stream = Dripping(content)
    assert read_exactly(stream, count) == content[:count]
    assert stream.tell() == min(count, len(content))
