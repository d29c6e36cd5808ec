"""The live display of a training on a terminal: where it is, how fast, and how the cost goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from mnist_tool.cli.screen.output import Output
from mnist_tool.progress import in_notebook
from mnist_tool.training.events import Progressed, Started
from mnist_tool.training.train import TrainingBar

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

__all__ = ["Display", "open_display", "sparkline"]

INTERVAL = 0.25  # seconds between two frames: drawing one takes about 3 ms, so under 2 %
BARS, ASCII_BARS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
WIDTH = 40  # costs in the sparkline
LONGEST_BAR, SHORTEST_BAR = 24, 8  # columns of the epoch's bar; where there is less room, none
WIDE = 80  # columns of a terminal from which on the speed is shown
SMOOTH = 0.9  # weight of the past in the shown cost: single batches jump too much to be read


class Display(Protocol):
    """Shows how far a training is, and can step aside while a line is printed."""

    def progress(self, event: Progressed) -> None:
        """Show how far it is."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the display off the terminal inside the block."""


@contextmanager
def open_display(out: Output, started: Started) -> Iterator[Display]:
    """Open a display: live on a terminal, tqdm in a notebook, and nothing elsewhere or with -q.

    Parameters
    ----------
    out : Output
        Whose stderr it is drawn on.
    started : Started
        The training.
    """
    if in_notebook():
        with out.progress() as progress, TrainingBar.open(progress, started) as bar:
            yield _InNotebook(bar)
    elif out.animated:
        from rich.live import Live

        with Live(console=out.stderr, transient=True, auto_refresh=False) as live:
            yield _LiveDisplay(live, started)
    else:
        yield _Nothing()


class _Nothing:
    """Never in the way of a printed line."""

    def progress(self, event: Progressed) -> None:
        """Ignore it."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do nothing: there is nothing to take away."""
        yield


class _InNotebook(_Nothing):
    """A bar beside the printed lines."""

    def __init__(self, bar: TrainingBar) -> None:
        self._bar = bar

    def progress(self, event: Progressed) -> None:
        """Move the bar."""
        self._bar.progress(event)


class _LiveDisplay:
    def __init__(self, live: Live, started: Started) -> None:
        self._live = live
        self._started = started
        self._began: tuple[float, int] | None = None  # when, and after how many images
        self._next = 0.0
        self._cost: float | None = None
        self._history: list[float] = []

    def progress(self, event: Progressed) -> None:
        """Count, and draw a frame when it is time for one."""
        cost = event.cost
        self._cost = cost if self._cost is None else SMOOTH * self._cost + (1 - SMOOTH) * cost
        now = time.monotonic()
        if self._began is None:
            self._began = now, self._started.images_done(event)
        if now >= self._next:
            self._next = now + INTERVAL
            self._history = [*self._history, self._cost][-WIDTH:]
            self._live.update(self._frame(event, now), refresh=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the frame away, so that a line on stdout does not fall into it."""
        frame = self._live.renderable
        self._live.update("", refresh=True)
        yield
        self._live.update(frame)

    def _frame(self, event: Progressed, now: float) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        columns = self._live.console.width
        speed, left = self._speed(event, now)
        texts = [f"cost {self._cost:.4f}", speed if columns >= WIDE else "", left]
        cells: list[RenderableType] = [Text(text) for text in texts if text]
        name = self._started.place(event)
        room = columns - len(name) - sum(len(text) + 2 for text in texts if text) - 2
        if room < 0:
            name = self._started.place(event, brief=True)
        if room >= SHORTEST_BAR:
            width = min(room, LONGEST_BAR)
            total = self._started.images
            cells = [ProgressBar(total=total, completed=event.images, width=width), *cells]
        line = Table.grid(padding=(0, 2))
        line.add_row(name, *cells)
        ascii_only = self._live.console.options.ascii_only
        newest = self._history[-max(1, columns - len("cost ") - 1) :]
        bars = sparkline(newest, ASCII_BARS if ascii_only else BARS)
        return Group(line, Text(f"cost {bars}", style="cyan"))

    def _speed(self, event: Progressed, now: float) -> tuple[str, str]:
        began, before = self._began or (now, 0)
        done = self._started.images_done(event)
        if now <= began or done <= before:
            return "", ""
        rate = (done - before) / (now - began)
        left = (self._started.total - done) / rate
        return f"{rate:,.0f} images/s", f"{int(left) // 60}:{int(left) % 60:02d} left"


def sparkline(values: list[float], bars: str = BARS) -> str:
    """Draw numbers as one line of bars between the least and the greatest of them.

    Examples
    --------
    >>> sparkline([4.0, 2.0, 1.0, 0.5])
    '█▄▂▁'
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    scale = (len(bars) - 1) / (high - low) if high > low else 0.0
    return "".join(bars[round((value - low) * scale)] for value in values)
