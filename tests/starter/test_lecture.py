"""The script to begin from runs as it is written, and repeats the lecture."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.mnist
def test_the_script_repeats_the_lecture(run_tool: Run, mnist_root: Path) -> None:
    """An epoch of it costs, to the last digit, what ours costs."""
    pytest.importorskip("torch")
    run_tool("init")
    script = Path("lecture.py")
    script.write_text(script.read_text().replace("EPOCHS = 15", "EPOCHS = 1"))
    Path("MNIST_data").symlink_to(mnist_root, target_is_directory=True)
    done = subprocess.run(
        [sys.executable, "lecture.py"], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    ours = run_tool("train", "--epochs", "1", "--root", str(mnist_root), "--no-pictures").stdout
    (cost,) = re.findall(r"^Epoch: 0001 cost = [\d.]+$", ours, re.MULTILINE)
    assert cost in done.stdout
    (accuracy,) = re.findall(r"^Accuracy: [\d.]+", ours, re.MULTILINE)[:1]
    assert accuracy in done.stdout
