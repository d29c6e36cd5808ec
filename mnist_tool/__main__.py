"""The process: ``python -m mnist_tool``, and the command ``mnist-tool``."""

from __future__ import annotations

import gc

from mnist_tool.cli import main

__all__ = ["start"]

# Loading torch makes some 150,000 objects, all of which stay. With Python's own threshold, looking
# for garbage among them takes a tenth of the time of loading.
ENOUGH_NEW_OBJECTS = 50_000


def start() -> None:
    """Run the command line and end the process."""
    gc.set_threshold(ENOUGH_NEW_OBJECTS)
    try:
        main()
    finally:
        gc.freeze()  # or Python looks through all of them once more before it ends


if __name__ == "__main__":
    start()
