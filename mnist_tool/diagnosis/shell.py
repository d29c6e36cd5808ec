"""Write the commands of the shell that mend things, ready to be pasted."""

from __future__ import annotations

import os
from pathlib import Path

from mnist_tool.advice import quoted

__all__ = [
    "expanded",
    "export",
    "rename",
    "unset",
]


def export(variable: str, value: str) -> str:
    """Return the command that sets an environment variable; `value` is quoted where it must be."""
    return f"set {variable}={value}" if os.name == "nt" else f"export {variable}={value}"


def expanded(variable: str) -> str:
    """Return what the shell replaces by a variable's value."""
    return f"%{variable}%" if os.name == "nt" else f'"${variable}"'


def unset(variable: str) -> str:
    """Return the command that removes an environment variable."""
    return f"set {variable}=" if os.name == "nt" else f"unset {variable}"


def rename(name: str) -> str:
    """Return the command that gives a file of the user another name, and overwrites nothing."""
    words = ["ren"] if os.name == "nt" else ["mv", "-n"]
    return quoted([*words, name, str(Path(name).with_name(f"my_{Path(name).name}"))])
