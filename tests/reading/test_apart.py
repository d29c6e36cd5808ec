"""Decoders that talk, crash or hang do so in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.errors import ImageError
from mnist_tool.reading import apart, decoding
from mnist_tool.reading.picture import read_grey
from tests.reading.files import GOOD, fits, mutated, outcome

# A TIFF whose strip libtiff complains of by itself.
TALKS = GOOD["packed tiff"][:8] + b"\xff" * 40 + GOOD["packed tiff"][48:]


@given(
    st.sampled_from(["tiff", "packed tiff", "16 bit tiff", "icon", "bmp icon"]),
    st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_wrong_bytes_of_what_is_decoded_apart(kind, places):
    """The same, in this process: Pillow's part of it; libtiff's is silenced by the other."""
    content = mutated(GOOD[kind], places)
    nothing, kept = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    os.dup2(nothing, 2)
    try:
        found = outcome(decoding.decode, content, "it", "ICO" if "icon" in kind else "TIFF")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
    assert fits(found)


def test_what_libtiff_says_is_the_reason():
    """Not a line of its own on the user's terminal, which the fixture looks for."""
    with pytest.raises(ImageError, match=r"(?m)damaged picture: .+ \(.+\)\.$"):
        read_grey(TALKS, "it")


def test_threads_keep_what_they_write(capfd):
    """Pictures are read by several while another writes to stderr: each line arrives, no other."""
    done, written = threading.Event(), []

    def write():
        while not done.is_set():
            written.append(len(written))
            os.write(2, b"%d\n" % written[-1])
            done.wait(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    with ThreadPoolExecutor(4) as pool:
        contents = [TALKS, GOOD["png"], GOOD["packed tiff"], TALKS] * 2
        found = list(pool.map(lambda content: outcome(read_grey, content, "it"), contents))
    done.set()
    writer.join()
    refused = outcome(read_grey, TALKS, "it")
    assert found == [refused, (360, 360), (360, 360), refused] * 2
    assert capfd.readouterr().err == "".join(f"{line}\n" for line in written)


def test_stderr_may_be_closed(tmp_path):
    """As some services start their programs."""
    (tmp_path / "it.tif").write_bytes(GOOD["packed tiff"])
    code = (
        "import os; os.close(2); from pathlib import Path\n"
        "from mnist_tool.reading.picture import read_grey\n"
        "print(read_grey(Path('it.tif').read_bytes(), 'it').shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE)
    assert done.stdout == b"(360, 360)\n"


@pytest.mark.parametrize("program", ["-c", "/nowhere/python"])
def test_a_decoder_that_dies_or_does_not_start_is_an_image_error(program, monkeypatch):
    """Whatever becomes of the process of its own."""
    monkeypatch.setattr(apart, "CODE", "import os; os.abort()")
    if program != "-c":
        monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(ImageError, match=r"crashed|does not start") as caught:
        read_grey(GOOD["tiff"], "it")
    assert caught.value.hint


def test_a_decoder_that_hangs_is_given_up(monkeypatch):
    """After a while."""
    monkeypatch.setattr(apart, "CODE", "import time; time.sleep(600)")
    monkeypatch.setattr(apart, "PATIENCE", 0.1)
    with pytest.raises(ImageError, match="not done after"):
        read_grey(GOOD["tiff"], "it")
