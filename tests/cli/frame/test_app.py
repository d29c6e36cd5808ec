"""The program without a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_bare_command_shows_help(run_tool: Run) -> None:
    """Without a word, the list of commands is shown."""
    done = run_tool()
    assert "fetch" in done.stdout


def test_version_is_the_packages(run_tool: Run) -> None:
    """One version number, printed."""
    from mnist_tool import __version__

    assert run_tool("--version").stdout == f"mnist-tool {__version__}\n"
