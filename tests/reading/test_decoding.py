"""Every kind of picture file is read, or refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_tool.errors import ImageError
from mnist_tool.reading import decoding
from mnist_tool.reading.formats import supported
from mnist_tool.reading.picture import read_grey
from tests.reading.files import BAD, GOOD, fits, mutated, outcome
from tests.reading.pictures import NEAR, encoded, far, large


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_the_digit_is_seen(content):
    """In every format and mode, on the first page, in the first frame, whatever is said beside."""
    grey = read_grey(content, "it")
    seen = Image.fromarray(grey).resize((360, 360), Image.Resampling.BOX)
    assert far(np.asarray(seen), large()) < 1.5 * NEAR  # soft edges become hard in 1 bit


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD)
def test_damaged_and_immense_files_are_refused(content, reason):
    """With a reason in one printable line."""
    with pytest.raises(ImageError, match=reason) as caught:
        read_grey(content, "it")
    assert caught.value.message.isprintable()
    assert "<" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        *(NotImplementedError("x"), SyntaxError("x"), ValueError("a\x1b[31m\nb"), KeyError("x")),
        *(MemoryError(), OSError(5, "x"), RecursionError(), EOFError(), RuntimeError()),
        Image.DecompressionBombWarning("x"),
    ],
    ids=repr,
)
def test_whatever_a_decoder_raises_is_ours(error, monkeypatch):
    """As an error with a reason that can be printed."""

    def load(_):
        raise error

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(ImageError, match=r"it is a damaged picture: .") as caught:
        read_grey(GOOD["png"], "it")
    assert caught.value.message.isprintable()


@given(
    st.sampled_from(["png", "jpeg", "gif", "bmp", "webp", "pgm", "palette", "animated png"]),
    st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_wrong_bytes_end_in_our_error_or_a_picture(kind, places):
    """In the headers above all."""
    assert fits(outcome(read_grey, mutated(GOOD[kind], places), "it"))


def test_a_jpeg_of_a_thousand_layers_is_refused():
    """Each takes a walk over all pixels, and a few bytes of the file."""
    content = encoded(Image.new("L", (6000, 6000)), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    with pytest.raises(ImageError, match="too many layers"):
        read_grey(content[:scan] + content[scan:-2] * 100 + content[-2:], "it")


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_formats_that_need_more_memory_may_have_fewer_pixels(kind, monkeypatch):
    """What is needed is reckoned before it is taken."""
    if not supported(kind):
        pytest.skip(f"no {kind} in this Pillow")
    monkeypatch.setattr(decoding, "MOST_BYTES", 1_000_000)
    with pytest.raises(ImageError, match=r"\d MB in this format"):
        read_grey(encoded(large(), kind), "it")
