"""Run scripts and shell lines as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FULL = Path("/dev/full")


def python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a script whose streams are buffered, as they are for most users."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        text=True,
        env=environment,
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
    )  # type: ignore[call-overload,no-any-return]


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line of a shell in which `$tool` is ``mnist-tool``."""
    environment = os.environ | {"tool": f"{sys.executable} -m mnist_tool"} | variables
    return subprocess.run(
        ["sh", "-c", line], check=False, text=True, capture_output=True, env=environment
    )
