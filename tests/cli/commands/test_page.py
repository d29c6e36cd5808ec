"""page as people and programs use it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import webbrowser
from pathlib import Path

import numpy as np
import pytest

from mnist_tool.cli.scene import Scene


def _content(page: Path) -> dict:
    return json.loads(re.search(r'id="content">(.*?)</script>', page.read_text("utf-8"))[1])


def test_it_lies_in_the_runs_folder(run_tool, where, run_folder):
    """By default, and the line on stdout says so."""
    done = run_tool("page", *where)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"Page: {run_folder / 'digit.html'} (")
    assert (run_folder / "digit.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_it_tells_of_the_run(run_tool, where, run_folder, tmp_path):
    """Recipe, accuracy with interval, and the data that it is on."""
    done = run_tool("page", "-o", str(tmp_path / "a.html"), "--json", *where)
    page = Path(done.json["data"]["page"])
    run = _content(page)["run"]
    assert done.json["data"]["bytes"] == page.stat().st_size
    assert (run["name"], run["recipe"], run["parameters"]) == (run_folder.name, "softmax", 7850)
    low, high = run["interval"]
    assert low < run["accuracy"] < high
    assert run["data"] != "MNIST"


def test_the_examples_are_test_digits_with_what_they_are_read_as(run_tool, where, tmp_path):
    """One of each, and then mistakes, the surest first."""
    run_tool("page", "-o", str(tmp_path / "a.html"), *where)
    digits = _content(tmp_path / "a.html")["examples"]["digits"]
    assert [label for _, label, _ in digits[:10]] == list(range(10))
    assert all(read != label for _, label, read in digits[10:])


def test_weights_are_rounded_only_where_that_changes_nothing(
    run_tool, where, tmp_path, monkeypatch
):
    """To 8 bits, else to 16, else they stay as they are."""
    path = tmp_path / "a.html"

    def kind():
        path.unlink(missing_ok=True)
        run_tool("page", "-o", str(path), *where)
        return _content(path)["network"]["steps"][0]["weight"]["type"]

    assert kind() in {"int8", "float16"}  # as the few test digits of this run allow
    real = Scene.chances
    one, other = np.eye(10)[:3], np.eye(10)[3:6]
    for answers, wanted in (
        ([one, one], "int8"),
        ([one, other, one], "float16"),
        ([one, other, other], "float32"),
    ):
        left = iter(answers)
        monkeypatch.setattr(Scene, "chances", lambda scene, left=left: next(left, real(scene)))
        assert kind() == wanted


def test_on_stdout(where):
    """``-o -`` writes the page and nothing else."""
    words = [sys.executable, "-m", "mnist_tool", "page", "-o", "-", *where]
    done = subprocess.run(words, capture_output=True, check=True)
    assert done.stdout.decode().startswith("<!DOCTYPE html>")
    assert done.stdout.decode().endswith("</html>\n")


@pytest.mark.parametrize("other", ["--json", "--open"])
def test_stdout_is_for_the_page_alone(run_tool, where, other):
    """Two wishes for one stream are a usage error."""
    done = run_tool("page", "-o", "-", other, *where)
    assert done.exit_code == 2
    assert other in done.stdout + done.stderr


def test_a_model_that_the_page_cannot_run_is_refused_by_name(
    run_tool, where, tmp_path, monkeypatch
):
    """The recipe and the layer are named, and nothing is written."""
    monkeypatch.delitem(sys.modules["mnist_tool.training.operations"].KNOWN, "Linear")
    done = run_tool("page", "-o", str(tmp_path / "a.html"), *where)
    assert done.exit_code == 3
    assert "softmax" in done.stderr
    assert "Linear" in done.stderr
    assert not (tmp_path / "a.html").exists()


def test_open_shows_it_where_there_is_a_display(run_tool, where, tmp_path, monkeypatch):
    """By a file's own address."""
    opened = []
    monkeypatch.setattr("mnist_tool.plots.window.has_display", lambda: True)
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    assert run_tool("page", "-o", str(tmp_path / "a b.html"), "--open", *where).exit_code == 0
    assert opened == [(tmp_path / "a b.html").as_uri()]


def test_open_says_where_there_is_none(run_tool, where, monkeypatch):
    """The page is there all the same."""
    monkeypatch.setattr("mnist_tool.plots.window.has_display", lambda: False)
    done = run_tool("page", "-o", "a.html", "--open", *where)
    assert done.exit_code == 0
    assert "no display" in done.stderr
    assert Path("a.html").exists()


def test_what_is_no_page_is_never_replaced(run_tool, where, run_folder):
    """Least of all a trained model, as is said before any work; a page is, again and again."""
    checkpoint = run_folder / "checkpoint.pt"
    before = checkpoint.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_tool.cli.commands.page.make", None)
        done = run_tool("page", "-o", str(checkpoint), *where)
    assert done.exit_code == 2
    assert "no page of this tool" in done.stderr
    assert checkpoint.read_bytes() == before
    for _ in range(2):
        assert run_tool("page", "-o", "a.html", *where).exit_code == 0


def test_a_run_may_be_called_anything(run_tool, run_folder, synthetic_root, tmp_path):
    """Its name is spelt where it is no UTF-8."""
    odd = run_folder.rename(tmp_path / "bad\udcff")
    done = run_tool("page", "--run", str(odd), "--root", str(synthetic_root), "--offline")
    assert done.exit_code == 0, done.stderr
    assert _content(odd / "digit.html")["run"]["name"] == r"bad\udcff"


def test_in_a_folder_the_run_gives_the_name(run_tool, where, run_folder):
    """As with `export-model`."""
    Path("folder").mkdir()
    assert run_tool("page", "-o", "folder", *where).exit_code == 0
    assert Path("folder", f"{run_folder.name}.html").is_file()


def test_a_place_that_cannot_be_written_is_named(run_tool, where):
    """With another way out."""
    Path("file").write_text("no folder")
    done = run_tool("page", "-o", "file/a.html", *where)
    assert done.exit_code == 3
    assert "--output" in done.stderr
