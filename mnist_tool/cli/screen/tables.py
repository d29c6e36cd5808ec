"""Lay rows out: in columns where they fit, else a line for each cell; with tabs for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.segment import Segment, Segments

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from mnist_tool.cli.screen.streams import PatientConsole

__all__ = ["print_table"]

GAP = 2  # blanks between two columns


def print_table(
    console: PatientConsole,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[int] = (),
) -> None:
    """Print a table in which no word is broken, so that each address can be copied whole.

    Parameters
    ----------
    console : PatientConsole
        Where to. What is no terminal gets a line for each row with tabs between the cells.
    headings : sequence of str
        One for each column.
    rows : sequence of sequence of str
        The cells, as plain text.
    right : collection of int
        The columns that align right.
    """
    if not console.on_screen:
        lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in (headings, *rows)]
        # Not as text, in which Rich replaces the tabs.
        console.print(Segments(map(Segment, lines), new_lines=True))
    elif widths := _widths(headings, rows, console.width):
        _print_columns(console, headings, rows, right, widths)
    else:
        for row in rows:
            for line in _record(headings, row):
                console.print(line)


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """Return the columns' widths, in which no word breaks, or ``None`` where they do not fit.

    Rich alone would take from all columns alike, also from one whose single word then breaks.
    """
    from rich.cells import cell_len

    columns = list(zip(headings, *rows, strict=True))
    words = [[word for cell in column for word in cell.split()] for column in columns]
    widths = [max(map(cell_len, each), default=0) for each in words]
    spare = width - sum(widths) - GAP * (len(widths) - 1)
    if spare < 0:
        return None
    wants = [
        max(map(cell_len, column)) - least for column, least in zip(columns, widths, strict=True)
    ]
    for left, index in enumerate(sorted(range(len(wants)), key=wants.__getitem__)):
        more = max(0, min(wants[index], spare // (len(wants) - left)))  # who wants little gets all
        widths[index] += more
        spare -= more
    return widths


def _print_columns(
    console: PatientConsole,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[int],
    widths: Sequence[int],
) -> None:
    """Print without a frame, so that it can be cut and pasted."""
    from rich.table import Table

    # The gaps are columns: old Rich counts a padding behind the last one, and takes it from others.
    table = Table(box=None, padding=0, pad_edge=False, header_style="bold")
    for index, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        if index:
            table.add_column(width=GAP)
        side: JustifyMethod = "right" if index in right else "left"
        table.add_column(escape(heading), justify=side, overflow="fold", width=width)
    for row in rows:
        first, *others = map(escape, row)
        table.add_row(first, *(part for cell in others for part in ("", cell)))
    console.print(table, soft_wrap=False)


def _record(headings: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    """Yield the first cell, then each of the others behind its heading."""
    yield f"[bold]{escape(row[0])}[/bold]"
    width = max(map(len, headings[1:]), default=0)
    for heading, cell in zip(headings[1:], row[1:], strict=True):
        if cell:
            yield f"  {escape(heading):<{width}}  {escape(cell)}"
