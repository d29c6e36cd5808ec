"""Picture files become grey pixels, and whatever is none is refused with a reason."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_tool.errors import ImageError
from mnist_tool.reading.greying import WORK_SIDE
from mnist_tool.reading.picture import read_grey
from tests.reading.pictures import encoded, large


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(encoded(large()), id="grey"),
        pytest.param(encoded(Image.fromarray(large()).convert("RGB")), id="colour"),
        pytest.param(encoded(large().astype(np.uint16) * 257), id="16 bit"),
        pytest.param(encoded((large() / 255).astype(np.float32), "TIFF"), id="floating point"),
        pytest.param(encoded(large(), "BMP"), id="bmp"),
    ],
)
def test_the_pixels_are_those_of_the_file(content):
    """However they are stored."""
    grey = read_grey(content, "it")
    assert (grey.dtype, grey.shape) == (np.uint8, large().shape)
    assert np.abs(grey.astype(int) - large()).max() <= 1


def test_large_pictures_are_made_small():
    """The longer side comes to the size that the work is done on."""
    assert read_grey(encoded(np.zeros((600, 1000), np.uint8)), "it").shape == (307, WORK_SIDE)


def _bomb():
    """A PNG that says it has 40000 x 40000 pixels, without them."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 40000, 40000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"<html>not a picture</html>", "not a picture"),
        (encoded(large())[:-400], "damaged"),
        (_bomb(), "too large"),
    ],
)
def test_what_is_no_picture_is_refused(content, what):
    """The error names the file and says what was found."""
    with pytest.raises(ImageError, match=rf"(?s)here\.png.*{what}") as caught:
        read_grey(content, "here.png")
    assert caught.value.hint


def test_any_wrong_byte_of_a_png_is_noticed():
    """Decoding alone would show other pixels without a word."""
    content = encoded(large())
    for place in range(20, len(content) - 12, len(content) // 30):
        wrong = content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]
        with pytest.raises(ImageError):
            read_grey(wrong, "wrong")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_image_error_or_an_image(content):
    """Nothing but our own error escapes, whatever the file holds."""
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM"):
        with pytest.raises(ImageError):
            read_grey(start + content, "fuzz")


def test_a_file_of_too_many_bytes_is_refused(monkeypatch):
    """Before anything looks into it."""
    monkeypatch.setattr("mnist_tool.reading.picture.MOST_CONTENT", 1000)
    with pytest.raises(ImageError, match="too large"):
        read_grey(encoded(large()), "it")
