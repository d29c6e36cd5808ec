"""Text that comes from a stranger, made fit to be shown."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str) -> str:
    """Return one short line without control characters: the text comes from a stranger."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))[:200]
