"""The live display of a training on a terminal: where it is, how fast, and how the cost goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from mnist_tool.cli.screen.output import Output
from mnist_tool.progress import in_notebook
from mnist_tool.training.follow import following
from mnist_tool.training.recipes import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from mnist_tool.training.trainer import Watcher

__all__ = ["Display", "open_display", "sparkline"]

INTERVAL = 0.25  # seconds between two frames: drawing one takes about 3 ms, so under 2 %
BARS, ASCII_BARS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
WIDTH = 40  # costs in the sparkline
LONGEST_BAR, SHORTEST_BAR = 24, 8  # columns of the epoch's bar; where there is less room, none
WIDE = 80  # columns of a terminal from which on the speed is shown
SMOOTH = 0.9  # weight of the past in the shown cost: single batches jump too much to be read


class Display(Protocol):
    """A `training.trainer.Watcher` that can step aside while a line is printed."""

    def progress(self, epoch: int, images: int, cost: float) -> None:
        """Hear how far the training is."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the display off the terminal inside the block."""


@contextmanager
def open_display(out: Output, settings: Settings, images: int) -> Iterator[Display]:
    """Open a display: live on a terminal, tqdm in a notebook, and nothing elsewhere or with -q.

    Parameters
    ----------
    out : Output
        Whose stderr it is drawn on.
    settings : Settings
        Of the training.
    images : int
        Images per epoch.
    """
    if in_notebook():
        with out.progress() as progress, following(progress, settings, images) as watcher:
            yield _Beside(watcher)
        return
    if not out.animated:
        yield _Beside(_Nobody())
        return
    from rich.live import Live

    with Live(console=out.stderr, transient=True, auto_refresh=False) as live:
        yield _LiveDisplay(live, settings, images)


class _Nobody:
    def progress(self, epoch: int, images: int, cost: float) -> None:
        """Ignore it."""


class _Beside:
    """A watcher that is never in the way of a printed line."""

    def __init__(self, watcher: Watcher) -> None:
        self.progress = watcher.progress

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do nothing: there is nothing to take away."""
        yield


class _LiveDisplay:
    def __init__(self, live: Live, settings: Settings, images: int) -> None:
        self._live = live
        self._settings = settings
        self._images = images
        self._began: tuple[float, int] | None = None  # when, and after how many images
        self._next = 0.0
        self._cost: float | None = None
        self._history: list[float] = []

    def progress(self, epoch: int, images: int, cost: float) -> None:
        """Count, and draw a frame when it is time for one."""
        self._cost = cost if self._cost is None else SMOOTH * self._cost + (1 - SMOOTH) * cost
        now = time.monotonic()
        done = (epoch - 1) * self._images + images
        if self._began is None:
            self._began = now, done
        if now >= self._next:
            self._next = now + INTERVAL
            self._history = [*self._history, self._cost][-WIDTH:]
            self._live.update(self._frame(epoch, images, now), refresh=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the frame away, so that a line on stdout does not fall into it."""
        frame = self._live.renderable
        self._live.update("", refresh=True)
        yield
        self._live.update(frame)

    def _frame(self, epoch: int, images: int, now: float) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        columns = self._live.console.width
        speed, left = self._speed(epoch, images, now)
        texts = [f"cost {self._cost:.4f}", speed if columns >= WIDE else "", left]
        cells: list[RenderableType] = [Text(text) for text in texts if text]
        name = f"epoch {epoch}/{self._settings.epochs}"
        room = columns - len(name) - sum(len(text) + 2 for text in texts if text) - 2
        if room >= SHORTEST_BAR:
            width = min(room, LONGEST_BAR)
            cells = [ProgressBar(total=self._images, completed=images, width=width), *cells]
        line = Table.grid(padding=(0, 2))
        line.add_row(name, *cells)
        ascii_only = self._live.console.options.ascii_only
        newest = self._history[-max(1, columns - len("cost ") - 1) :]
        bars = sparkline(newest, ASCII_BARS if ascii_only else BARS)
        return Group(line, Text(f"cost {bars}", style="cyan"))

    def _speed(self, epoch: int, images: int, now: float) -> tuple[str, str]:
        began, before = self._began or (now, 0)
        done = (epoch - 1) * self._images + images
        if now <= began or done <= before:
            return "", ""
        rate = (done - before) / (now - began)
        left = (self._settings.epochs * self._images - done) / rate
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
