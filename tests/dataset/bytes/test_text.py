"""A stranger's text is shown in one short line, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.text import printable


@given(st.text(max_size=500))
def test_one_short_line_of_printable_characters(text: str) -> None:
    """No control character moves the cursor; what could be shown before stays."""
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 200
    words = " ".join(text.split())
    assert all(a == b or not b.isprintable() for a, b in zip(shown, words, strict=False))
    assert len(shown) == min(200, len(words))
