"""The process: ``python -m mnist_tool``, and the command ``mnist-tool``."""

# A file of the user may have the name of any module, so nothing is imported here beyond what Python
# itself has imported by now: whatever else is loaded may be another module than it seems.
import os
import sys

from mnist_tool.shadowing import COULD_NOT, report

__all__ = ["start"]


def start() -> None:
    """Run the command line and end the process."""
    try:
        from mnist_tool import process

        main = process.load()
    except Exception as error:
        if os.environ.get("MNIST_TOOL_DEBUG") or not report(error):
            raise
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(COULD_NOT)
    process.run(main)


if __name__ == "__main__":
    start()
