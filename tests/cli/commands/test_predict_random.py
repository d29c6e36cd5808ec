"""predict-random as people and programs use it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_tool.dataset.synthetic import draw
from tests.dataset.shrunk import registered


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
    asked = run_tool("predict-random", "--seed", str(seed), "--output", str(folder), *where)
    assert asked.exit_code == 3


def test_classes_are_called_by_their_names(run_tool):
    """Everywhere: as label, prediction and bar, in pictures of one's own, in what is drawn."""
    with registered("fashion-mnist") as made:
        Path("given").mkdir()
        for packed, content in made["fashion-mnist"].packed.items():
            Path("given", packed).write_bytes(content)
        names = made["fashion-mnist"].dataset.classes
        assert run_tool("fetch", "--dataset", "fashion-mnist", "--from", "given").exit_code == 0
        short = ("--epochs", "1", "--threads", "1", "--no-pictures")
        assert run_tool("train", "--dataset", "fashion-mnist", *short).exit_code == 0
        done = run_tool("predict-random", "--seed", "1", "--split", "train")
        (label,) = re.findall(r"^Label:  (.*)$", done.stdout, re.MULTILINE)
        assert label in names
        assert re.search(rf"^{label} .*label$", done.stdout, re.MULTILINE)
        assert "Train image" in done.stdout
        data = run_tool("predict-random", "--count", "2", "--json").json["data"]
        assert data["classes"] == list(names)
        picture = np.zeros((28, 28), np.uint8)
        picture[6:20, 10:16] = 255
        Image.fromarray(picture).save("bag.png")
        said = run_tool("predict", "bag.png").stdout.splitlines()[0]
        assert said.removeprefix("bag.png: ").startswith(names)
        for what in ("samples", "weights", "confusion", "mistakes"):
            assert run_tool("visualize", what, "-o", f"{what}.png").exit_code == 0
