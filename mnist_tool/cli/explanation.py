"""What `doctor --explain` does: read a pasted error text, and answer it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool.advice import reason
from mnist_tool.cli.screen.output import Output
from mnist_tool.configuration import user_path
from mnist_tool.errors import SettingError
from mnist_tool.progress import in_cell

if TYPE_CHECKING:
    from mnist_tool.diagnosis.context import Request

__all__ = ["explain_text"]

MOST = 4_000_000  # bytes of a log that are read: what happened stands at its end


def explain_text(out: Output, source: str, request: Request) -> None:
    """Answer an error text.

    Parameters
    ----------
    out : Output
        Where to; the exit code is 1 where nothing is known of it.
    source : str
        The file that holds it, or ``-`` for standard input.
    request : Request
        Says which interpreter is to be mended; the first one if there are several.
    """
    from mnist_tool.diagnosis.context import Context
    from mnist_tool.diagnosis.pasted import answer, decoded

    text = decoded(_read(out, source))
    if not text.strip():
        raise SettingError(
            "There is no text to explain.", hint="Paste the whole traceback, or name its file."
        )
    facts = Context(request, frozenset()).interpreter(request.subjects[0])
    found = answer(text, facts)
    known = found.known
    out.data(
        known=known is not None,
        name=known.name if known else "",
        said=found.said,
        cause=known.cause if known else "",
        advice=known.advice if known else "",
        fix=list(found.fix),
        source=known.source if known else "",
        search=found.search,
        python=request.subjects[0],
    )
    out.print(str(found))
    if known is None:
        out.answer(1)


def _read(out: Output, source: str) -> bytes:
    if source != "-":
        path = user_path(source)
        try:
            return _end_of(path)
        except OSError as error:
            raise SettingError(
                f"{path} cannot be read: {reason(error)}.",
                hint="Name a file that holds the error text, or - for standard input.",
            ) from error
    if sys.stdin is None:
        raise SettingError("Standard input is closed.", hint="Name a file: --explain FILE")
    if sys.stdin.isatty():
        if in_cell():
            raise SettingError(
                "Nothing can be typed below a cell of a notebook.",
                hint="Name a file, or after the error in Python: mnist_tool.explain_error()",
            )
        out.note("Paste the error text, then end it with Ctrl-D (Windows: Ctrl-Z and Enter).")
    return sys.stdin.buffer.read()[-MOST:]


def _end_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - MOST))
        return stream.read(MOST)
