"""Arrays of any shape and type become pixels and labels, or are told for what they are."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.forms.values import InMemory, as_files
from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.errors import FormatError

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 28, 28), np.uint8)
IMAGES[:, 0, 0] = IMAGES[:, -1, -1] = 0  # no digit reaches into a corner
IMAGES[0, 5, 5] = 255
LABELS = np.random.default_rng(1).integers(0, 10, 30, np.uint8)
LABELS[0] = 9
FLAT = IMAGES.reshape(30, 784)


def only(values: np.ndarray) -> np.ndarray:
    """Return the one array that an array is."""
    ((_, file),) = as_files("x", values)
    return file.values


@given(arrays.arrays("u1", arrays.array_shapes(max_dims=3)), st.lists(st.integers(1, 9)))
def test_a_file_in_memory_gives_its_bytes_however_they_are_asked_for(
    values: np.ndarray, sizes: list[int]
) -> None:
    """The same bytes as `encode` makes."""
    stream = InMemory(values)
    got = b"".join(stream.read(size) for size in sizes)
    while more := stream.read(1000):
        got += more
    assert got == encode(values)
    assert stream.head == encode(values)[: len(stream.head)]
    assert stream.readable()


@pytest.mark.parametrize(
    "shaped",
    [
        lambda x: x,
        lambda x: x.reshape(30, 784),
        lambda x: x[..., None],
        lambda x: x[:, None],
        lambda x: x.reshape(30, 784).T,
        lambda x: x.transpose(1, 2, 0),
        lambda x: np.asfortranarray(x),
    ],
)
@pytest.mark.parametrize("kind", ["u1", "i2", ">i4", "i8", "f4", "f8"])
def test_images_in_any_shape_and_type(shaped, kind: str) -> None:
    """Flat, with a channel, or last as in MATLAB."""
    assert np.array_equal(only(shaped(IMAGES.astype(kind))), IMAGES)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("factor", [255, 256])
def test_divided_pixels_are_found_again(kind: str, factor: int) -> None:
    """By 255, as most do, or by 256, as deeplearning.net did."""
    assert np.array_equal(only((FLAT / factor).astype(kind)), IMAGES)
    assert np.array_equal(only(FLAT.astype(kind) / np.array(factor, kind)), IMAGES)


@pytest.mark.parametrize(
    "values",
    [
        LABELS,
        LABELS.astype("i8"),
        LABELS.astype("f4"),
        LABELS[:, None],
        LABELS[None],
        np.eye(10)[LABELS],
        np.eye(10, dtype=bool)[LABELS],
    ],
)
def test_labels_in_any_shape_and_type(values: np.ndarray) -> None:
    """In a row, a column, or one of ten."""
    assert np.array_equal(only(values), LABELS)


@pytest.mark.parametrize("columns", [(LABELS[:, None], FLAT), (FLAT, LABELS[:, None])])
def test_rows_of_a_label_and_pixels(columns: tuple[np.ndarray, ...]) -> None:
    """The label first or last: the column that is not always empty."""
    found = {name: file.values for name, file in as_files("x", np.hstack(columns))}
    assert found.keys() == {"x/images", "x/labels"}
    assert np.array_equal(found["x/images"], IMAGES)
    assert np.array_equal(found["x/labels"], LABELS)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((0, 784)), r"float64 of shape \(0, 784\)"),
        (np.zeros((3, 28), "c8"), r"complex64 of shape \(3, 28\)"),
        (np.zeros((2, 3, 4, 5)), r"shape \(2, 3, 4, 5\)"),
        (np.zeros((5, 30, 20)), r"shape \(5, 30, 20\)"),
        (np.full((5, 300), 2), "neither pixels nor labels"),
        (np.zeros((5, 10)), "neither pixels nor labels"),
        (np.arange(500), "no labels"),
        (LABELS - 0.5, "no labels"),
        (FLAT - 3.5, "go from -3.5 to"),
        (FLAT * 2.0, "go from 0 to 510"),
        (FLAT / 300, "no whole pixels"),
        (np.full((5, 784), np.nan), "go from nan to nan"),
        (np.full((5, 784), np.inf), "go from inf"),
    ],
)
def test_what_is_no_part_of_a_data_set_is_told(values: np.ndarray, words: str) -> None:
    """Type, shape, or the values that are wrong."""
    with pytest.raises(FormatError, match=words):
        list(as_files("x", values))


@given(
    st.sampled_from(["u1", "i8", "f2", "f4", "?", "S1", "c8", "O"]).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=5, min_side=0))
    )
)
def test_any_array_is_files_or_our_error(values: np.ndarray) -> None:
    """Nothing else comes out, whatever it holds."""
    with suppress(FormatError):
        for _, file in as_files("x", values):
            assert file.values.dtype == np.uint8
            assert file.values.ndim in (1, 3)
