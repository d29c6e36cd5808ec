"""The live display of a training, looked at through a small terminal."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live
from tqdm import tqdm

from mnist_tool import progress
from mnist_tool.cli.screen.display import ASCII_BARS, _LiveDisplay, sparkline
from mnist_tool.training.events import Progressed, Started
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings
from tests.cli.processes import on_terminal

TRAIN = ["train", "--dataset", "synthetic", "--offline", "--epochs", "3", "--no-pictures"]
TRAIN += ["--threads", "1"]


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


@pytest.mark.torch
@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
@pytest.mark.parametrize("language", ["C.UTF-8", "C"])
def test_terminal_ends_with_the_plain_lines_alone(synthetic_root: Path, language: str) -> None:
    """Frames were drawn, and none of them is left between or below the lines of stdout."""
    variables = {"LC_ALL": language, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code, text = on_terminal(*TRAIN, "--root", str(synthetic_root), **variables)
    assert code == 0, text
    assert "epoch 1/3" in text
    lines = [line for line in screen(text) if line]
    assert [line.split(" cost")[0] for line in lines[:4]] == [
        *(f"Epoch: 000{number}" for number in (1, 2, 3)),
        "Learning finished",
    ]
    assert not any(re.search("images/s|batch", line) for line in lines)


@pytest.mark.torch
@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
def test_a_cell_gets_the_plain_lines_alone(synthetic_root: Path) -> None:
    """It has a terminal for ``!mnist-tool train``, but no frame can be taken away on the page."""
    kernel = {"JPY_PARENT_PID": "1", "FORCE_COLOR": "1", "TERM": "xterm-color"}
    code, text = on_terminal(*TRAIN, "--root", str(synthetic_root), **kernel)
    assert code == 0, text
    assert not re.search("images/s|\\r(?!\\n)|\x1b\\[[^m]*[A-Za-ln-z]", text)
    lines = [line for line in text.splitlines() if line.startswith("Epoch: ")]
    assert [line.split(" cost")[0] for line in lines] == [f"Epoch: 000{n}" for n in (1, 2, 3)]


def test_sparkline_goes_from_the_greatest_to_the_least() -> None:
    """The greatest cost gets the tallest bar and the least the lowest, in ASCII too."""
    assert sparkline([8.0, 1.0, 4.0]) == "█▁▄"
    assert sparkline([5.0, 5.0]) == "▁▁"
    assert sparkline([]) == ""
    assert sparkline([0.0, 7.0], ASCII_BARS) == ASCII_BARS[0] + ASCII_BARS[-1]


@pytest.mark.parametrize("member", [None, 12])
@pytest.mark.parametrize(("columns", "shown"), [(80, "images/s"), (60, "━"), (40, "left")])
def test_frames_fit_the_terminal(columns: int, shown: str, member: int | None) -> None:
    """Two lines, whatever the width, with the greatest numbers that are to be expected."""
    console = Console(file=io.StringIO(), width=columns, legacy_windows=False)
    settings = Settings.of("softmax", epochs=99, members=member or 1)
    started = Started(Run(Path()), settings, images=60_000, done=0)
    with Live(console=console, auto_refresh=False) as live:
        display = _LiveDisplay(live, started)
        display._began = time.monotonic() - 7, 0
        display._cost, display._history = 0.4321, [0.5] * 40
        frame = display._frame(Progressed(11, 30_000, 0.4, member), time.monotonic())
    with console.capture() as captured:
        console.print(frame)
    lines = captured.get().splitlines()
    assert len(lines) == 2
    assert shown in lines[0]
    assert "cost 0.4321" in lines[0]
    assert "left" in lines[0]
    assert all(len(line.rstrip()) <= columns for line in lines)


def test_a_notebook_gets_tqdm(
    run_tool: Callable[..., Any], synthetic_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kernel the training moves one bar through all epochs, and -q leaves it out."""
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    # However quick the training is, each step of the bar is drawn.
    monkeypatch.setattr(progress, "_tqdm", lambda: functools.partial(tqdm, mininterval=0))
    words = ["train", "--dataset", "synthetic", "--root", str(synthetic_root), "--offline"]
    words += ["--epochs", "2", "--no-pictures"]
    done = run_tool(*words)
    assert "Epoch: 0002" in done.stdout
    assert "epoch 2/2, cost " in done.stderr
    assert "img/s" in done.stderr
    assert "img" not in run_tool(*words, "-q").stderr
