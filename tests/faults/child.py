"""Run the command line with the tiny data set registered: a fetch to be killed or raced."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mnist_tool.cli import main
from tests.faults import tiny

if __name__ == "__main__":
    tiny.register(*json.loads(Path(os.environ["TINY_SOURCES"]).read_text()))
    main()
