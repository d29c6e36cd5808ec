"""``visualize``, ``predict-random`` and ``predict`` as people and programs use them."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from mnist_tool.cli.screen.halfblocks import bars, beside, picture
from mnist_tool.dataset.synthetic import draw

DATA = Path(__file__).parents[2] / "data"
ESCAPE = "\x1b"


@pytest.fixture(scope="module")
def run_folder(synthetic_root, tmp_path_factory):
    """A short softmax training on the synthetic digits."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("runs")
    words = ["train", "--dataset", "synthetic", "--root", str(synthetic_root), "--offline"]
    words += ["--runs", str(folder), "--epochs", "3", "--threads", "1", "--no-pictures"]
    subprocess.run([sys.executable, "-m", "mnist_tool", *words], check=True, capture_output=True)
    return folder / "softmax-1"


@pytest.fixture
def where(run_folder, synthetic_root):
    """The options that point a command to that run and its data."""
    return ["--run", str(run_folder), "--root", str(synthetic_root), "--offline"]


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
    assert ESCAPE not in done.stdout + done.stderr
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


def test_without_a_run_the_error_says_how_to_get_one(run_tool):
    """Before any data is fetched."""
    for words in (["predict-random"], ["visualize", "weights"], ["predict", "x.png"]):
        done = run_tool(*words, "--offline") if words[0] != "predict" else run_tool(*words)
        assert done.exit_code == 3
        assert "mnist-tool train" in done.stderr


def test_show_without_a_display_says_so(run_tool, where, monkeypatch):
    """The command still succeeds, and names the file."""
    monkeypatch.setattr("mnist_tool.plots.window._has_display", lambda: False)
    done = run_tool("predict-random", "--show", *where)
    assert done.exit_code == 0
    assert "no display" in done.stderr


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


def test_predict_reads_a_file_stdin_and_a_folder(run_tool, run_folder, monkeypatch):
    """One document per way; a table for several."""
    content = (DATA / "two-black-on-white.png").read_bytes()
    one = run_tool(
        "predict", str(DATA / "two-black-on-white.png"), "--run", str(run_folder), "--json"
    )
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    piped = run_tool("predict", "-", "--run", str(run_folder), "--json")
    (a,), (b,) = one.json["data"]["predictions"], piped.json["data"]["predictions"]
    assert one.json["data"]["run"] == str(run_folder)
    assert a["probabilities"] == b["probabilities"]
    shutil.copytree(DATA, "pictures")
    Path("pictures/older.png").mkdir()  # a folder, whatever its name
    folder = run_tool("predict", "pictures", "--run", str(run_folder))
    assert folder.exit_code == 0
    assert len(folder.stdout.splitlines()) == 1 + len([*DATA.glob("*.png"), *DATA.glob("*.jpg")])


def test_predict_goes_on_after_a_bad_file(run_tool, run_folder, tmp_path):
    """The others are read, the bad one is named, and the exit code says that something failed."""
    (tmp_path / "bad.png").write_bytes(b"nothing")
    good = str(DATA / "two-black-on-white.png")
    done = run_tool("predict", str(tmp_path / "bad.png"), good, "--run", str(run_folder))
    assert done.exit_code == 3
    assert "bad.png" in done.stderr
    assert "two-black" in done.stdout


