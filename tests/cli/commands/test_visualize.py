"""visualize as people and programs use it."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from mnist_tool import load
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.plots.canvas import figure
from mnist_tool.training.finding import find_run


@pytest.mark.parametrize("what", ["samples", "weights", "curve", "confusion", "mistakes", "digit"])
def test_visualize_writes_each_picture(run_tool, where, tmp_path, what):
    """The named file is a PNG of some size."""
    words = [what, "7"] if what == "digit" else [what]
    done = run_tool("visualize", *words, "-o", str(tmp_path / "it.png"), *where)
    assert done.exit_code == 0, done.stderr
    with Image.open(tmp_path / "it.png") as image:
        assert min(image.size) > 300


def test_visualize_alone_draws_samples_and_weights(run_tool, where, run_folder):
    """Both lie in the run's folder."""
    done = run_tool("visualize", "--json", *where)
    names = [Path(path) for path in done.json["data"]["pictures"]]
    assert names == [run_folder / "samples.png", run_folder / "weights.png"]
    assert all(path.is_file() for path in names)


def test_samples_need_no_run(run_tool, synthetic_root):
    """They go to the current folder then."""
    words = ("--dataset", "synthetic", "--root", str(synthetic_root), "--offline")
    assert run_tool("visualize", "samples", *words).exit_code == 0
    assert Path("samples.png").is_file()


def test_png_on_stdout(where):
    """``-o -`` writes the bytes and nothing else."""
    import subprocess
    import sys

    words = [sys.executable, "-m", "mnist_tool", "visualize", "weights", "-o", "-", *where]
    done = subprocess.run(words, capture_output=True, check=True)
    Image.open(io.BytesIO(done.stdout)).verify()


