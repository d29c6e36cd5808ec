"""Pictures of a digit come to MNIST's form, in whatever way they show it."""

from __future__ import annotations

import sys
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from mnist_tool.dataset.arrays import read_split
from mnist_tool.dataset.store import open_store
from mnist_tool.errors import ImageError
from mnist_tool.reading.network import shipped
from mnist_tool.reading.prepare import prepare
from tests.reading.pictures import NEAR, encoded, far, large

PLAIN = prepare(encoded(large()), "plain").images[0]


def test_the_form_is_mnists():
    """28 x 28 uint8, a box of 20 on one side at least, full ink, mass in the middle."""
    rows, columns = (np.flatnonzero(PLAIN.max(axis=axis) > 25) for axis in (1, 0))
    assert (PLAIN.shape, PLAIN.dtype) == ((28, 28), np.uint8)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)
    assert PLAIN.max() == 255
    for axis in (0, 1):
        mass = PLAIN.sum(axis=axis, dtype=float)
        assert 13.9 <= (mass * (np.arange(28) + 0.5)).sum() / mass.sum() <= 15.1


def _transparent(ink):
    return Image.merge("LA", [Image.new("L", (360, 360), ink), Image.fromarray(255 - large())])


def _sideways():
    exif = Image.Exif()
    exif[0x112] = 6  # the viewer has to turn it clockwise
    return encoded(np.rot90(large()).copy(), "JPEG", quality=95, exif=exif)


def _shadow():
    light = np.linspace(0.5, 1, 360)[None, :] * np.linspace(0.8, 1, 360)[:, None]
    noise = np.random.RandomState(0).normal(0, 3, (360, 360))
    paper = (60 + large() * 0.7) * light + noise
    return encoded(paper.clip(0, 255).astype(np.uint8), "JPEG", quality=90)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(encoded(255 - large()), id="inverted"),
        pytest.param(encoded(large(pad=(300, 20))), id="off-centre"),
        pytest.param(encoded(large(2000, (100, 100))), id="large"),
        pytest.param(encoded((large() * 0.3 + 120).astype(np.uint8)), id="faint"),
        pytest.param(encoded(_transparent(0)), id="black on nothing"),
        pytest.param(encoded(_transparent(255)), id="white on nothing"),
        pytest.param(encoded(Image.fromarray(large()).convert("RGB").quantize(8)), id="palette"),
        pytest.param(encoded(large().astype(np.uint16) * 257), id="16 bit"),
        pytest.param(encoded(large(), "BMP"), id="bmp"),
        pytest.param(_sideways(), id="turned by exif"),
        pytest.param(_shadow(), id="photo in a shadow"),
    ],
)
def test_every_way_of_giving_it_comes_to_the_same(content):
    """The same digit, however it is stored, comes to nearly the same image."""
    assert far(prepare(content, "it").images[0], PLAIN) < NEAR


def test_dirt_is_dropped():
    """Specks on the paper do not move the digit."""
    image = large().copy()
    image[5:9, 5:9] = image[-12:-9, 30:34] = 0
    assert far(prepare(encoded(image), "it").images[0], PLAIN) < NEAR


def test_a_hair_line_keeps_its_ink():
    """A line finer than a pixel of the box does not fade away."""
    image = np.full((500, 500), 255, np.uint8)
    image[50:450, 250] = 0
    prepared = prepare(encoded(image), "it").images[0]
    assert (prepared.max(axis=1) > 200).sum() >= 19


def test_every_step_can_be_shown():
    """The picture, the ink, the cut and the result: what `predict --explain` draws."""
    prepared = prepare(encoded(large()), "it")
    steps = prepared.steps(prepared.layout.candidates[0])
    assert [name for name, _ in steps] == ["picture", "ink", "cut out", "28 x 28"]
    assert np.array_equal(steps[-1][1], prepared.images[0])


@pytest.mark.mnist
@pytest.mark.parametrize(("side", "pad"), [(28, 0), (112, 12), (300, 80)])
def test_mnist_itself_is_read_as_before(mnist_root, side, pad):
    """Test images as black-on-white pictures are predicted as the images themselves."""
    images = read_split(open_store(mnist_root, "mnist"), "test")[0][:300]
    seen = []
    for image in images:
        picture = np.asarray(Image.fromarray(255 - image).resize((side, side), 3))
        content = encoded(np.pad(picture, pad, constant_values=255))
        seen.append(prepare(content, "it").images[0])
    same = shipped()(images).argmax(1) == shipped()(np.stack(seen)).argmax(1)
    assert same.mean() >= 0.98


ROWS, COLUMNS = np.mgrid[:512, :512]
TURNS = np.hypot(ROWS - 256, COLUMNS - 256) + np.arctan2(ROWS - 256, COLUMNS - 256) * 3 / np.pi


@pytest.mark.parametrize(
    "inked",
    [
        pytest.param((ROWS + COLUMNS) % 2 > 0, id="checkerboard"),
        pytest.param((ROWS % 2 + COLUMNS % 2) == 0, id="dots"),
        pytest.param(COLUMNS % 2 > 0, id="stripes"),
        pytest.param(TURNS % 6 > 3, id="spiral"),
        pytest.param(np.random.RandomState(0).rand(512, 512) > 0.5, id="noise"),
    ],
)
def test_a_fine_pattern_takes_little_work(inked):
    """A hundred thousand pieces of ink are not looked at one by one, nor laid out."""
    calls = 0

    def count(*_):
        nonlocal calls
        calls += 1

    content, before = encoded(np.where(inked, 0, 255).astype(np.uint8)), sys.getprofile()
    sys.setprofile(count)
    try:
        with suppress(ImageError):
            assert len(prepare(content, "it").images) < 5000
    finally:
        sys.setprofile(before)
    assert calls < 1_000_000


@pytest.mark.parametrize(
    "grey", [np.full((50, 50), 200, np.uint8), np.zeros((1, 1), np.uint8)], ids=["grey", "a dot"]
)
def test_no_ink_is_refused(grey):
    """The error names the file and says what was found."""
    with pytest.raises(ImageError, match=r"(?s)here\.png.*no ink") as caught:
        prepare(encoded(grey), "here.png")
    assert caught.value.hint


def test_one_digit_is_all_the_ink():
    """Where that is asked for, nothing is parted."""
    page = encoded(np.hstack([large(), large()]))
    assert len(prepare(page, "it").images) > 1
    assert len(prepare(page, "it", one=True).images) == 1
