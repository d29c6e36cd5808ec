"""Show how far long work is: bars on a terminal, lines alone elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from mnist_tool.progress import Bar, Silent

if TYPE_CHECKING:
    from rich.progress import ProgressColumn
    from rich.text import Text

__all__ = ["PlainLines", "TerminalBars", "terminal_bars"]


class PlainLines(Silent):
    """Off a terminal nothing moves: the work's own news say how it went.

    Parameters
    ----------
    console : rich.console.Console
        Where the news go.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def note(self, text: str) -> None:
        """Print the news."""
        self._console.print(text, markup=False)


class TerminalBars:
    """Bars that move, with the news above them; see `terminal_bars`."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars

    @contextmanager
    def bar(self, label: str, total: int | None, unit: str = "B") -> Iterator[Bar]:
        """Open a bar, and take it away at the end."""
        task = self._bars.add_task(escape(label), total=total, unit=unit, detail="")
        try:
            yield _TerminalBar(self._bars, task)
        finally:
            self._bars.remove_task(task)

    def note(self, text: str) -> None:
        """Print the news above the bars."""
        self._bars.console.print(text, markup=False)


class _TerminalBar:
    def __init__(self, bars: Any, task: Any) -> None:
        self._bars = bars
        self._task = task

    def advance(self, amount: int) -> None:
        self._bars.advance(self._task, amount)

    def resize(self, total: int | None) -> None:
        self._bars.update(self._task, total=total)

    def describe(self, detail: str) -> None:
        self._bars.update(self._task, detail=detail)


@contextmanager
def terminal_bars(console: Console) -> Iterator[TerminalBars]:
    """Open bars on a terminal; they leave nothing behind.

    Parameters
    ----------
    console : rich.console.Console
        That of the terminal.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        _amount_column(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield TerminalBars(bars)


def _amount_column() -> ProgressColumn:
    """Make the column that shows done and total in the work's own unit, and the rate."""
    from rich.filesize import decimal
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Amount(ProgressColumn):
        def render(self, task: Any) -> Text:
            unit = task.fields["unit"]
            write = decimal if unit == "B" else lambda n: f"{n:,} {unit}"
            total = f"/{write(int(task.total))}" if task.total else ""
            speed = f"  {write(int(task.speed))}/s" if task.speed else ""
            return Text(f"{write(int(task.completed))}{total}{speed}", style="progress.download")

    return Amount()