@pytest.mark.parametrize(
    "words",
    [
        ["digit"],
        ["digit", "99999"],
        ["digit", "-1"],
        ["samples", "3"],
        ["-o", "a.png"],
        ["samples", "-o", "a.txt"],
        ["samples", "-o", "-", "--json"],
        ["sampels"],
        ["samples", "--run", "again"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_drawn_is_a_usage_error(run_tool, where, words):
    """Exit code 2, and nothing is drawn."""
    assert run_tool("visualize", *words, *where).exit_code == 2
    assert not list(Path().iterdir())


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_what_is_no_plot_is_never_replaced(run_tool, where, kind):
    """Such as a photo; a plot is, as often as it is drawn."""
    for name in (f"a.{kind}", f"a.{kind}", f"photo.{kind}"):
        Path(f"photo.{kind}").write_bytes(b"a photo")
        done = run_tool("visualize", "weights", "-o", name, *where)
    assert done.exit_code == 2
    assert "no picture of this tool" in done.stderr
    assert Path(f"photo.{kind}").read_bytes() == b"a photo"
    assert Path(f"a.{kind}").stat().st_size > 1000


def test_a_format_that_is_not_drawn_is_named(run_tool):
    """Beside those that are."""
    done = run_tool("visualize", "samples", "-o", "a.jpg")
    assert "a.jpg cannot be a .jpg." in done.stderr
    assert ".png, .svg, .pdf" in done.stderr


def test_a_misspelt_subject_is_suggested(run_tool):
    """`visualize sampels` is answered with the words there are and the nearest one."""
    done = run_tool("visualize", "sampels")
    assert "visualize samples" in done.stderr
    assert "mistakes" in done.stderr
    assert "Value error" not in done.stderr


def test_help_names_every_subject(run_process, monkeypatch):
    """None is cut off, however narrow the terminal."""
    monkeypatch.setenv("COLUMNS", "60")
    text = run_process("visualize", "--help").stdout.split("Options")[0]
    for word in ("samples", "weights", "curve", "confusion", "mistakes", "digit"):
        assert len(re.findall(word, text)) >= 2


def test_show_of_another_format_says_so(run_tool, where, tmp_path):
    """A window shows PNG files; nothing tells to look at no file."""
    path = tmp_path / "it.svg"
    done = run_tool("visualize", "curve", "-o", str(path), "--show", *where)
    assert done.exit_code == 0
    assert "PNG files alone" in done.stderr
    assert "Look at the file" not in done.stderr


def test_runs_of_the_same_name_keep_their_curves(run_tool, run_folder, tmp_path):
    """Two folders called alike are two lines, each under its path."""
    other = shutil.copytree(run_folder, tmp_path / "elsewhere" / run_folder.name)
    words = ["curve", "-o", "both.svg", "--run", str(run_folder), "--run", str(other)]
    assert run_tool("visualize", *words).exit_code == 0
    drawn = Path("both.svg").read_text()
    assert f"<!-- {run_folder} -->" in drawn
    assert f"<!-- {other} -->" in drawn


def test_a_curve_of_nothing_is_refused(run_tool, run_folder, tmp_path):
    """A run that was stopped within its first epoch has no cost yet, and can go on."""
    young = shutil.copytree(run_folder, tmp_path / "young")
    (young / "metrics.jsonl").write_text("")
    done = run_tool("visualize", "curve", "--run", str(young))
    assert done.exit_code == 3
    assert "no finished epoch" in done.stderr
    assert f"train --resume --run {young}" in done.stderr


def test_show_opens_a_window_with_the_picture(monkeypatch, tmp_path):
    """With a display and a toolkit, the picture's own pixels are in a window that is shown."""
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from mnist_tool.plots import window

    shown = []

    def look():
        shown.extend(pyplot.figure(n).axes[0].images[0].get_array() for n in pyplot.get_fignums())

    Image.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "red.png")
    monkeypatch.setattr(window, "has_display", lambda: True)
    pyplot.switch_backend("agg")
    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "fake")
    monkeypatch.setattr(pyplot, "show", look)
    try:
        window.show([tmp_path / "red.png"])
    finally:
        pyplot.close("all")
    (pixels,) = shown
    assert pixels.shape[:2] == (30, 40)
    assert pixels[0, 0, :3].tolist() == [1, 0, 0]


def test_only_known_disputes_are_drawn(run_tool, where):
    """The drawn digits have none; the hint says which data has."""
    done = run_tool("visualize", "disputed", *where)
    assert done.exit_code == 2
    assert "--dataset mnist" in done.stderr


def test_a_run_of_other_classes_is_not_shown_mnist(run_tool, where, run_folder, monkeypatch):
    """The hint leads to another run: this one would be refused."""
    letters = replace(DATASETS["synthetic"], classes=tuple("abcdefghij"))
    monkeypatch.setitem(DATASETS, "synthetic", letters)
    done = run_tool("visualize", "disputed", *where)
    run = run_folder.parent / "RUN"
    assert f"mnist-tool visualize disputed --dataset mnist --run {run}" in done.stderr


def test_disputed_labels_are_drawn_with_what_the_run_reads(run_tool, where, monkeypatch):
    """Each image with its label, its number and the run's answer, right or wrong."""
    images, labels = load("test", root=where[3], dataset="synthetic", offline=True)
    said = find_run(Path(where[1]), Path()).model()(images.unsqueeze(1) / 255).argmax(1)
    disputed = (*(said != labels).nonzero().flatten().tolist()[:2], 999)
    monkeypatch.setitem(DATASETS, "synthetic", replace(DATASETS["synthetic"], disputed=disputed))
    drawn = []
    monkeypatch.setattr(
        "mnist_tool.plots.draw_gallery",
        lambda images, captions, **words: drawn.append((images, captions)) or figure(2, 2, ""),
    )
    assert run_tool("visualize", "disputed", "-o", "it.png", *where).exit_code == 0
    ((shown, captions),) = drawn
    assert (shown == images[list(disputed)].numpy()).all()
    assert captions == [
        (f"{labels[place]}?", f"read as {said[place]}  #{place}") for place in disputed
    ]
    assert Path("it.png").stat().st_size
