"""Write every command with all its options into docs/commands.md, when the site is built."""

from __future__ import annotations

from typing import Any

MARK = "<!-- written by docs/site/commands.py when the site is built -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill a page in which the mark stands; MkDocs calls it for each."""
    return markdown.replace(MARK, commands()) if MARK in markdown else markdown


def commands() -> str:
    """Return a section for each command, in the order of the help."""
    from mnist_tool.cli.frame.catalogue import LazyCommands

    return "\n".join(_section(name, command) for name, command in LazyCommands().items())


def _section(name: str, command: Any) -> str:
    lines = [f"## mnist-tool {name}", "", command.help, ""]
    rows = [_row(parameter) for parameter in command.params]
    lines += ["| option | meaning |", "|---|---|", *rows, "", "```console"]
    for told, line in command.examples:
        lines += [f"# {told}", f"$ {line}"]
    return "\n".join([*lines, "```", ""])


def _row(parameter: Any) -> str:
    from mnist_tool.cli.frame.help import FORMER_OUTPUT

    options = [option for option in parameter.opts if option != FORMER_OUTPUT]
    names = ", ".join(options) if options[0].startswith("-") else ""
    metavar = parameter.metavar or ("" if names else parameter.name.upper())
    text = " ".join((parameter.help or "").split())
    for sign in ("|", "<", "*"):
        text, metavar = (part.replace(sign, f"\\{sign}") for part in (text, metavar))
    return f"| `{names}` {metavar} | {text} |" if names else f"| {metavar} | {text} |"
