"""Folders of pictures, by the word of torchvision's ImageFolder."""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_tool.dataset.bytes.forms.pictures import Pictures, decoded, encoded
from mnist_tool.errors import FormatError

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 28, 28), np.uint8)
LABELS = np.random.default_rng(1).integers(0, 10, 30)


def png(values: np.ndarray, mode: str | None = None, form: str = "PNG") -> bytes:
    """Let Pillow write a picture."""
    buffer = io.BytesIO()
    picture = Image.fromarray(values)
    (picture.convert(mode) if mode else picture).save(buffer, form)
    return buffer.getvalue()


def found(named: dict[str, bytes]) -> dict[str, np.ndarray]:
    """Return the files of pictures."""
    pictures = Pictures()
    for name, body in named.items():
        pictures.add(name, io.BytesIO(body))
    files = {name: file.values for name, file in pictures.files()}
    assert sum(len(files[name]) for name in files if name.endswith("labels")) == len(named)
    assert not list(pictures.files())
    return files


@pytest.mark.parametrize("mode", [None, "RGB", "RGBA", "LA", "P"])
def test_grey_pixels_in_any_mode(mode: str | None) -> None:
    """Also where a program has saved grey as colours."""
    grey = IMAGES[0] if mode != "P" else np.zeros((28, 28), np.uint8) + 7
    assert np.array_equal(decoded(png(grey, mode)), grey)


def test_what_is_written_is_read_by_all() -> None:
    """Pillow, ours; and the same pixels make the same bytes."""
    body = encoded(IMAGES[0])
    assert body == encoded(IMAGES[0].copy())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(body))), IMAGES[0])
    assert np.array_equal(decoded(body), IMAGES[0])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (png(np.zeros((65, 20), np.uint8)), "a picture of 20 x 65 pixels"),
        (png(np.eye(3, dtype=np.uint8)[None].repeat(9, 0) * 255), "in colour"),
        (png(IMAGES[0])[:300], "damaged"),
        (png(IMAGES[0], form="BMP"), "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
    ],
)
def test_other_pictures_are_refused(body: bytes, words: str) -> None:
    """By what they are."""
    with pytest.raises(FormatError, match=words):
        decoded(body)


@given(st.integers(8, 200), st.binary(min_size=1, max_size=30))
def test_a_damaged_picture_is_our_error_or_pixels(at: int, patch: bytes) -> None:
    """Whatever Pillow makes of it."""
    body = bytearray(png(IMAGES[0]))
    body[at : at + len(patch)] = patch
    with suppress(FormatError):
        assert decoded(bytes(body)).ndim == 2


def test_numbers_are_places_and_folders_are_classes() -> None:
    """Whatever the order in which the files are found: as `export` and others name them."""
    order = np.random.default_rng(2).permutation(30)
    named = {f"a/train/{LABELS[n]}/img_{n:05}.png": png(IMAGES[n]) for n in order}
    named |= {f"a/test/{LABELS[n]} - name/{n + 1}.png": png(IMAGES[n]) for n in order[:20]}
    files = found(named)
    assert files.keys() == {f"a/{split}/{what}" for split in ("train", "test")
                            for what in ("images", "labels")}  # fmt: skip
    assert np.array_equal(files["a/train/images"], IMAGES)
    assert np.array_equal(files["a/train/labels"], LABELS)
    assert np.array_equal(files["a/test/images"], IMAGES[sorted(order[:20])])


def test_pictures_without_numbers_of_their_own_go_by_class() -> None:
    """Their place is unknown, so the order is at least always the same."""
    named = {f"{LABELS[n]}/{n // 2}.png": png(IMAGES[n]) for n in (3, 2, 1, 0)}
    if len(named) == 4:
        files = found(named)
        assert files["./labels"].tolist() == sorted(LABELS[:4])


@pytest.mark.parametrize("name", ["a/b/c.png", "c.png", "train/x7/1.png", "123/1.png"])
def test_a_folder_that_is_no_class_is_told(name: str) -> None:
    """One cannot know what the picture shows."""
    with pytest.raises(FormatError, match="no number of a class"):
        found({name: png(IMAGES[0])})


def test_another_size_is_told() -> None:
    """One file of a data set has images of one size."""
    with pytest.raises(FormatError, match="another size"):
        found({"7/1.png": png(IMAGES[0]), "7/2.png": png(IMAGES[0][:20])})
