"""The process: ``python -m mnist_tool``, and the command ``mnist-tool``."""

# A file of the user may have the name of any module, so nothing is imported here beyond what Python
# itself has imported by now: whatever else is loaded may be another module than it seems.
import _signal  # type: ignore[import-not-found]  # built into Python, as `signal` is not
import os
import sys

from mnist_tool.shadowing import COULD_NOT, report

__all__ = ["start"]


def start() -> None:
    """Run the command line and end the process."""
    before = _signal.getsignal(_signal.SIGINT)
    # Until the command line is there, Ctrl-C ends the process without a word.
    if before is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    try:
        from mnist_tool import process

        main = process.load()
    except Exception as error:
        if os.environ.get("MNIST_TOOL_DEBUG") or not report(error):
            raise
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(COULD_NOT)
    if before is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, before)
    process.run(main)


if __name__ == "__main__":
    start()
