"""Only what was given is converted."""

from __future__ import annotations

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
