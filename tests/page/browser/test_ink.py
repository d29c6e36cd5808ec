"""From drawn strokes to 28 x 28: the same bits as in `predict`, and one digit after the other."""

from __future__ import annotations

import base64
import contextlib
import operator
import os
import random
from typing import Any

import numpy as np
import pytest

from mnist_tool.errors import ImageError
from mnist_tool.reading import prepare
from mnist_tool.reading.preprocess import normalise
from mnist_tool.training.data import load
from tests.real_data import REPOSITORY

pytestmark = pytest.mark.browser

COLUMNS, ROWS = 480, 360
HANDWRITING = REPOSITORY.parent / "shared" / "handwriting"
EVERY = int(os.environ.get("MNIST_TOOL_TEST_EVERY", "10"))  # 1 tries all pictures
# Draw, and return the ink that there is, cut out, with the image that the page makes of it.
SEEN = """(strokes) => {
  const drawing = new Drawing();
  for (const [first, ...others] of strokes) {
    drawing.begin(first);
    for (const point of others) drawing.extend(point);
  }
  const ink = drawing.ink();
  if (!Preprocess.box(ink, Preprocess.FAINT)) return null;
  const [top, left, rows, columns] = Preprocess.box(ink, 0);
  const cut = Preprocess.cut(ink, top, left, rows, columns);
  const text = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return [rows, columns, text(cut.values), text(Preprocess.image(ink))];
}"""
# Return the image that the page makes of ink.
MADE = """([rows, columns, text]) => {
  const values = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Array.from(Preprocess.image({ rows, columns, values }));
}"""
# Return what each image is read as.
READ = """(text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Array.from({ length: bytes.length / 784 }, (_, i) =>
    Reader.recognise(bytes.subarray(784 * i, 784 * (i + 1))).best);
}"""
# Lay images of one size at one place and return what is read in each: [images, best].
LAID = """([text, side, left, top]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const found = [];
  for (let i = 0; i < bytes.length; i += 784) {
    const drawing = new Drawing();
    const ink = { rows: 28, columns: 28, values: bytes.subarray(i, i + 784) };
    drawing.lay(ink, [left, top, side, side]);
    const readings = Reader.read(drawing);
    found.push([readings.length, readings[0].best]);
  }
  return found;
}"""


