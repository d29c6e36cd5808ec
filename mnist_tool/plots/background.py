"""Draw the cost curve in a second process, which gets ready while the first one trains.

Loading matplotlib and drawing take about as long as a whole training of the lecture's classifier,
and a second core is free while torch loads.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mnist_tool.errors import DependencyError

__all__ = ["CurvePainter"]


class CurvePainter:
    """A process that waits for costs and draws one picture of them.

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
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise DependencyError(
                f"The process that draws the cost curve cannot be started with {sys.executable}: "
                f"{error.strerror or error}.",
                hint="Draw it later with: mnist-tool visualize curve",
            ) from error

    def __enter__(self) -> CurvePainter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def begin(self, name: str, costs: Sequence[float], path: Path) -> None:
        """Hand over what to draw; see `curves.cost_curve`."""
        self._path = path
        assert self._process.stdin is not None
        # A process that has already failed reads nothing; `finish` tells why it failed.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps([name, list(costs), str(path)]) + "\n")
            self._process.stdin.flush()

    def finish(self) -> Path:
        """Wait until the picture is drawn, and return its file.

        Raises
        ------
        DependencyError
            If drawing failed.
        """
        _, complaint = self._process.communicate()
        if self._process.returncode:
            reason = (complaint.strip().splitlines() or ["it ended without a word"])[-1]
            raise DependencyError(
                f"The picture {self._path} could not be drawn: {reason}",
                hint="See what is wrong with: mnist-tool doctor",
            )
        return self._path


def main() -> None:
    """Load all that drawing needs, wait for the costs on standard input, and draw them."""
    # Ctrl-C reaches the whole group of processes; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from mnist_tool.plots.canvas import png_bytes
    from mnist_tool.plots.curves import cost_curve, draw_costs

    png_bytes(draw_costs({"rehearsal": [2.0, 1.0]}))  # the first picture loads the fonts
    text = sys.stdin.readline()
    if text:  # nothing comes when the training fails
        name, costs, path = json.loads(text)
        cost_curve({name: costs}, Path(path))


if __name__ == "__main__":
    main()
