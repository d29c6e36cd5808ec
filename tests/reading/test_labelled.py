"""A folder of pictures becomes images and labels; what does not is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_tool.errors import ImageError
from mnist_tool.reading.labelled import read_labelled

TOP = Path("top")


def picture(path: str, size: int = 28, *, light: bool = False) -> np.ndarray:
    """Draw a stroke, and return the pixels."""
    image = Image.new("L", (size, size), 255 * light)
    ImageDraw.Draw(image).line(
        [(size // 2, size // 4), (size // 2, 3 * size // 4)], 255 * (not light), 2
    )
    file = TOP / path
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file)
    return np.asarray(image)


def test_small_pictures_are_taken_as_they_are_and_others_are_sized() -> None:
    """White on black; the ink of the others has MNIST's place and size."""
    dark, light = picture("a/1.png"), picture("a/2.png", light=True)
    picture("a/3.png", 200)
    picture("a/4.jpg", 90, light=True)
    for number in range(6):
        picture(f"b/{number}.png")
    read = read_labelled(TOP)
    images, labels = read.splits["train"]
    assert read.classes == ["a", "b"]
    assert labels.tolist() == [0] * 4 + [1] * 5
    assert np.array_equal(images[0], dark)
    assert np.array_equal(images[1], 255 - light)
    for image in images[2:4]:
        rows = np.flatnonzero(image.any(axis=1))
        assert 18 <= rows[-1] - rows[0] + 1 <= 22
    assert read.splits["test"][1].tolist() == [1]


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "testing")])
def test_the_folder_may_say_what_to_test_with(train: str, test: str) -> None:
    """Then nothing is held out; classes are in their natural order."""
    for name in ("9", "10", "2"):
        for number in range(5):
            picture(f"{train}/{name}/{number}.png")
    picture(f"{test}/10/x.png")
    read = read_labelled(TOP)
    assert read.classes == ["2", "9", "10"]
    assert len(read.splits["train"][0]) == 15
    assert read.splits["test"][1].tolist() == [2]


def test_what_is_no_picture_is_left_out_and_told() -> None:
    """The others are taken; hidden files are nobody's picture."""
    for name in "ab":
        for number in range(5):
            picture(f"{name}/{number}.png")
    (TOP / "a" / "notes.txt").write_text("hello")
    (TOP / "a" / ".DS_Store").write_bytes(b"x")
    (TOP / "b" / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    read = read_labelled(TOP)
    assert len(read.splits["train"][0]) + len(read.splits["test"][0]) == 10
    assert [Path(reason.split()[0]).name for reason in read.left_out] == ["notes.txt", "9.png"]


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ([], "is no folder"),
        (["a/1.png"], "has 1 folders"),
        (["1.png", "2.png"], "has 0 folders"),
        (["a/1.png", "b/2.png"], "no pictures to test with"),
        (["test/a/1.png", "test/b/2.png"], "no pictures to train with"),
    ],
)
def test_what_cannot_be_a_data_set_is_told(paths: list[str], words: str) -> None:
    """With what is expected."""
    for path in paths:
        picture(path)
    with pytest.raises(ImageError, match=words) as refused:
        read_labelled(TOP)
    assert refused.value.hint
