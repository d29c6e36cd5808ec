"""Spell in ASCII what a stream cannot encode, so that every text gets through."""

from __future__ import annotations

import codecs

__all__ = ["HANDLER", "spell"]

HANDLER = "mnist_tool.spell"  # for the `errors` of a stream

SPELLINGS = {"±": "+/-", "…": "...", "✓": "[OK]", "✗": "[FAIL]", "←": "<-", "→": "->"}


def spell(text: str, encoding: str) -> str:
    r"""Return a text in which nothing is left that an encoding lacks.

    Parameters
    ----------
    text : str
        Any text, also one with what a file system's own encoding has left over.
    encoding : str
        Name of the encoding.

    Examples
    --------
    >>> spell("98.2 ±0.1 … größer", "ascii")
    '98.2 +/-0.1 ... gr\\xf6\\xdfer'
    """
    return text.encode(encoding, HANDLER).decode(encoding)


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    spelt = (SPELLINGS.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return "".join(spelt), error.end


codecs.register_error(HANDLER, _handle)
