"""The live display of a training, looked at through a small terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mnist_tool.cli.display import ASCII_BARS, sparkline


def screen(text: str) -> list[str]:
    """Return the lines that a terminal shows after all of `text`, the codes rich uses obeyed."""
    rows: list[list[str]] = [[]]
    row = column = 0
    for code, kind, letter in re.findall(r"\x1b\[([0-9;?]*)([A-Za-z])|(.)", text, re.DOTALL):
        if kind == "A":
            row = max(0, row - int(code or 1))
        elif kind == "K":
            rows[row] = []
        elif letter == "\r":
            column = 0
        elif letter == "\n":
            row, column = row + 1, 0
            rows += [[] for _ in range(row + 1 - len(rows))]
        elif letter:
            line = rows[row]
            line += [" "] * (column + 1 - len(line))
            line[column] = letter
            column += 1
    return ["".join(line).rstrip() for line in rows]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
@pytest.mark.parametrize("language", ["C.UTF-8", "C"])
def test_terminal_ends_with_the_plain_lines_alone(synthetic_root: Path, language: str) -> None:
    """Frames were drawn, and none of them is left between or below the lines of stdout."""
    leader, follower = os.openpty()
    words = ["train", "--dataset", "synthetic", "--root", str(synthetic_root), "--offline"]
    words += ["--epochs", "3", "--threads", "1", "--no-pictures"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LC_ALL": language}
    environment |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_tool", *words],
        stdin=follower, stdout=follower, stderr=follower, env=environment,
    )  # fmt: skip
    os.close(follower)
    written = b""
    with suppress(OSError):  # the other end is closed when the process ends
        while chunk := os.read(leader, 65536):
            written += chunk
    os.close(leader)
    assert process.wait() == 0, written
    text = written.decode()
    assert "epoch 1/3" in text
    lines = [line for line in screen(text) if line]
    assert [line.split(" cost")[0] for line in lines[:4]] == [
        "Epoch: 0001", "Epoch: 0002", "Epoch: 0003", "Learning finished",
    ]  # fmt: skip
    assert not any(re.search("images/s|batch", line) for line in lines)


def test_sparkline_goes_from_the_greatest_to_the_least() -> None:
    """The greatest cost gets the tallest bar and the least the lowest, in ASCII too."""
    assert sparkline([8.0, 1.0, 4.0]) == "█▁▄"
    assert sparkline([5.0, 5.0]) == "▁▁"
    assert sparkline([]) == ""
    assert sparkline([0.0, 7.0], ASCII_BARS) == ASCII_BARS[0] + ASCII_BARS[-1]
