"""Nothing is hidden, however wide a terminal says it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize("size", ["0", "1", "-7", "wide", "", "²", "9" * 5000])
def test_a_width_that_is_none_is_forgotten(size: str, run_process: Run) -> None:
    """`COLUMNS=0` and others hide nothing: the page is the one of a terminal without a size."""
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    usual = run_process("sources", env=plain)
    assert "cvdf" in usual.stdout
    assert run_process("sources", env=plain | {"COLUMNS": size, "LINES": size}) == usual


def test_a_narrow_page_is_complete(run_process: Run) -> None:
    """Words that are wider than their column go on in the next line."""
    pages = [
        "".join(
            run_process("fetch", "--help", env=os.environ | {"COLUMNS": columns}).stdout.split()
        )
        for columns in ("20", "200")
    ]
    assert sorted(pages[0]) == sorted(pages[1])
