"""Parquet, by the word of pyarrow."""

from __future__ import annotations

import io
import sys
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.forms import parquet
from mnist_tool.dataset.bytes.forms.parquet import read
from mnist_tool.dataset.bytes.forms.pictures import encoded
from mnist_tool.errors import FormatError

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 28, 28), np.uint8)
IMAGES[:, 0, 0] = IMAGES[:, -1, -1] = 0
LABELS = np.random.default_rng(1).integers(0, 10, 30)
PNGS = [encoded(image) for image in IMAGES]


def saved(**columns: object) -> bytes:
    """Let pyarrow write a table."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


FACE = saved(image=[{"bytes": png, "path": None} for png in PNGS], label=LABELS)


@pytest.mark.parametrize(
    "body",
    [FACE, saved(label=LABELS, img=PNGS), saved(image=pa.array(PNGS, pa.large_binary()), y=LABELS)],
)
def test_pictures_beside_labels(body: bytes) -> None:
    """As Hugging Face has them: bytes in a structure, or alone."""
    images, labels = (file.values for _, file in read(io.BytesIO(body), "x"))
    assert np.array_equal(images, IMAGES)
    assert np.array_equal(labels, LABELS)


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_a_column_for_each_pixel(first: bool, texts: bool) -> None:
    """As OpenML has them, whose labels are texts."""
    pixels = {f"pixel{n + 1}": IMAGES.reshape(30, 784)[:, n] for n in range(784)}
    label = pa.array(map(str, LABELS)).dictionary_encode() if texts else LABELS
    columns = {"class": label, **pixels} if first else {**pixels, "class": label}
    found = {name: file.values for name, file in read(io.BytesIO(saved(**columns)), "x")}
    assert np.array_equal(found["x/images"], IMAGES)
    assert np.array_equal(found["x/labels"], LABELS)


def test_without_labels_there_are_images() -> None:
    """The labels may come from elsewhere."""
    ((name, file),) = read(io.BytesIO(saved(image=PNGS)), "x")
    assert name == "x/image"
    assert np.array_equal(file.values, IMAGES)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"PAR1", "damaged"),
        (FACE[:-20], "damaged"),
        (saved(image=[b"no picture"]), "damaged"),
        (saved(image=pa.array([None], pa.binary())), "rows without a picture"),
        (saved(text=["a", "b"]), "damaged"),
        (saved(image=[PNGS[0], encoded(IMAGES[0][:9])]), "more than one size"),
        (saved(n=np.zeros(1_000_001, np.uint8)), "1,000,001 rows"),
        (saved(a=[[1, 2]], b=[{"c": 1}]), "damaged"),
    ],
)
def test_other_files_are_told(body: bytes, words: str) -> None:
    """By what they are."""
    with pytest.raises(FormatError, match=words):
        list(read(io.BytesIO(body), "x"))


def test_a_table_of_many_columns_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any of them is read."""
    monkeypatch.setattr(parquet, "MOST_COLUMNS", 5)
    with pytest.raises(FormatError, match="6 columns"):
        list(read(io.BytesIO(saved(**{f"c{n}": [1] for n in range(6)})), "x"))


@settings(max_examples=100)
@given(st.integers(0, len(FACE)), st.binary(min_size=1, max_size=8))
def test_any_damage_is_our_error_or_arrays(at: int, patch: bytes) -> None:
    """Whatever pyarrow makes of it."""
    body = bytearray(FACE)
    body[at : at + len(patch)] = patch
    with suppress(FormatError):
        list(read(io.BytesIO(bytes(body)), "x"))


def test_without_pyarrow_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is, who reads it, and how that comes here."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FormatError, match=r"parquet file, which pyarrow.*'mnist-tool\[formats\]'"):
        list(read(io.BytesIO(FACE), "x"))
