"""The command line: parse, call the library, render, exit."""

from __future__ import annotations

import sys
from typing import Any

from mnist_tool.cli.frame.app import app
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.frame.usage import command_of, is_usage_error, usage_hint
from mnist_tool.cli.screen.output import Output
from mnist_tool.cli.screen.streams import prepare

__all__ = ["app", "main"]

USAGE = 2


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Parameters
    ----------
    arguments : list of str, optional
        The words after the program's name; ``sys.argv`` by default.
    """
    words = sys.argv[1:] if arguments is None else arguments
    prepare()
    out = Output("mnist-tool")
    with edge(out):  # each command has its own; this is for what comes before one
        try:
            code = app(args=words, prog_name="mnist-tool", standalone_mode=False, obj=words)
        except BaseException as error:
            out.command, out.json_mode = command_of(words), "--json" in words
            if not is_usage_error(error):
                raise
            _report(error, words, out)
        else:
            out.exit_code = code if isinstance(code, int) else 0
    sys.exit(out.exit_code)


def _report(error: Any, words: list[str], out: Output) -> None:
    message = error.format_message()
    if message or words:
        out.fail("usage", message, usage_hint(error, words), USAGE)
    else:  # a bare `mnist-tool` shows its help, which is not a mistake
        out.answer(USAGE)
