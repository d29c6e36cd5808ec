"""Write the help pages: usage, what it does, arguments and options, examples.

Typer's own rich pages load Markdown and traceback renderers, which doubles the time of ``--help``.
"""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from mnist_tool.cli.frame.parameters import convert_what_is_given
from mnist_tool.cli.screen.streams import PatientConsole

__all__ = ["FORMER_OUTPUT", "HelpfulCommand", "HelpfulGroup"]

NARROWEST_TEXT = 32  # columns; in fewer, an explanation stands below its option
# What people try who know other tools.
WORDS = {"help": "--help", "version": "--version"}
# What some commands called --output once: it works, and nobody is told of it.
FORMER_OUTPUT = "--save"


class HelpfulCommand(TyperCommand):
    """A command whose help ends with its examples."""

    examples: tuple[tuple[str, str], ...] = ()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words; see `parameters`."""
        convert_what_is_given(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return what a word may become."""
        offered = super().shell_complete(ctx, incomplete)
        return [each for each in offered if each.value != FORMER_OUTPUT]

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - printed at once
        """Print the page."""
        console = _console()
        _print_head(console, self, ctx)
        _print_parameters(console, self, ctx)
        _print_examples(console, self.examples)


class HelpfulGroup(TyperGroup):
    """The program itself: its help lists the commands, without loading them."""

    examples = (
        ("Get the data", "mnist-tool fetch"),
        ("Repeat the lecture", "mnist-tool train"),
        ("Something is wrong", "mnist-tool doctor"),
    )

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands()  # type: ignore[assignment]  # is only read

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words before the command; see `parameters`."""
        convert_what_is_given(self.get_params(ctx))
        if args and args[0] in WORDS:
            args = [*args[1:], WORDS[args[0]]]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; old Click shows the help for a word that looks like an option to it."""
        looks_like_one = args[0] not in COMMANDS and not args[0][:1].isalnum()
        if looks_like_one and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{args[0]}'.")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - always the same ones
        """Return the names, in the order of the help."""
        return list(COMMANDS)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return what a word may become; a command that is only named is not loaded."""
        self.commands = {name: TyperCommand(name, help=text) for name, text in COMMANDS.items()}
        return super().shell_complete(ctx, incomplete)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - printed at once
        """Print the page."""
        console = _console()
        _print_head(console, self, ctx)
        _print_rows(console, "Commands", list(COMMANDS.items()))
        _print_parameters(console, self, ctx)
        _print_examples(console, self.examples)


def _console() -> PatientConsole:
    return PatientConsole(highlight=False)


def _print_head(console: PatientConsole, command: Any, ctx: Any) -> None:
    # Typer puts braces around the names of arguments, and their types behind them.
    pieces = " ".join(command.collect_usage_pieces(ctx)).replace("{", "").replace("}", "")
    console.print(f"[bold]Usage:[/bold] {escape(ctx.command_path)} {escape(pieces)}\n")
    console.print(escape(command.help or ""))


def _print_parameters(console: PatientConsole, command: Any, ctx: Any) -> None:
    records = [(p.param_type_name, p.get_help_record(ctx)) for p in command.get_params(ctx)]
    arguments = [
        (row[0].split(" <")[0], row[1]) for kind, row in records if row and kind == "argument"
    ]
    _print_rows(console, "Arguments", arguments)
    options = [
        (row[0].replace(f", {FORMER_OUTPUT}", ""), row[1])
        for kind, row in records
        if row and kind == "option"
    ]
    _print_rows(console, "Options", options)


def _print_rows(console: PatientConsole, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    console.print(f"\n[bold]{title}[/bold]")
    # Typer before 0.29 escapes what it adds, such as [default: mnist], and Rich shows that.
    rows = [(f"  {escape(name)}", escape(text.replace("\\[", "["))) for name, text in rows]
    names = max(len(name) for name, _ in rows)
    if names + NARROWEST_TEXT > console.width:
        for name, text in rows:
            console.print(f"[cyan]{name}[/cyan]", soft_wrap=True)
            console.print(Padding(text, (0, 0, 0, 6)))
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _print_examples(console: PatientConsole, examples: tuple[tuple[str, str], ...]) -> None:
    console.print("\n[bold]Examples[/bold]")
    for what, line in examples:
        console.print(f"  [dim]# {escape(what)}[/dim]\n  {escape(line)}", soft_wrap=True)