def _bytes(text: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def _text(images: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(images).tobytes()).decode()


def _stroke(draw: random.Random) -> list[dict[str, float]]:
    """A walk that keeps its direction for a while, or a dot; some are pressed."""
    x, y = draw.uniform(0, COLUMNS), draw.uniform(0, ROWS)
    across, down = draw.uniform(-20, 20), draw.uniform(-20, 20)
    pressed = draw.random() < 0.3
    points = []
    for _ in range(draw.choice([1, 2, 5, 20, 40])):
        points.append({"x": x, "y": y, "pressure": draw.uniform(0.1, 1.4) if pressed else 1})
        across, down = across + draw.uniform(-9, 9), down + draw.uniform(-9, 9)
        x, y = x + across, y + down
    return points


def test_drawn_strokes_become_the_same_bits(open_page: Any) -> None:
    """200 drawings, from a dot to three wild strokes, some of them half outside."""
    page, draw, tried = open_page(), random.Random(20), 0
    while tried < 200:
        strokes = [_stroke(draw) for _ in range(draw.choice([1, 1, 2, 3]))]
        seen = page.evaluate(SEEN, strokes)
        if seen is None:  # all of it lies outside
            continue
        rows, columns, ink, image = seen
        expected = normalise(_bytes(ink, rows, columns))
        assert np.array_equal(_bytes(image, 28, 28), expected), strokes
        tried += 1


def test_any_ink_becomes_the_same_bits(open_page: Any) -> None:
    """Ink of every size and form: smaller than the box, a line, noise, multiples of the box."""
    page, draw = open_page(), np.random.default_rng(3)
    shapes = [(1, 1), (20, 20), (40, 40), (60, 20), (1, 20), (300, 1), (40, 20), (360, 480)]
    shapes += [(int(rows), int(columns)) for rows, columns in draw.integers(1, 25, (40, 2))]
    shapes += [(int(rows), int(columns)) for rows, columns in draw.integers(1, 200, (100, 2))]
    for shape in shapes:
        ink = draw.integers(0, 256, shape).astype(np.uint8)
        ink[draw.random(shape) < draw.choice([0.1, 0.5, 0.95])] = 0
        ink[0, 0] = ink[-1, -1] = 255
        image = page.evaluate(MADE, [*shape, _text(ink)])
        assert image == normalise(ink).ravel().tolist(), shape


def test_handwriting_becomes_the_same_bits(open_page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ink that `predict` finds in photographed and scanned digits, in each tenth picture."""
    pictures = sorted(HANDWRITING.glob("*.[jp]*g"))[::EVERY]
    if not pictures:
        pytest.skip("NO HANDWRITING IS HERE: it lies beside the repository, where there is some")
    page, found = open_page(), []

    def listen(ink: np.ndarray) -> np.ndarray:
        found.append((path, ink, normalise(ink)))
        return found[-1][2]

    monkeypatch.setattr(prepare, "normalise", listen)
    for path in pictures:
        with contextlib.suppress(ImageError):
            prepare.prepare(path.read_bytes(), path.name, one=True)
    assert len(found) > 0.9 * len(pictures)
    for path, ink, image in found:
        rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
        cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert page.evaluate(MADE, [*cut.shape, _text(cut)]) == image.ravel().tolist(), path


def test_digits_anywhere_and_of_any_size(open_page: Any, mnist_root: Any, page_of_run: Any) -> None:
    """1,000 test digits at 9 places and in 3 sizes lose at most 0.3 points of those as they are."""
    page = open_page(page_of_run)
    images, labels = (each[:1000].numpy() for each in load("test", root=mnist_root, download=False))
    right = np.mean(np.array(page.evaluate(READ, _text(images))) == labels)
    places = [(x, y, side) for x in (0, 0.5, 1) for y in (0, 0.5, 1) for side in (140, 240, 350)]
    found = 0
    for number, (x, y, side) in enumerate(places):  # each takes its share of the digits
        chosen = slice(number, None, len(places))
        place = [_text(images[chosen]), side, x * (COLUMNS - side), y * (ROWS - side)]
        best = np.array([best for _, best in page.evaluate(LAID, place)])
        found += int((best == labels[chosen]).sum())
    print(f"right as they are: {right:.4f}, right when laid: {found / 1000:.4f}")
    assert found / 1000 >= right - 0.003


def test_several_digits_are_read_one_by_one(
    open_page: Any, mnist_root: Any, page_of_run: Any
) -> None:
    """From left to right, whatever the order in which they came."""
    page = open_page(page_of_run)
    images, labels = (each[:60].numpy() for each in load("test", root=mnist_root, download=False))
    right = 0
    for first in range(0, 60, 3):
        found = page.evaluate(
            """(text) => {
              const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
              const drawing = new Drawing();
              for (const i of [1, 0, 2]) {
                const values = bytes.subarray(784 * i, 784 * (i + 1));
                drawing.lay({ rows: 28, columns: 28, values }, [160 * i, 100, 160, 160]);
              }
              return Reader.read(drawing).map(({ best }) => best);
            }""",
            _text(images[first : first + 3]),
        )
        right += found == labels[first : first + 3].tolist()
    assert right >= 18


def test_digits_that_touch_are_cut(open_page: Any, mnist_root: Any, page_of_run: Any) -> None:
    """Four of five pairs that lie over each other by half of their box; what is one stays one."""
    page = open_page(page_of_run)
    images, labels = (each[:80].numpy() for each in load("test", root=mnist_root, download=False))
    found = page.evaluate(
        """(text) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const found = [];
          for (let i = 0; i < bytes.length; i += 2 * 784) {
            const drawing = new Drawing();
            for (const k of [0, 1]) {
              const values = bytes.subarray(i + 784 * k, i + 784 * (k + 1));
              drawing.lay({ rows: 28, columns: 28, values }, [60 + 90 * k, 90, 170, 170]);
            }
            found.push(Reader.read(drawing).map(({ best }) => best));
          }
          return found;
        }""",
        _text(images),
    )
    right = sum(map(operator.eq, found, labels.reshape(-1, 2).tolist()))
    print(f"of {len(found)} pairs {right} are right")
    assert right >= 0.8 * len(found)
    alone = page.evaluate(LAID, [_text(images), 240, 100, 60])
    assert sum(count > 1 for count, _ in alone) <= 1


def test_nothing_is_read_in_an_empty_drawing(open_page: Any) -> None:
    """Neither without a stroke nor with one that lies outside."""
    outside = "const d = new Drawing(); d.begin({ x: -99, y: -99, pressure: 1 });"
    page = open_page()
    assert page.evaluate("Reader.read(new Drawing())") == []
    assert page.evaluate(f"() => {{ {outside} return Reader.read(d); }}") == []
