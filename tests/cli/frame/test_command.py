"""A function becomes a command with the options that it declares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mnist_tool.cli.frame.command import application
from mnist_tool.cli.screen.output import Output

heard = []


def listen(
    out: Output,
    words: Annotated[list[str] | None, typer.Argument(metavar="WORD")] = None,
    source: Annotated[list[str] | None, typer.Option("--from")] = None,
    where: Annotated[Path | None, typer.Option("--to")] = None,
    count: Annotated[int, typer.Option("--number")] = 1,
) -> None:
    """Listen."""
    heard.append((words, source, where, count))


def test_an_option_keeps_its_name_whatever_its_default() -> None:
    """Also None, which Python before 3.11 takes for a part of the annotation."""
    app = application(listen, "listen", "Listen.", (("a", "b"), ("c", "d")))
    app(["w", "--from", "x", "--from", "y", "--to", "z"], standalone_mode=False)
    assert heard.pop() == (["w"], ["x", "y"], Path("z"), 1)
