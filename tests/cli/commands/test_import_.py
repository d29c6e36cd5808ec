"""`import` makes a data set that the other commands take by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from mnist_tool.dataset import own

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_named", [])
    for number in range(20):
        for name, end in (("bar", (14, 23)), ("dash", (23, 14))):
            image = Image.new("L", (28, 28))
            ImageDraw.Draw(image).line([(14 - number % 3, 14), end], 255, 3)
            Path("mine", name).mkdir(parents=True, exist_ok=True)
            image.save(f"mine/{name}/{number}.png")
    Path("mine/bar/notes.txt").write_text("no picture")


@pytest.mark.torch
def test_it_is_trained_on_by_its_name(run_tool: Run) -> None:
    """With a root of its own, and in all commands that read data."""
    done = run_tool("import", "mine", "--dataset-name", "mine", "--root", "place")
    assert (done.exit_code, done.stdout) == (0, f"{Path('place', 'mine')}\n")
    assert "Left out: mine/bar/notes.txt is not a picture" in done.stderr
    advice = "train --batch-size 3 --dataset mine --root place"  # a batch of 100 is too large
    assert f"next: mnist-tool {advice}\n" in done.stderr
    words = ("--dataset", "mine", "--root", "place")
    assert run_tool("verify", *words).exit_code == 0
    done = run_tool(*advice.split(), "--epochs", "2", "--no-pictures", "--json")
    assert done.exit_code == 0, done.stderr
    done = run_tool("test", "--root", "place", "--json")
    assert done.exit_code == 0, done.stderr
    done = run_tool("datasets", "mine", "--root", "place", "--json")
    assert done.json["data"]["classes"] == ["bar", "dash"]
    assert "mine" in run_tool("datasets", "--root", "place").stdout
    assert run_tool("export", "x.csv", *words).exit_code == 0
    assert run_tool("export", "y.npz", *words).exit_code == 0


def test_json_tells_classes_and_counts(run_tool: Run) -> None:
    """And what was left out, all of it."""
    done = run_tool("import", "mine", "--dataset-name", "mine", "--json")
    assert done.json["data"]["counts"] == {"train": [16, 16], "test": [4, 4]}
    assert len(done.json["data"]["left_out"]) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("mine", "--dataset-name", "mnist"), 2),
        (("mine", "--dataset-name", "../x"), 2),
        (("mine",), 2),
        (("nowhere", "--dataset-name", "mine"), 3),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], code: int, run_tool: Run) -> None:
    """And nothing is made."""
    done = run_tool("import", *words)
    assert done.exit_code == code
    assert "hint:" in done.stderr
    assert not Path("MNIST_data").exists()
