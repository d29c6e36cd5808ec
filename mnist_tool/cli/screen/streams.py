"""The consoles of stdout and stderr, for readers that leave and for disks that are full."""

from __future__ import annotations

import os
from typing import Any

from rich.console import Console

__all__ = ["PatientConsole", "TalkConsole", "discard"]


class PatientConsole(Console):
    """A console whose reader may leave (``| head -1``): the work goes on without it."""

    def on_broken_pipe(self) -> None:
        """Say nothing more there; the other stream goes on."""
        discard(2 if self.stderr else 1)


class TalkConsole(PatientConsole):
    """The console of stderr: what cannot be said there stops no work, on a full disk either."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, or from now on say nothing."""
        try:
            super().print(*objects, **options)
        except OSError:
            discard(2)


def discard(stream: int) -> None:
    """Send what is still to be written to stdout (1) or stderr (2) nowhere, also at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
