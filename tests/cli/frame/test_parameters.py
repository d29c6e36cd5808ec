"""Only what was given is converted, and nothing empty is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import python


@pytest.mark.parametrize("words", ["--version", "recipes", "train --help"])
def test_nothing_is_loaded_to_convert_what_was_not_given(words: str) -> None:
    """Typer converts with pydantic, which takes as long to load as everything else."""
    code = f"""
import sys
sys.modules["pydantic"] = None  # importing it fails
sys.argv[1:] = {words.split()!r}
from mnist_tool.__main__ import start
start()
"""
    done = python(code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--root", ""),
        ("fetch", "--from", ""),
        ("fetch", "--from", "somewhere", "--from="),
        ("fetch", "--timeout", ""),
        ("test", "--run="),
        ("visualize", "-o", ""),
        ("train", "--set", ""),
        ("doctor", ""),
        ("predict", "digit.png", ""),
    ],
    ids=" ".join,
)
def test_an_empty_text_is_no_value(words: tuple[str, ...], run_tool: Any) -> None:
    """`--root "$DATA"` with no such variable must not mean the current folder."""
    done = run_tool(*words)
    assert done.exit_code == 2
    assert "is empty" in done.stderr
    assert not list(Path().iterdir())
