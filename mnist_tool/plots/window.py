"""Show pictures in a window, where there is a display."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool.errors import DisplayError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["has_display", "show"]


def show(pictures: Sequence[Path]) -> None:
    """Open a window per picture and wait until they are closed.

    Parameters
    ----------
    pictures : sequence of Path
        PNG files.

    Raises
    ------
    DisplayError
        If there is no display, or matplotlib finds no way to open a window on it.
    """
    listed = ", ".join(str(path) for path in pictures)
    hint = f"Look at the file instead: {listed}"
    if not has_display():
        raise DisplayError("No window can be opened here: there is no display.", hint=hint)
    from matplotlib import pyplot

    for path in pictures:
        window = _open(path)
        if window.canvas.required_interactive_framework is None:
            pyplot.close(window)
            raise DisplayError(
                f"No window can be opened here: {pyplot.get_backend()}, which matplotlib chose, "
                "only draws files.",
                hint=f"{hint}; or install a window toolkit such as tkinter.",
            )
    pyplot.show()


def has_display() -> bool:
    """Whether windows can be opened on this machine."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(path: Path) -> Figure:
    from matplotlib import pyplot

    pixels = pyplot.imread(path)
    height, width = pixels.shape[:2]
    window = pyplot.figure(path.name, figsize=(width / 100, height / 100), dpi=100)
    axes = window.add_axes((0, 0, 1, 1))
    axes.imshow(pixels)
    axes.set_axis_off()
    return window
