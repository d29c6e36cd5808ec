"""Stdout and stderr, for every encoding and width, readers that leave, and disks that are full."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from mnist_tool.cli.screen.spelling import HANDLER, OBEYED, spell
from mnist_tool.terminal_size import forget_odd_size

__all__ = ["PatientConsole", "TalkConsole", "discard", "has_left", "prepare", "write_bytes"]


def prepare() -> None:
    """Let stdout and stderr take every text, whoever writes it, and forget a width that is none."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
    forget_odd_size()


def has_left(error: OSError) -> bool:
    """Return whether the reader of a pipe has left; Windows calls that an invalid argument."""
    windows = os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    return windows or isinstance(error, BrokenPipeError)


class PatientConsole(Console):
    """A console whose reader may leave (``| head -1``): the work goes on without it."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Lay out what the stream will show, so that columns are as wide as what stands in them."""
        return super().render_str(spell(text, self.encoding), **options)

    def render(self, renderable: Any, options: Any = None) -> Iterator[Segment]:
        """Render, and spell what did not come as a string, such as the label of a bar."""
        for segment in super().render(renderable, options):
            if segment.control or not OBEYED.search(segment.text):
                yield segment
            else:
                yield Segment(spell(segment.text, self.encoding), segment.style)

    @property
    def on_screen(self) -> bool:
        """Whether a terminal shows it: to Rich, ``FORCE_COLOR`` makes of each pipe a terminal."""
        forced = os.environ.get("FORCE_COLOR") and not self.file.isatty()
        return self.is_terminal and not forced

    def _check_buffer(self) -> None:
        try:
            super()._check_buffer()
        except OSError as error:
            if not has_left(error):
                raise
            self.on_broken_pipe()

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


def write_bytes(content: bytes) -> None:
    """Write bytes to stdout, such as those of a picture; `options.to_stdout` says when."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
