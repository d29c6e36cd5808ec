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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train --epochs x", "'--epochs': 'x' must be a whole number."),
        ("train --epochs 1.5", "'--epochs': '1.5' must be a whole number."),
        ("fetch --timeout abc", "'--timeout': 'abc' must be a number."),
        ("visualize digit x", "'INDEX': 'x' must be a whole number."),
        ("predict-random --count 0", "'--count': '0' must be"),
    ],
)
def test_a_wrong_value_is_refused_in_our_words(words: str, said: str, run_tool: Any) -> None:
    """Not in those of the library that Typer converts with."""
    done = run_tool(*words.split())
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Input should" not in done.stderr
