"""Draw a picture in a second process, which gets ready while the first one does other work.

Loading matplotlib and drawing take about as long as a whole training of the lecture's classifier,
and a second core is free while torch loads.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tool.advice import reason
from mnist_tool.errors import DependencyError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Drawing", "Painter"]

# With numpy comes a thread per core for linear algebra, which waits for work by spinning. Here it
# would get none, and others want the cores.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn, before it is drawn.

    Parameters
    ----------
    function : str
        Name of a function of ``mnist_tool.plots`` that returns a figure.
    arguments : tuple
        For it, in order: arrays, numbers and texts, which can go to another process.
    options : dict
        For it, by name.
    """

    function: str
    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def figure(self) -> Figure:
        """Draw it in this process."""
        from mnist_tool import plots

        drawn: Figure = getattr(plots, self.function)(*self.arguments, **self.options)
        return drawn


class Painter:
    """A process that waits for one drawing and draws it.

    Use it in a ``with`` block: at the block's end the process is gone, drawn or not.

    Raises
    ------
    DependencyError
        If no second process can be started here.
    """

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mnist_tool.plots.background"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=os.environ | ONE_THREAD,
            )
        except OSError as error:
            raise DependencyError(
                f"The process that draws the picture cannot be started with {sys.executable}: "
                f"{reason(error)}.",
                hint="Draw it later with: mnist-tool visualize",
            ) from error

    def __enter__(self) -> Painter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def begin(self, drawing: Drawing, kind: str = "png") -> None:
        """Hand over what to draw.

        Parameters
        ----------
        drawing : Drawing
            What.
        kind : {'png', 'svg', 'pdf'}
            Format of the picture.
        """
        assert self._process.stdin is not None
        # A process that has already failed reads nothing; `finish` tells why it failed. Windows
        # calls that an invalid argument.
        with suppress(OSError):
            pickle.dump((drawing, kind), self._process.stdin)
            self._process.stdin.flush()

    def finish(self) -> bytes:
        """Wait until the picture is drawn, and return the content of its file.

        Raises
        ------
        DependencyError
            If drawing failed.
        """
        content, complaint = self._process.communicate()
        if self._process.returncode:
            lines = complaint.decode(errors="replace").strip().splitlines()
            raise DependencyError(
                f"The picture could not be drawn: {(lines or ['it ended without a word'])[-1]}",
                hint="See what is wrong with: mnist-tool doctor",
            )
        return content


def main() -> None:
    """Load all that drawing needs, wait for a drawing on standard input, write the picture."""
    # Ctrl-C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from mnist_tool.plots.canvas import render

    rehearsal = Drawing("draw_costs", ({"rehearsal": [2.0, 1.0]},))
    render(rehearsal.figure(), "png")  # the first picture loads the fonts
    with suppress(EOFError):  # nothing comes when the parent fails
        # Only the parent, which started this process, holds the other end.
        drawing, kind = pickle.load(sys.stdin.buffer)  # noqa: S301
        sys.stdout.buffer.write(render(drawing.figure(), kind))
        sys.stdout.buffer.flush()
        os._exit(0)  # Python would first take all of matplotlib apart, as the parent waits


if __name__ == "__main__":
    main()
