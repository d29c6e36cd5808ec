"""Forget a width and a height of the terminal that the environment names and that are none."""

from __future__ import annotations

import os

__all__ = ["forget_odd_size"]

NARROWEST = 20  # columns: in fewer, Rich leaves out parts of a table


def forget_odd_size() -> None:
    """Take ``COLUMNS`` and ``LINES`` out of the environment where no page can be laid out by them.

    Rich fails at some of them, and old releases of Typer ask it when they are imported.
    """
    for name, least in (("COLUMNS", NARROWEST), ("LINES", 1)):
        if not _is_number(os.environ.get(name, ""), least):
            os.environ.pop(name, None)


def _is_number(text: str, least: int) -> bool:
    try:
        return int(text) >= least
    except ValueError:
        return False
