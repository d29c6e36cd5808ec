"""The process: ``python -m mnist_tool``, and the command ``mnist-tool``."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from mnist_tool import lean

__all__ = ["start"]

# Loading torch makes some 150,000 objects, all of which stay. With Python's own threshold, looking
# for garbage among them takes a seventh of the time of loading.
ENOUGH_NEW_OBJECTS = 500_000


def start() -> None:
    """Run the command line and end the process."""
    code = 1  # of an exception that nobody foresaw

    @atexit.register  # the first to be registered is the last to be called
    def leave() -> None:
        """End at once: Python would first take all of torch apart, object by object."""
        with suppress(OSError):  # if what is left cannot be written, Python's own end says so
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
            os._exit(code)

    gc.set_threshold(ENOUGH_NEW_OBJECTS)
    lean.install()
    _open_closed_streams()
    main = _load()
    try:
        main()
    except SystemExit as end:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done but for what `leave` does
        code = end.code if isinstance(end.code, int) else code
        raise


def _load() -> Callable[[], None]:
    """Load the command line; until it is there, Ctrl-C ends the process without a word."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mnist_tool.cli import main

    signal.signal(signal.SIGINT, before)
    return main


def _open_closed_streams() -> None:
    """Let streams that the shell has closed (``>&-``) lead nowhere.

    Otherwise the next files to be opened get their numbers.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


if __name__ == "__main__":
    start()
