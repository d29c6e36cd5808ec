"""Write everything people and programs read: the product, the talk, the JSON document."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from mnist_tool.advice import quoted
from mnist_tool.cli.screen.listeners import PlainLines, terminal_bars
from mnist_tool.cli.screen.streams import PatientConsole, TalkConsole, discard
from mnist_tool.cli.screen.tables import print_table
from mnist_tool.dataset.attempt import redact_all
from mnist_tool.errors import MnistToolError
from mnist_tool.progress import Progress, Silent, Tqdm, in_cell, in_notebook
from mnist_tool.version import __version__

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["ENVELOPE_VERSION", "Output"]

ENVELOPE_VERSION = 1
STATUSES = {0: "ok", 1: "no"}

# Signs and what stands for them where the stream cannot encode them.
SIGNS = {
    "ok": ("✓", "ok"),
    "warning": ("!", "warn"),
    "error": ("✗", "FAIL"),
    "skipped": ("-", "skip"),
    "crashed": ("☠", "CRASH"),
}
COLOURS = {
    "ok": "green",
    "warning": "yellow",
    "error": "red",
    "skipped": "dim",
    "crashed": "magenta",
}


class Output:
    """Where one command writes: its product to stdout, its talk to stderr.

    Parameters
    ----------
    command : str
        Name of the command, for the JSON document.
    json_mode : bool
        Print one JSON document on stdout and nothing else there.
    quiet : bool
        Leave out the talk; the product and errors stay.
    no_color : bool
        Write no colours, whatever the terminal can.
    words : sequence of str
        What was typed after the program's name, the command with it.
    """

    def __init__(
        self,
        command: str,
        *,
        json_mode: bool = False,
        quiet: bool = False,
        no_color: bool = False,
        words: Sequence[str] = (),
    ) -> None:
        self.command = command
        self.words = list(words) or [command]
        self.json_mode = json_mode
        self.quiet = quiet
        # Text is shown as it is: no guessing at colours, and `:x:` in a path is no emoji.
        style: dict[str, Any] = {"highlight": False, "emoji": False, "soft_wrap": True}
        style |= {"no_color": True} if no_color else {}
        self.stdout = PatientConsole(**style)
        self.stderr = TalkConsole(stderr=True, **style)
        self.exit_code = 0
        self.way_on = ""  # how to go on after what ended the command, if not by the same again
        self._data: dict[str, Any] = {}
        self._errors: list[dict[str, str]] = []
        self._follows = False

    def follow(self) -> None:
        """Write nothing from now on but that this process has a bug: another one tells the rest."""
        self.quiet = self._follows = True
        discard(1)

    # ---- the product -------------------------------------------------------------------------

    def print(self, text: str = "") -> None:
        """Print one line of the product, unformatted."""
        if not self.json_mode:
            self.stdout.print(text, markup=False)

    def show(self, renderable: RenderableType) -> None:
        """Print a table or another rich object as part of the product."""
        if not self.json_mode:
            self.stdout.print(renderable, soft_wrap=False)

    def sign(self, status: str, width: int = 0) -> str:
        """Return the coloured mark of a status, in letters where the stream lacks the sign."""
        beautiful, plain = SIGNS[status]
        mark = f"{plain if self.stdout.options.ascii_only else beautiful:<{width}}"
        return f"[{COLOURS[status]}]{mark}[/{COLOURS[status]}]"

    def mark(self, status: str, text: str) -> None:
        """Print one line of the product behind the sign of a status."""
        if not self.json_mode:
            self.stdout.print(f"{self.sign(status)} {escape(text)}")

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        right: Sequence[int] = (),
    ) -> None:
        """Print a table as part of the product; columns whose index is in `right` align right."""
        if not self.json_mode:
            print_table(self.stdout, headings, _texts(rows), right)

    def data(self, **values: Any) -> None:
        """Add to the ``data`` of the JSON document."""
        self._data.update(values)

    def answer(self, exit_code: int) -> None:
        """Set the exit code of a command that could do its work; 1 means the answer is "no"."""
        self.exit_code = exit_code

    # ---- the talk ----------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Tell something that is not the product."""
        if not (self.quiet or self.json_mode):
            self.stderr.print(text, markup=False)

    def advise(self, text: str) -> None:
        """Tell a line of advice that belongs to a failure; never left out in human mode."""
        if not self.json_mode:
            self.stderr.print(redact_all(text), markup=False)

    def talk_table(self, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table as part of the talk; never left out in human mode."""
        if not self.json_mode:
            print_table(self.stderr, headings, _texts(rows))

    def hint(self, text: str) -> None:
        """Suggest what to do next."""
        if not (self.quiet or self.json_mode):
            self.stderr.print(f"[bold]next:[/bold] {escape(redact_all(text))}")

    def line(self, *more: str, instead: Mapping[str, str | None] | None = None) -> str:
        """Write what was typed once more, ready to be pasted.

        Parameters
        ----------
        *more : str
            Words to add; where an option is given twice, the later one counts.
        instead : mapping of str to str or None, optional
            Words behind the command to change, or to leave out.
        """
        name, *typed = self.words
        if instead:
            changed = (instead.get(word, word) for word in typed)
            typed = [word for word in changed if word is not None]
        place = typed.index("--") if "--" in typed else len(typed)
        return quoted(["mnist-tool", name, *typed[:place], *more, *typed[place:]])

    def warn(self, text: str) -> None:
        """Warn of something that may surprise; never left out in human mode."""
        if not (self.json_mode or self._follows):
            self.stderr.print(f"[yellow]warning:[/yellow] {escape(redact_all(text))}")

    def error(self, error: MnistToolError) -> None:
        """Report the error that ends the command: what, then what to do next."""
        self.fail(error.code, error.message, error.hint, error.exit_code)

    def fail(self, code: str, message: str, hint: str, exit_code: int) -> None:
        """Report a failure by its parts and set the exit code."""
        self.exit_code = exit_code
        message, hint = redact_all(message), redact_all(hint)  # they may repeat what was typed
        self._errors.append({"code": code, "message": message, "hint": hint})
        if not self.json_mode and not (self._follows and code != "bug"):
            self.stderr.print(f"[bold red]error:[/bold red] {escape(message)}")
            self.stderr.print(f"[bold]hint:[/bold] {escape(hint)}")

    # ---- progress ----------------------------------------------------------------------------

    @property
    def animated(self) -> bool:
        """Whether stderr is a terminal on which lines may move."""
        if self._silent or in_cell() or os.environ.get("TERM", "") in {"dumb", "unknown"}:
            return False
        return self.stderr.is_terminal and sys.stderr.isatty()

    @property
    def _silent(self) -> bool:
        return self.quiet or self.json_mode

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Open a listener for long work: rich bars on a terminal, plain lines elsewhere."""
        if self._silent:
            yield Silent()
        elif in_notebook():
            yield Tqdm()
        elif self.animated:
            with terminal_bars(self.stderr) as bars:
                yield bars
        else:
            yield PlainLines(self.stderr)

    # ---- the end -----------------------------------------------------------------------------

    def finish(self) -> None:
        """Print the JSON document, if that was asked for."""
        if self.json_mode:
            document = {
                "schema": ENVELOPE_VERSION,
                "tool": "mnist-tool",
                "version": __version__,
                "command": self.command,
                "status": STATUSES.get(self.exit_code, "error"),
                "exit_code": self.exit_code,
                "data": _with_numbers(self._data),
                "errors": self._errors,
            }
            text = json.dumps(document, indent=2, default=str).replace("\x7f", "\\u007f")
            sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _with_numbers(value: Any) -> Any:
    """Return a value for JSON, which has no word for what is no number: ``None`` stands there."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _with_numbers(each) for key, each in value.items()}
    return list(map(_with_numbers, value)) if isinstance(value, (list, tuple)) else value


def _texts(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    return [list(map(str, row)) for row in rows]
