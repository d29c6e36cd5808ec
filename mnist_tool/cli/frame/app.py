"""The application object that every command registers with."""

from __future__ import annotations

from typing import Annotated

import typer

from mnist_tool.cli.frame.help import HelpfulGroup
from mnist_tool.cli.screen.output import Output
from mnist_tool.version import __version__

__all__ = ["app"]

app = typer.Typer(
    name="mnist-tool",
    help="MNIST that always arrives, a doctor for your machine, and an exact, fast trainer.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    cls=HelpfulGroup,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        Output("mnist-tool").print(f"mnist-tool {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Options that stand before the command."""