def test_a_name_that_the_stream_cannot_encode_is_spelt(run_tool, run_folder, monkeypatch):
    """In the product and in an error."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2)]
    monkeypatch.setattr("sys.stdout", streams[0])
    monkeypatch.setattr("sys.stderr", streams[1])
    shutil.copy(DATA / "two-black-on-white.png", "größe ± ….png")
    for name, code in (("größe ± ….png", 0), ("größe ±.png", 3)):
        assert run_tool("predict", name, "--run", str(run_folder)).exit_code == code
    for stream in streams:
        stream.flush()
    product, talk = (stream.buffer.getvalue().decode("ascii") for stream in streams)
    assert product.startswith(r"gr\xf6\xdfe +/- ....png: ")
    assert r"gr\xf6\xdfe +/-.png" in talk


def test_explain_draws_the_steps(run_tool, run_folder, tmp_path):
    """The terminal picture and a PNG."""
    words = ["--explain", "--save", str(tmp_path), "--run", str(run_folder)]
    done = run_tool("predict", str(DATA / "seven-photo.jpg"), *words)
    assert done.exit_code == 0
    assert (tmp_path / "explain-seven-photo.png").is_file()
    assert "▀" in done.stdout


def test_explained_pictures_of_the_same_name_are_numbered(run_tool, run_folder, tmp_path):
    """Two pictures that differ in their folder or ending alone keep one file each."""
    (tmp_path / "one.gif").write_bytes((DATA / "two-black-on-white.png").read_bytes())
    (tmp_path / "one.png").write_bytes((DATA / "two-black-on-white.png").read_bytes())
    words = ("--explain", "--save", str(tmp_path / "s"), "--run", str(run_folder))
    assert run_tool("predict", str(tmp_path), *words).exit_code == 0
    assert {path.name for path in (tmp_path / "s").iterdir()} == {
        "explain-one.png",
        "explain-one-2.png",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello\n", "text beginning 'hello'"),
        (b"", "empty"),
        (b"\x00\x01\xff", "bytes 00 01 ff"),
    ],
)
def test_what_is_no_picture_is_described(run_tool, run_folder, tmp_path, content, words):
    """In the reader's words, not in Python's."""
    (tmp_path / "junk.txt").write_bytes(content)
    done = run_tool("predict", str(tmp_path / "junk.txt"), "--run", str(run_folder))
    assert done.exit_code == 3
    assert words in done.stderr


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


@pytest.mark.parametrize("name", ["two", "three", "four", "five", "seven"])
def test_the_samples_in_data_come_to_form(name):
    """Each of our pictures can be read; a model trained on MNIST is tried on them by hand."""
    from mnist_tool.reading.preprocess import prepare

    (path,) = DATA.glob(f"{name}-*")
    assert prepare(path.read_bytes(), path.name).image.max() == 255


def console(**options):
    """A console that writes to memory."""
    return Console(file=io.StringIO(), width=options.pop("width", 80), **options)


def test_halfblocks_show_every_pixel():
    """Without colours each character is two pixels, ink or paper."""
    image = np.zeros((28, 28), int)
    image[0, 0] = image[1, 1] = image[2, 2] = image[3, 2] = 255
    lines = [line.plain for line in picture(image.tolist(), console())]
    assert len(lines) == 14
    assert lines[0] == "▀▄" + " " * 26
    assert lines[1] == "  █" + " " * 25


def test_colours_carry_grey_levels():
    """Foreground and background are the two pixels, dark ink on white paper."""
    image = np.zeros((28, 28), int)
    image[0, 0], image[1, 0] = 255, 100
    stream = console(force_terminal=True, color_system="truecolor")
    first = picture(image.tolist(), stream)[0].spans[0].style
    assert first.color.triplet == (0, 0, 0)
    assert first.bgcolor.triplet == (155, 155, 155)


def test_no_color_needs_no_colour():
    """With ``NO_COLOR`` the picture does not depend on colours that are left out."""
    stream = console(force_terminal=True, color_system="truecolor", no_color=True)
    assert {line.plain.strip() for line in picture(np.zeros((28, 28), int).tolist(), stream)} == {
        ""
    }


def test_bars_are_as_long_as_the_probability():
    """Eighths of a column; prediction and label are named."""
    lines = [line.plain for line in bars([0.5, 0.0, 0.5 / 20] + [0.0] * 7, console(), label=2)]
    assert lines[0] == "0  " + "█" * 10 + " " * 10 + "  0.500  prediction"
    assert lines[2].startswith("2  ▌ ")
    assert lines[2].endswith("label")


@pytest.mark.parametrize(("width", "lines"), [(80, 14), (40, 25)])
def test_narrow_terminals_get_the_bars_below(width, lines):
    """Nothing is wrapped."""
    stream = console(width=width)
    left = picture(np.zeros((28, 28), int).tolist(), stream)
    text = beside(left, bars([0.1] * 10, stream, label=0), stream)
    assert len(text.plain.split("\n")) == lines
    assert all(len(line) <= width for line in text.plain.split("\n"))


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


def test_show_opens_a_window_with_the_picture(monkeypatch, tmp_path):
    """With a display and a toolkit, the picture's own pixels are in a window that is shown."""
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from mnist_tool.plots import window

    shown = []

    def look():
        shown.extend(pyplot.figure(n).axes[0].images[0].get_array() for n in pyplot.get_fignums())

    Image.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "red.png")
    monkeypatch.setattr(window, "_has_display", lambda: True)
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
