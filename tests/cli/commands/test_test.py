"""test as people and programs use it, on the synthetic digits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mnist_tool import load
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.training.evaluate import evaluate
from mnist_tool.training.finding import find_run
from tests.dataset.shrunk import Shrunk, registered

Run = Callable[..., Any]


def test_evaluation_of_the_newest_run(train: Run, run_tool: Run, words: list[str]) -> None:
    """`test` repeats what training reported, with interval, digits and confusion matrix."""
    trained = train("--json").json["data"]["test"]
    done = run_tool("test", *words, "--json")
    assert done.exit_code == 0
    assert done.json["data"]["test"] == trained
    shown = run_tool("test", *words).stdout
    assert "95 %" in shown
    assert "precision" in shown
    confusion = trained[1]["confusion"]
    assert re.search(r"^0\s+" + r"\s+".join(map(str, confusion[0])) + r"\s*$", shown, re.MULTILINE)


@pytest.mark.parametrize("words_of", [["--split", "test"], ["--split", "train"]])
def test_disputed_labels_are_told_beside_the_official_accuracy(
    words_of: list[str], run_tool: Run, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the test images, on pixels 0 to 1; the official accuracy stays as it is."""
    before = run_tool("test", *where, *words_of, "--json").json["data"]
    assert "without_disputed" not in before
    disputed = (3, 500, 999)
    monkeypatch.setitem(DATASETS, "synthetic", replace(DATASETS["synthetic"], disputed=disputed))
    data = run_tool("test", *where, *words_of, "--json").json["data"]
    told = [
        line
        for line in run_tool("test", *where, *words_of).stdout.splitlines()
        if "dispute" in line
    ]
    assert data["test"] == before["test"]
    if "train" in words_of:
        assert told == []
        assert "without_disputed" not in data
        return
    images, labels = load("test", root=where[3], dataset="synthetic", offline=True)
    left = [place for place in range(1000) if place not in disputed]
    share = evaluate(find_run(Path(where[1]), Path()).model(), images[left], labels[left]).accuracy
    assert data["without_disputed"] == share
    line = f"Accuracy: {share:.4f} on pixels 0..1, without the 3 labels that people dispute"
    assert told == [line]


def test_minimum_decides_the_exit_code(train: Run, run_tool: Run, words: list[str]) -> None:
    """Below --min-accuracy the answer is no, exit 1; a percent value is usage."""
    train()
    assert run_tool("test", *words, "--min-accuracy", "0").exit_code == 0
    below = run_tool("test", *words, "--min-accuracy", "1", "--json")
    assert (below.exit_code, below.json["status"]) == (1, "no")
    assert run_tool("test", *words, "--min-accuracy", "92").exit_code == 2


def test_pictures_of_the_evaluation(train: Run, run_tool: Run, words: list[str]) -> None:
    """--output draws the confusion matrix and the mistakes into a folder and says where."""
    train()
    done = run_tool("test", *words, "--output", "pictures")
    for name in ("confusion", "mistakes"):
        assert f"Picture: pictures/{name}.png" in done.stdout
        assert Path(f"pictures/{name}.png").read_bytes().startswith(b"\x89PNG")


