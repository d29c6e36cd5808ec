"""Whatever a path is, a command ends in words and an exit code of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

# Below a file, below a device, not to be encoded, too long for any file system, an odd beginning.
ODD = {
    "a file on the way": "file/below",
    "below a device": "/dev/null/x",
    "a device": "/dev/null",
    "line break": "a\nb",
    "escape": "\x1b[31mred",
    "surrogate": "\udcff",
    "long name": "x" * 300,
    "long path": "x/" * 3000,
    "link to itself": "loop",
    "dash": "-",
    "home of nobody": "~nobody-of-that-name/x",
    "no letters": "   ",
    "dots": "x/../y/../../here/x/..",
}
COMMANDS = {
    "fetch into": ("fetch", "--offline", "--root"),
    "fetch from": ("fetch", "--offline", "--root", "here", "--from"),
    "verify": ("verify", "--root"),
    "export": ("export", "--format", "npz", "--force", "--offline", "--dataset", "synthetic"),
    "export pictures": ("export", "--format", "png", "--limit", "1", "--dataset", "synthetic"),
    "samples": ("visualize", "samples", "--offline", "--root"),
    "runs": ("test", "--runs"),
    "run": ("predict-random", "--run"),
    "picture": ("predict", "--run", "none"),
    "doctor": ("doctor", "root", "places", "writable", "--root"),
}


@pytest.fixture(autouse=True)
def _here() -> None:
    Path("file").write_text("no folder")
    Path("loop").symlink_to("loop")


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("command", COMMANDS)
def test_odd_paths(command: str, odd: str, run_tool: Run) -> None:
    """It is the answer "no", a wrong use, or could not be done; never a bug, never raw."""
    done = run_tool(*COMMANDS[command], ODD[odd])
    assert done.exit_code in {0, 1, 2, 3}, done.stderr
    assert "Traceback" not in done.stderr
