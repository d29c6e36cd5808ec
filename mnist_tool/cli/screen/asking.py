"""Ask before something is done that cannot be undone."""

from __future__ import annotations

import sys

import typer

from mnist_tool.errors import SettingError
from mnist_tool.progress import in_cell

__all__ = ["confirmed"]


def confirmed(question: str, why: str, hint: str) -> bool:
    """Return whether somebody at the terminal says yes.

    Parameters
    ----------
    question : str
        To be answered with yes or no; Enter alone is no.
    why, hint : str
        What is told where nobody can answer, and what to do there.

    Raises
    ------
    SettingError
        If there is no terminal, or it is the cell of a notebook, in which one cannot type.
    """
    if sys.stdin is None or not sys.stdin.isatty() or in_cell():
        raise SettingError(why, hint=hint)
    return typer.confirm(question, default=False, err=True)
