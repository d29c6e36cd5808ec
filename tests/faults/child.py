"""Run the command line with the tiny data set registered: a fetch to be killed or raced."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from mnist_tool.cli import main
from tests.faults import tiny


def _let_everybody_in() -> None:
    """Some network file systems lock nothing and say that they did."""
    import fcntl

    fcntl.flock = lambda *_: None


if __name__ == "__main__":
    # Tests that a shell starts in its background ignore Ctrl-C, and so would their children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.environ.get("TINY_LOCKS") == "no-op":
        _let_everybody_in()
    tiny.register(*json.loads(Path(os.environ["TINY_SOURCES"]).read_text()))
    main()
