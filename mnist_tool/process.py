"""Start the process of a command and end it."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from signal import SIG_IGN, SIGINT, signal

from mnist_tool import lean
from mnist_tool.terminal_size import forget_odd_size

__all__ = ["load", "run"]

# Loading torch makes some 150,000 objects, all of which stay. With Python's own threshold, looking
# for garbage among them takes a seventh of the time of loading.
ENOUGH_NEW_OBJECTS = 500_000


@dataclass
class _Ending:
    """What the process ends with; 1 is that of an exception that nobody foresaw."""

    code: int = 1


_ending = _Ending()


def load() -> Callable[[], None]:
    """Prepare the process and load the command line; return its main function."""

    @atexit.register  # the first to be registered is the last to be called
    def leave() -> None:
        """End at once: Python would first take all of torch apart, object by object."""
        with suppress(OSError):  # if what is left cannot be written, Python's own end says so
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
            os._exit(_ending.code)

    gc.set_threshold(ENOUGH_NEW_OBJECTS)
    lean.install()
    forget_odd_size()
    _open_closed_streams()
    from mnist_tool.cli import main

    return main


def run(main: Callable[[], None]) -> None:
    """Run the command line and end the process."""
    try:
        main()
    except SystemExit as end:
        signal(SIGINT, SIG_IGN)  # all is done but for what `leave` does
        _ending.code = end.code if isinstance(end.code, int) else _ending.code
        raise


def _open_closed_streams() -> None:
    """Let streams that the shell has closed (``>&-``) lead nowhere.

    Otherwise the next files to be opened get their numbers.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
