"""The command line: parse, call the library, render, exit."""

from __future__ import annotations

import sys

from mnist_tool.cli.frame.app import app
from mnist_tool.cli.frame.catalogue import COMMANDS
from mnist_tool.cli.frame.edge import edge
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
        out.exit_code = _run(words)
    sys.exit(out.exit_code)


def _run(words: list[str]) -> int:
    try:
        code = app(args=words, prog_name="mnist-tool", standalone_mode=False)
    except Exception as error:
        # Typer's usage errors are Click's, which it carries privately: known by their shape.
        if not hasattr(error, "format_message") or not hasattr(error, "exit_code"):
            raise
        code = _usage_error(error, words)
    return code if isinstance(code, int) else 0


def _usage_error(error: Exception, words: list[str]) -> int:
    message = error.format_message()  # type: ignore[attr-defined]
    if not message and not words:  # a bare `mnist-tool` shows its help, which is not a mistake
        return USAGE
    context = getattr(error, "ctx", None)
    command = words[0] if words and words[0] in COMMANDS else ""
    path = context.command_path if context is not None else f"mnist-tool {command}".rstrip()
    out = Output(
        path.removeprefix("mnist-tool").strip() or "mnist-tool", json_mode="--json" in words
    )
    out.fail("usage", message, f"See: {path} --help", USAGE)
    out.finish()
    return USAGE
