"""What the picture commands look at: a run that is there, and is finished or said not to be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"


def test_without_a_run_the_error_says_how_to_get_one(run_tool):
    """Before any data is fetched; of a picture, where a run is named."""
    named = ["predict", "x.png", "--run", "nothing"]
    for words in (["predict-random", "--offline"], ["visualize", "weights", "--offline"], named):
        done = run_tool(*words)
        assert done.exit_code == 3
        assert "mnist-tool train" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["predict", str(DATA / "two-black-on-white.png")],
        ["predict-random"],
        ["visualize", "weights"],
    ],
    ids=lambda words: words[0],
)
def test_an_unfinished_run_is_told(run_tool, run_folder, synthetic_root, words):
    """Whoever uses a run that was stopped early hears it; a finished one is no news."""
    where = ["--run", "cut"] + ([] if words[0] == "predict" else ["--root", str(synthetic_root)])
    shutil.copytree(run_folder, "cut")
    assert "unfinished" not in run_tool(*words, *where).stderr
    settings = Path("cut/settings.json")
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"epochs": 9}))
    assert "cut is unfinished: it trained 3 of its 9 epochs" in run_tool(*words, *where).stderr
