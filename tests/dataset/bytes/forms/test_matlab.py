"""MATLAB's files, by the word of scipy."""

from __future__ import annotations

import io
import zlib
from contextlib import suppress

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.forms import matlab
from mnist_tool.dataset.bytes.forms.matlab import read
from mnist_tool.errors import FormatError

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 784), np.uint8)
LABELS = np.random.default_rng(1).integers(0, 10, 30).astype(np.uint8)


def saved(compressed: bool = True, **arrays: object) -> bytes:
    """Let scipy write a file."""
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, arrays, do_compression=compressed)
    return buffer.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", ["u1", "f8"])
def test_arrays_come_under_their_names(compressed: bool, kind: str) -> None:
    """Images in rows or columns, labels in a row; other variables are left alone."""
    body = saved(
        compressed,
        trainX=IMAGES.astype(kind),
        trainY=LABELS[None].astype(kind),
        data=(IMAGES / np.float32(255)).T,
        about="a text",
        more={"a": 1},
    )
    found = {name: file.values for name, file in read(io.BytesIO(body), "x")}
    assert found.keys() == {"x/trainX", "x/trainY", "x/data"}
    assert np.array_equal(found["x/trainX"].reshape(30, 784), IMAGES)
    assert np.array_equal(found["x/data"], found["x/trainX"])
    assert np.array_equal(found["x/trainY"], LABELS)


WHOLE = saved(trainX=IMAGES)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (WHOLE[:200], "damaged"),
        (WHOLE[:120], "no header"),
        (WHOLE[:126] + b"XX" + WHOLE[128:], "no header"),
        (saved(text="a"), "without arrays of numbers"),
        (saved(trainX=np.full((3, 784), 256)), "go from 256 to 256"),
    ],
)
def test_other_files_are_told(body: bytes, words: str) -> None:
    """By what they are."""
    with pytest.raises(FormatError, match=words):
        list(read(io.BytesIO(body), "x"))


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as is allowed, and no further."""
    monkeypatch.setattr(matlab, "LARGEST", 1 << 20)
    bomb = zlib.compress(bytes(2 << 20))
    body = WHOLE[:128] + (15).to_bytes(4, "little") + len(bomb).to_bytes(4, "little") + bomb
    with pytest.raises(FormatError, match="unpacks to too much"):
        list(read(io.BytesIO(body), "x"))


def test_elements_without_end_are_refused() -> None:
    """A file of nothing but empty ones took a minute."""
    with pytest.raises(FormatError, match="1,000 elements"):
        list(read(io.BytesIO(WHOLE[:128] + bytes(8 << 20)), "x"))


KINDS = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"]


@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=2, max_dims=4, min_side=0))
    ),
    st.booleans(),
)
def test_arrays_are_what_scipy_wrote(values: np.ndarray, compressed: bool) -> None:
    """Of every type and shape."""
    body = saved(compressed, x=values)
    ((name, found),) = matlab._arrays(memoryview(body)[128:], "little")
    assert name == "x"
    assert np.array_equal(found, values, equal_nan=values.dtype.kind == "f")


def test_the_other_byte_order_is_read() -> None:
    """As some machines wrote them: the same elements, each number the other way round."""

    def element(kind: int, content: bytes) -> bytes:
        tag = kind.to_bytes(4, "big") + len(content).to_bytes(4, "big")
        return tag + content + bytes(-len(content) % 8)

    values = (np.arange(20) % 10).astype(">u2")
    matrix = element(6, (11).to_bytes(4, "big") + bytes(4))
    matrix += element(5, np.array([20, 1], ">i4").tobytes()) + element(1, b"labels")
    matrix += element(4, values.tobytes())
    body = WHOLE[:124] + b"\1\0MI" + element(14, matrix)
    assert np.array_equal(scipy.io.loadmat(io.BytesIO(body))["labels"][:, 0], values)
    ((name, file),) = read(io.BytesIO(body), "x")
    assert name == "x/labels"
    assert np.array_equal(file.values, values)


@settings(max_examples=500)
@given(st.integers(0, 600), st.binary(min_size=1, max_size=8), st.booleans())
def test_any_damage_is_our_error_or_arrays(at: int, patch: bytes, compressed: bool) -> None:
    """And never the end of the process, as of scipy's reader."""
    body = bytearray(saved(compressed, trainX=IMAGES[:3], trainY=LABELS))
    body[at : at + len(patch)] = patch
    with suppress(FormatError):
        list(read(io.BytesIO(bytes(body)), "x"))
