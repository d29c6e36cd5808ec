"""The process: ``python -m mnist_tool``, and the command ``mnist-tool``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress

from mnist_tool.cli import main

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
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else code
        raise


if __name__ == "__main__":
    start()
