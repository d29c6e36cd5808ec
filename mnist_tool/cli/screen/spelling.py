"""Spell in ASCII what a stream cannot encode or a terminal would obey: every text gets through."""

from __future__ import annotations

import codecs
import re

__all__ = ["HANDLER", "OBEYED", "spell"]

HANDLER = "mnist_tool.spell"  # for the `errors` of a stream

# What moves the cursor, colours, renames windows, or turns the order of letters around: all control
# characters but newline and tab, the bidirectional overrides, and halves of a pair.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

SPELLINGS = {"±": "+/-", "…": "...", "✓": "[OK]", "✗": "[FAIL]", "←": "<-", "→": "->"}


def spell(text: str, encoding: str) -> str:
    r"""Return a text in which nothing is left that an encoding lacks or a terminal obeys.

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
    >>> spell("\x1b[31mred", "utf-8")
    '\\x1b[31mred'
    """
    text = OBEYED.sub(_escape, text)
    return text.encode(encoding, HANDLER).decode(encoding)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    spelt = (SPELLINGS.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return "".join(spelt), error.end


codecs.register_error(HANDLER, _handle)