def test_pictures_of_a_model_that_makes_no_mistake(
    train: Run, run_tool: Run, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a confusion matrix, and nothing to draw of mistakes."""
    train()

    def perfect(model: object, images: torch.Tensor, **_: object) -> torch.Tensor:
        _, labels = load("test", root=words[1], dataset="synthetic", offline=True)
        return torch.nn.functional.one_hot(labels, 10).float()

    monkeypatch.setattr("mnist_tool.training.evaluate.logits", perfect)
    done = run_tool("test", *words, "--output", "pictures")
    assert done.exit_code == 0, done.stderr
    assert [path.name for path in Path("pictures").iterdir()] == ["confusion.png"]


def test_a_file_that_is_no_folder_is_told_before_the_work(
    train: Run, run_tool: Run, words: list[str]
) -> None:
    """Nothing was computed for it."""
    train()
    Path("file").write_text("no folder")
    done = run_tool("test", *words, "--output", "file")
    assert done.exit_code == 3
    assert "Cannot write in file" in done.stderr
    assert done.stdout == ""


def test_damaged_checkpoint_is_refused(train: Run, run_tool: Run, words: list[str]) -> None:
    """`test` on a broken checkpoint ends with exit 3 and says which file."""
    train()
    Path("runs/softmax-1/checkpoint.pt").write_bytes(b"PK\x03\x04 broken")
    done = run_tool("test", *words)
    assert done.exit_code == 3
    assert "runs/softmax-1/checkpoint.pt is refused" in done.stderr


def test_unfinished_run_is_evaluated_with_a_warning(
    train: Run, run_tool: Run, words: list[str]
) -> None:
    """A run that was stopped early can be tested, but not unnoticed."""
    train()
    settings = Path("runs/softmax-1/settings.json")
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"epochs": 9}))
    done = run_tool("test", *words)
    assert "unfinished: it trained 2 of its 9 epochs" in done.stderr
    assert "mnist-tool train --resume" in done.stderr
    assert run_tool("test", *words, "--json").json["data"]["finished"] is False
    Path("runs/softmax-1/metrics.jsonl").unlink()
    assert "stopped inside epoch 1 of 9" in run_tool("test", *words).stderr


def fetched(run_tool: Run, name: str, made: dict[str, Shrunk]) -> list[str]:
    """Fetch a made-up data set, train on it, and return the words for other commands."""
    place = Path("given")
    place.mkdir()
    for packed, content in made[name].packed.items():
        (place / packed).write_bytes(content)
    assert run_tool("fetch", "--dataset", name, "--from", "given").exit_code == 0
    short = ("--epochs", "1", "--threads", "1", "--no-pictures")
    assert run_tool("train", "--dataset", name, *short).exit_code == 0
    return ["--offline"]


def test_classes_are_called_by_their_names(run_tool: Run) -> None:
    """Ten of them, with names: precision, recall and the matrix."""
    with registered("fashion-mnist") as made:
        words = fetched(run_tool, "fashion-mnist", made)
        shown = run_tool("test", *words).stdout
        assert re.search(r"^Ankle boot\s+\d\.\d{4}\s+\d\.\d{4}\s*$", shown, re.MULTILINE)
        assert re.search(r"^label\s+T-sh\s+Trou\s+Pull", shown, re.MULTILINE)
        assert run_tool("test", *words, "--json").json["data"]["classes"][9] == "Ankle boot"


def test_many_classes_are_told_by_what_is_confused(run_tool: Run) -> None:
    """The matrix of 26 letters is wider than any terminal; JSON and the picture have it."""
    with registered("emnist-letters") as made:
        words = fetched(run_tool, "emnist-letters", made)
        done = run_tool("test", *words, "--output", "pictures")
        assert re.search(r"^label\s+read as\s+times\s*$", done.stdout, re.MULTILINE)
        assert Path("pictures/mistakes.png").exists()
        data = run_tool("test", *words, "--json").json["data"]
        assert data["classes"] == list("abcdefghijklmnopqrstuvwxyz")
        assert len(data["test"][-1]["confusion"]) == len(data["test"][-1]["recall"]) == 26
        counts = [sum(row) for row in data["test"][-1]["confusion"]]
        assert sum(counts) == 180
        assert min(counts) >= 6  # every class is there: the letters count from 1 in the files


def test_a_model_is_shown_what_it_has_names_for(run_tool: Run) -> None:
    """Digits of another data set, or a split of it, but no letters."""
    with registered("qmnist", "emnist-letters", "mnist") as made:
        words = fetched(run_tool, "qmnist", made)
        assert run_tool("test", *words, "--split", "test50k", "--json").json["data"]["split"] == (
            "test50k"
        )
        shown = run_tool("test", *words, "--split", "test50k").stdout
        assert "on qmnist test50k pixels 0..1, not MNIST" in shown
        refused = run_tool("test", *words, "--dataset", "emnist-letters")
        assert refused.exit_code == 2
        assert "mnist-tool train --dataset emnist-letters" in refused.stderr
        unknown = run_tool("test", *words, "--split", "test50")
        assert unknown.exit_code == 2
        assert "--split test50k" in unknown.stderr
