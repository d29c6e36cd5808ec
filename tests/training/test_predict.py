"""Pictures of digits in every shape come to MNIST's form, and what is none is refused."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_tool.dataset.synthetic import draw
from mnist_tool.errors import ImageError
from mnist_tool.reading.blobs import blobs
from mnist_tool.reading.predict import predict
from mnist_tool.reading.preprocess import prepare

DIGIT = draw("test")[0][0]  # a synthetic digit


def encoded(image, kind="PNG", **options):
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def large(side=280, pad=(40, 40)):
    """The digit in black on white, enlarged, with paper around it."""
    image = Image.fromarray(255 - DIGIT).resize((side, side), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(image), [pad, pad[::-1]], constant_values=255)


def far(one, other):
    """Mean difference of two images in grey levels."""
    return np.abs(one.astype(int) - other.astype(int)).mean()


PLAIN = prepare(encoded(large()), "plain").image
NEAR = 6  # grey levels on average; another digit is 40 or more away


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
    assert far(prepare(content, "it").image, PLAIN) < NEAR


@pytest.mark.parametrize("left", [80, -40])
@pytest.mark.parametrize("shadow", [1.0, 0.6])
def test_a_sheet_on_a_table_is_read_like_the_sheet(left, shadow):
    """Where the paper's edges are in view, whole or cut off, the ink is looked for on it alone."""
    sheet = Image.fromarray((60 + large() * 0.7).astype(np.uint8)).resize((300, 300))
    turned = sheet.rotate(5, expand=True, fillcolor=238)
    table = Image.new("L", (520, 400), 70)
    table.paste(turned, (left, 40), Image.new("L", (300, 300), 255).rotate(5, expand=True))
    light = np.clip(np.add.outer(np.arange(400), np.arange(520)) / -300 + 2.4, shadow, 1)
    noise = np.random.RandomState(1).normal(0, 3, (400, 520))
    photo = (np.asarray(table) * light + noise).clip(0, 255).astype(np.uint8)
    alone = prepare(encoded(turned), "sheet").image
    # Rounding the centre of mass to whole pixels may move it by one, which is 8 grey levels here.
    assert far(prepare(encoded(photo), "photo").image, alone) < 2 * NEAR


def test_light_digits_are_no_sheets():
    """A bold chalk 0 with a slit is a digit, although it is light with something dark inside."""
    rows, columns = np.mgrid[-1:1:200j, -1:1:200j]
    oval, slit = rows**2 / 0.8 + columns**2 / 0.4, np.maximum(abs(rows) / 4, abs(columns)) < 0.12
    prepared = prepare(encoded(np.where((oval < 0.8) & ~slit, 255, 0).astype(np.uint8)), "0").image
    assert prepared[14, 14] == 0
    assert prepared[14, 9] == prepared[14, 18] == 255


def test_dirt_is_dropped():
    """Specks on the paper neither move the digit nor count as one."""
    image = large().copy()
    image[5:9, 5:9] = image[-12:-9, 30:34] = 0
    assert far(prepare(encoded(image), "it").image, PLAIN) < NEAR


def test_a_hair_line_keeps_its_ink():
    """A line finer than a pixel of the box does not fade away."""
    image = np.full((500, 500), 255, np.uint8)
    image[50:450, 250] = 0
    prepared = prepare(encoded(image), "it").image
    assert (prepared.max(axis=1) > 200).sum() >= 19


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
        (encoded(np.full((50, 50), 200, np.uint8)), "no ink"),
        (encoded(np.zeros((1, 1), np.uint8)), "no ink"),
        (encoded(np.hstack([large(), large()])), "2 digits"),
        (encoded(np.vstack([large()] * 3)), "3 digits"),
        (_bomb(), "too large"),
    ],
)  # fmt: skip
def test_what_is_no_digit_is_refused(content, what):
    """The error names the file and says what was found."""
    with pytest.raises(ImageError, match=rf"(?s)here\.png.*{what}") as caught:
        prepare(content, "here.png")
    assert caught.value.hint


def test_any_wrong_byte_of_a_png_is_noticed():
    """Decoding alone would show other pixels without a word."""
    content = encoded(large())
    for place in range(20, len(content) - 12, len(content) // 30):
        wrong = content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]
        with pytest.raises(ImageError):
            prepare(wrong, "wrong")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_image_error_or_an_image(content):
    """Nothing but our own error escapes, whatever the file holds."""
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM"):
        with pytest.raises(ImageError):
            prepare(start + content, "fuzz")


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=7))
def test_blobs_are_the_connected_parts(cells):
    """Flooding from each pixel finds the same parts."""
    inked = np.array(cells)
    left = {(int(r), int(c)) for r, c in np.argwhere(inked)}
    expected = set()
    while left:
        todo, part = [left.pop()], set()
        while todo:
            row, column = todo.pop()
            part.add((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            todo += near
        expected.add(frozenset(part))
    found = {
        frozenset((row, c) for row, start, stop in blob.runs for c in range(start, stop))
        for blob in blobs(inked)
    }
    assert found == expected


def test_predict_gives_ten_probabilities_of_the_prepared_image():
    """A model that only counts the ink of ten regions reads the right one."""
    from torch import nn

    class TopHeavy(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(__import__("torch").tensor(10.0))

        def forward(self, x):
            return x.mean((1, 3))[:, 4:14] * self.scale

    result = predict(TopHeavy(), encoded(large()), "it.png")
    assert sum(result.probabilities) == pytest.approx(1)
    assert result.digit == int(result.prepared.image[4:14].sum(axis=1).argmax())
    assert result.confidence == max(result.probabilities)
    assert sorted(result.ranking) == list(range(10))


@pytest.mark.mnist
@pytest.mark.parametrize(
    ("side", "pad", "enough"), [(28, 0, 0.97), (112, 12, 0.93), (300, 80, 0.93)]
)
def test_mnist_itself_is_read_as_before(mnist_root, side, pad, enough):
    """Test images as black-on-white pictures are predicted as the images themselves."""
    import torch

    from mnist_tool.training.data import load

    torch.manual_seed(0)
    images, labels = load("train", root=mnist_root, download=False)
    model = torch.nn.Linear(784, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in torch.randperm(len(images)).split(100):
        optimizer.zero_grad()
        outputs = model(images[batch].flatten(1).float() / 255)
        torch.nn.functional.cross_entropy(outputs, labels[batch]).backward()
        optimizer.step()
    tests, _ = load("test", root=mnist_root, download=False)
    same = 0
    for image in tests[:100].numpy():
        picture = np.asarray(Image.fromarray(255 - image).resize((side, side), 3))
        seen = prepare(encoded(np.pad(picture, pad, constant_values=255)), "it").image
        both = model(torch.tensor(np.stack([image, seen])).flatten(1).float() / 255)
        same += int(both.argmax(1).unique().numel() == 1)
    assert same >= enough * 100
