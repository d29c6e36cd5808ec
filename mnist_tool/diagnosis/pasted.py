"""Answer a pasted error text: what it means, and what mends it in the interpreter at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mnist_tool.diagnosis.context import InterpreterFacts
from mnist_tool.diagnosis.explain import explain_pasted, fitting, message_of, search_line
from mnist_tool.diagnosis.explained.entry import Explanation

__all__ = ["Reply", "answer", "decoded"]

# Colours, links and other commands to a terminal, and what else is no text.
COMMANDS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, repr=False)
class Reply:
    """What is known of a text; it shows itself in a notebook and where it is printed.

    Parameters
    ----------
    said : str
        The message in it, whole.
    known : Explanation or None
        What it means; ``None`` where that is not known.
    fix : tuple of str
        The commands that mend it, for the interpreter at hand.
    search : str
        Where others' reports of it can be found.
    """

    said: str
    known: Explanation | None
    fix: tuple[str, ...]
    search: str

    def __repr__(self) -> str:
        if self.known is None:
            return f"{self.said}\n\nno known cause\nsearch: {self.search}"
        lines = [f"cause: {self.known.cause}"]
        lines += [f"to do: {self.known.advice}"] if self.known.advice else []
        lines += [
            ("fix: " if number == 0 else " or: ") + line for number, line in enumerate(self.fix)
        ]
        return "\n".join([*lines, f"source: {self.known.source}"])


def decoded(content: bytes) -> str:
    r"""Return what a file or a pipe holds as text, without colours.

    Examples
    --------
    >>> decoded(b"\x1b[31mNo module\x1b[0m\r\n")
    'No module\n'
    >>> decoded("Café".encode("utf-16"))  # as PowerShell writes what is sent to a file
    'Café'
    """
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if wide else "utf-8-sig", "replace")
    return CONTROLS.sub("", COMMANDS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def answer(text: str, facts: InterpreterFacts) -> Reply:
    """Explain a text for an interpreter.

    Parameters
    ----------
    text : str
        A message, a traceback, or all that a terminal showed.
    facts : InterpreterFacts
        Where it is to be mended: what installs packages there, and in which versions they are.

    Returns
    -------
    Reply
        With no remedy where nothing is known.
    """
    known = fitting(explain_pasted(text), facts.version("torch"), facts.version("numpy"))
    fix = facts.invocation.of(known, facts.installer) if known else ()
    return Reply(message_of(text), known, fix, search_line(text))
