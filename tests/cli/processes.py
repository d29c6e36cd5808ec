"""Run scripts and shell lines as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
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


def on_terminal(*words: str, answer: str = "", **variables: str) -> tuple[int, str]:
    """Run ``mnist-tool`` on a terminal, on which `answer` is typed; return how it ended, and all
    that was written.
    """
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_tool", *words],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"} | variables,
    )
    os.close(follower)
    os.write(leader, answer.encode())
    written = b""
    with suppress(OSError):  # the other end is closed when the process ends
        while chunk := os.read(leader, 65536):
            written += chunk
    os.close(leader)
    return process.wait(), written.decode(variables.get("PYTHONIOENCODING", "utf-8"))


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line of a shell in which `$tool` is ``mnist-tool``."""
    environment = os.environ | {"tool": f"{sys.executable} -m mnist_tool"} | variables
    return subprocess.run(
        ["sh", "-c", line], check=False, text=True, capture_output=True, env=environment
    )
