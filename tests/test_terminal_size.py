"""What is no width and no height of a terminal is forgotten; the rest stays."""

from __future__ import annotations

import os

import pytest

from mnist_tool.terminal_size import forget_odd_size


@pytest.mark.parametrize("said", ["0", "-1", "", "wide", "²", "9" * 5000, "1e3", "0x50"])
def test_what_is_none_is_forgotten(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Rich takes ``²`` for digits, and Python reads no number of so many."""
    monkeypatch.setenv("COLUMNS", said)
    monkeypatch.setenv("LINES", said)
    forget_odd_size()
    assert {"COLUMNS", "LINES"} & set(os.environ) == set()


@pytest.mark.parametrize(("columns", "lines"), [("20", "1"), ("80", "24"), ("500", "3")])
def test_what_is_one_stays(monkeypatch: pytest.MonkeyPatch, columns: str, lines: str) -> None:
    """Also a narrow one."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", lines)
    forget_odd_size()
    assert (os.environ["COLUMNS"], os.environ["LINES"]) == (columns, lines)
