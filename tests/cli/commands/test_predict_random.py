"""predict-random as people and programs use it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from mnist_tool.dataset.synthetic import draw


def test_predict_random_draws_as_the_lecture(run_tool, where):
    """With a seed the digit is the one that ``random.randint`` gives."""
    done = run_tool("predict-random", "--seed", "777", "--json", *where)
    assert ["--run", done.json["data"]["run"]] == where[:2]
    (digit,) = done.json["data"]["digits"]
    assert digit["index"] == random.Random(777).randint(0, 999)
    assert digit["label"] == draw("test")[1][digit["index"]]
    assert sum(digit["probabilities"]) == pytest.approx(1)
    assert Path(done.json["data"]["picture"]).read_bytes().startswith(b"\x89PNG")


def test_predict_random_is_plain_text_in_a_pipe(run_process, where):
    """Label, prediction, picture and file on stdout; no escape; nothing on stderr."""
    done = run_process("predict-random", "--seed", "1", *where)
    assert done.exit_code == 0
    assert re.search(r"^Label:  \d$", done.stdout, re.MULTILINE)
    assert re.search(r"^Prediction:  \d$", done.stdout, re.MULTILINE)
    assert "█" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_predict_random_on_an_ascii_stream(run_process, where, monkeypatch):
    """Letters stand for blocks where the stream cannot carry them."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = run_process("predict-random", "--seed", "1", *where)
    assert done.exit_code == 0
    assert done.stdout.isascii()
    assert re.search(r"[*#%@]{3}", done.stdout)


def test_wrong_ones_are_wrong_and_different(run_tool, where):
    """``--wrong --count`` shows that many different mistakes in one picture."""
    done = run_tool("predict-random", "--wrong", "--count", "5", "--seed", "3", "--json", *where)
    digits = done.json["data"]["digits"]
    assert len({digit["index"] for digit in digits}) == 5
    assert all(digit["label"] != digit["prediction"] for digit in digits)


def test_show_without_a_display_says_so(run_tool, where, monkeypatch):
    """The command still succeeds, and names the file."""
    monkeypatch.setattr("mnist_tool.plots.window.has_display", lambda: False)
    done = run_tool("predict-random", "--show", *where)
    assert done.exit_code == 0
    assert "no display" in done.stderr


def test_a_folder_that_refuses_the_picture_costs_the_picture_alone(run_tool, where):
    """Nobody asked for it; where somebody did, that it cannot be is an error."""
    folder = Path(where[1], "predict-random-7.png")
    (folder / "taken").mkdir(parents=True)
    seed = next(n for n in range(10**6) if random.Random(n).randint(0, 999) == 7)

    done = run_tool("predict-random", "--seed", str(seed), *where)

    assert done.exit_code == 0
    assert "Prediction:" in done.stdout
    assert "warning:" in done.stderr
    asked = run_tool("predict-random", "--seed", str(seed), "--save", str(folder), *where)
    assert asked.exit_code == 3
