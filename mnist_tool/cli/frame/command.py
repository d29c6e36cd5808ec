"""Turn a function into a command: its summary, the options all share, the edge, the exit code."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from mnist_tool.cli.frame.catalogue import COMMANDS
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.frame.help import HelpfulCommand
from mnist_tool.cli.screen.output import Output

__all__ = ["application", "command"]

Function = Callable[..., None]  # its first parameter is the `Output`; the others are Typer's
Examples = tuple[tuple[str, str], ...]

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, in failure too.")
]
QuietOption = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="No progress and no hints; the result and errors stay."),
]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="No colours (as NO_COLOR=1).")]
SHARED: dict[str, Any] = {"json_mode": JsonOption, "quiet": QuietOption, "no_color": NoColorOption}


def command(name: str, *examples: tuple[str, str]) -> Callable[[Function], typer.Typer]:
    """Make a function a command of the catalogue.

    Parameters
    ----------
    name : str
        The word people type, as in the catalogue.
    *examples : tuple of (str, str)
        At least two pairs of an explanation and a command line, shown at the end of ``--help``.

    Returns
    -------
    callable
        A decorator for functions whose first parameter is the `Output`; the others are Typer's.
        ``--json``, ``--quiet`` and ``--no-color`` are added to each.
    """
    return lambda function: application(function, name, COMMANDS[name], examples)


def application(function: Function, name: str, summary: str, examples: Examples) -> typer.Typer:
    """Make a function an application with one command; see `command`."""
    # Not `get_type_hints`: before Python 3.11 it hides what is annotated with a default of None.
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for key, kind in SHARED.items()
    ]

    @functools.wraps(function)
    def run(ctx: typer.Context, **arguments: Any) -> None:
        """Call the function at the edge, with an output that has the shared options."""
        out = Output(name, words=ctx.obj or [], **{key: arguments.pop(key) for key in SHARED})
        with edge(out):
            function(out, **arguments)
        raise typer.Exit(out.exit_code)

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [context, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *shared]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    page = type("Command", (HelpfulCommand,), {"examples": examples})
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=page, help=summary)(run)
    return alone
