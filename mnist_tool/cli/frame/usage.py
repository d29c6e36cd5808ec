"""Say what is wrong with the words of a command line, and what to type instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mnist_tool.advice import nearest, quoted
from mnist_tool.cli.frame.catalogue import COMMANDS

__all__ = ["command_of", "is_usage_error", "usage_hint"]

UNKNOWN = re.compile(r"No such command '(.*)'\.")
EXTRA = re.compile(r"unexpected extra argument(?:s|\(s\))? \((.+)\)")


def command_of(words: Sequence[str]) -> str:
    """Return the command that the words begin with, or the program's name."""
    return words[0] if words and words[0] in COMMANDS else "mnist-tool"


def is_usage_error(error: BaseException) -> bool:
    """Return whether it is one of Click's, which Typer carries privately: known by its shape."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def usage_hint(error: Any, words: Sequence[str]) -> str:
    """Return what to type instead, or where it is written.

    Parameters
    ----------
    error : exception
        One of Click's.
    words : sequence of str
        Those behind the program's name.
    """
    context = getattr(error, "ctx", None)
    return (
        _behind_the_command(words)
        or _the_command(error.format_message())
        or _as_an_option(error, context)
        or _page(context, words)
    )


def _behind_the_command(words: Sequence[str]) -> str:
    """Put options that stand before the command behind it."""
    first = next((place for place, word in enumerate(words) if word in COMMANDS), 0)
    if not first or not words[0].startswith("-"):
        return ""
    line = quoted(["mnist-tool", *words[first:], *words[:first]])
    return f"Options stand behind the command: {line}"


def _the_command(message: str) -> str:
    """Name the command that was misspelt, which older releases of Typer do not."""
    said = UNKNOWN.match(message)
    name = nearest(said[1], COMMANDS) if said and "Did you mean" not in message else None
    return f"Did you mean mnist-tool {name}?" if name else ""


def _as_an_option(error: Any, context: Any) -> str:
    """Name the option that takes a word which was said without one."""
    found = EXTRA.search(error.format_message())
    if found is None or context is None:
        return ""
    word = found[1].split()[0]
    known = {
        item.value: parameter.opts[0]
        for parameter in reversed(context.command.params)
        if parameter.opts[0].startswith("-")
        for item in parameter.shell_complete(context, "")
        if item.type == "plain"
    }
    name = nearest(word, known)
    return f"Did you mean {quoted([known[name], name])}?" if name else ""


def _page(context: Any, words: Sequence[str]) -> str:
    """Name the help of the command that the error is of, as far as it is known."""
    command = command_of(words).removeprefix("mnist-tool")
    path = context.command_path if context is not None else f"mnist-tool {command}".rstrip()
    return f"See: {path} --help"
