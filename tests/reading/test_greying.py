"""Grey comes strip by strip, the same as at once and in little memory."""

from __future__ import annotations

import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from mnist_tool.reading import decoding
from mnist_tool.reading.picture import read_grey
from tests.reading.files import GOOD, png, rgba
from tests.reading.pictures import encoded, far, large

MEASURE = """
import resource, sys
from mnist_tool.reading.prepare import prepare
content = sys.stdin.buffer.read()
used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = used()
prepare(content, "it")
print((used() - before) // 1024)
"""


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_large_transparent_picture_takes_little_memory(mode):
    """What it needs beside its own pixels does not grow with them: 16 million, four bytes each."""
    image = rgba().resize((4000, 4000))
    content = encoded(image if mode == "RGBA" else image.convert("P"))
    if mode == "P":
        content = encoded(image.getchannel("A").convert("P"), transparency=bytes(range(256)))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=content, capture_output=True, check=True
    )
    pixels = 16 * (4 if mode == "RGBA" else 1)
    assert int(done.stdout) < pixels + 60


def test_strips_do_not_show(monkeypatch):
    """A picture that is converted in many strips comes to what it is in one."""
    contents = [encoded(rgba()), GOOD["palette"], GOOD["16 bit"], GOOD["cmyk"]]
    whole = [decoding.decode(content, "it", kind) for content, kind in _kinds(contents)]
    monkeypatch.setattr("mnist_tool.reading.greying.STRIP", 1000)
    parts = [decoding.decode(content, "it", kind) for content, kind in _kinds(contents)]
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))
    monkeypatch.setattr("mnist_tool.reading.greying.LARGE", 1000)
    big = encoded(rgba().resize((5000, 4000)))
    assert far(decoding.decode(big, "it", "PNG"), _plain(rgba().resize((5000, 4000)))) < 1


def _kinds(contents):
    return [(content, "TIFF" if content[:2] == b"II" else "PNG") for content in contents]


def _plain(image):
    white = Image.new("RGBA", image.size, "white")
    grey = Image.alpha_composite(white, image).convert("L")
    grey.thumbnail((512, 512), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(grey)


def test_a_wide_picture_is_cut_into_rows():
    """One that is wider than a strip, and as low as a line."""
    assert read_grey(png(2_000_000, 1, zlib.compress(bytes(2_000_001))), "it").shape == (1, 512)


def test_ink_as_bright_as_its_paper_is_seen_by_its_colour():
    """Pink on green of the same brightness; grey pictures stay what they are."""
    colours = np.where(large()[..., None] < 128, (225, 165, 190), (150, 210, 150))
    grey = read_grey(encoded(colours.astype(np.uint8)), "it").astype(float)
    inked = large() < 128
    assert abs(grey[inked].mean() - grey[~inked].mean()) > 40
    brightness = np.asarray(Image.fromarray(colours.astype(np.uint8)).convert("L"), float)
    assert abs(brightness[inked].mean() - brightness[~inked].mean()) < 10


def test_a_card_with_transparent_edges_keeps_its_paper():
    """What is transparent around it becomes no ink."""
    card = np.full((300, 300, 4), 0, np.uint8)
    card[20:280, 20:280] = (250, 250, 250, 255)
    grey = read_grey(encoded(card), "it")
    assert grey[0, 0] > 200
