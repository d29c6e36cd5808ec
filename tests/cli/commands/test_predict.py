"""predict as people and programs use it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reading.pictures import encoded
from tests.reading.scenes import WAYS, paper, write

DATA = Path(__file__).parents[3] / "data"


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
    if hasattr(os, "mkfifo"):
        os.mkfifo("pictures/pipe.png")  # which would be waited for
    pngs, jpgs = (len([*DATA.glob(f"*.{ending}")]) for ending in ("png", "jpg"))
    for named, count in (("pictures", pngs + jpgs), ("pictures/*.png", pngs)):
        folder = run_tool("predict", named, "--run", str(run_folder))
        assert folder.exit_code == 0
        assert len(folder.stdout.splitlines()) == 1 + count


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
    words = ["--explain", "--output", str(tmp_path), "--run", str(run_folder)]
    done = run_tool("predict", str(DATA / "seven-photo.jpg"), *words)
    assert done.exit_code == 0
    assert (tmp_path / "explain-seven-photo.png").is_file()
    assert "▀" in done.stdout


def test_explained_pictures_of_the_same_name_are_numbered(run_tool, run_folder, tmp_path):
    """Two pictures that differ in their folder or ending alone keep one file each."""
    (tmp_path / "one.gif").write_bytes((DATA / "two-black-on-white.png").read_bytes())
    (tmp_path / "one.png").write_bytes((DATA / "two-black-on-white.png").read_bytes())
    words = ("--explain", "--output", str(tmp_path / "s"), "--run", str(run_folder))
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


@pytest.mark.parametrize("name", ["two", "three", "four", "five", "seven"])
def test_the_samples_in_data_come_to_form(name):
    """Each of our pictures can be read; a model trained on MNIST is tried on them by hand."""
    from mnist_tool.reading.prepare import prepare

    (path,) = DATA.glob(f"{name}-*")
    assert prepare(path.read_bytes(), path.name).images[0].max() == 255


def test_what_is_not_opened_is_named_whatever_it_is_called(run_tool, run_folder, tmp_path):
    """An EPS file under the name of a PNG: no Ghostscript, exit 3, and what to do."""
    (tmp_path / "evil.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    done = run_tool("predict", str(tmp_path / "evil.png"), "--run", str(run_folder))
    assert done.exit_code == 3
    assert "evil.png is an EPS file, which is not opened." in done.stderr
    assert "export it as PNG" in done.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
def test_a_file_without_an_end_is_refused(run_tool, run_folder, monkeypatch):
    """After as many bytes as a picture may have."""
    monkeypatch.setattr("mnist_tool.reading.picture.MOST_CONTENT", 1000)
    done = run_tool("predict", "/dev/zero", "--run", str(run_folder))
    assert done.exit_code == 3
    assert "too large" in done.stderr


def test_no_run_is_needed(run_process, tmp_path):
    """On a machine that never saw MNIST: the weights that ship read, and torch is not there."""
    code = "import sys; sys.modules.update(torch=None, torchvision=None)\n"
    code += "from mnist_tool.cli import main; main(sys.argv[1:])"
    words = ["predict", str(DATA / "seven-photo.jpg"), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True
    )
    (found,) = json.loads(done.stdout)["data"]["predictions"]
    assert (done.returncode, found["prediction"]) == (0, 7)
    assert json.loads(done.stdout)["data"]["run"] is None


def test_several_digits_are_told_row_by_row(run_tool):
    """Each with its probability and its box; with --one there is one."""
    page = paper(260, 300)
    for place, digit in enumerate((4, 2, 1, 0)):
        box = (40 + 90 * (place % 2), 30 + 120 * (place // 2), 40, 70)
        write(page, WAYS[digit][0], box, 8)
    Path("page.png").write_bytes(encoded(page))
    assert run_tool("predict", "page.png").stdout.startswith("page.png:\n4 2\n1 0\n")
    (found,) = run_tool("predict", "page.png", "--json").json["data"]["predictions"]
    assert [[each["digit"] for each in row] for row in found["rows"]] == [[4, 2], [1, 0]]
    assert found["prediction"] is None
    left, top, right, bottom = found["rows"][1][0]["box"]
    assert left < 60 / 300 < right < 0.4 < top < bottom
    (one,) = run_tool("predict", "page.png", "--one", "--json").json["data"]["predictions"]
    assert len(one["rows"]) == 1
    assert type(one["prediction"]) is int


def test_patterns_that_the_shell_has_left(run_tool):
    """As on Windows: what fits is read, in order."""
    for name in ("b.png", "a.png", "c.txt"):
        shutil.copy(DATA / "two-black-on-white.png", name)
    done = run_tool("predict", "*.png", "--json")
    assert [each["picture"] for each in done.json["data"]["predictions"]] == ["a.png", "b.png"]
    assert run_tool("predict", "*.gif").exit_code == 3


def test_groups_of_a_telephone_number_are_told_apart(run_tool):
    """Where the gaps between its digits are wide."""
    picture = paper(120, 480)
    for digit, left in zip((0, 1, 0, 4, 2), (30, 80, 130, 270, 320), strict=True):
        write(picture, WAYS[digit][0], (left, 30, 34, 60), 6)
    Path("phone.png").write_bytes(encoded(picture))
    assert run_tool("predict", "phone.png").stdout.startswith("phone.png: 0 1 0 - 4 2\n")
