"""NumPy's files, by the word of NumPy itself."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.forms.npy import array_of, read, write_npz
from mnist_tool.errors import FormatError

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
NUMBERS = st.sampled_from(["u1", "i1", "?", "<u2", ">u2", ">i4", "<i8", "<f2", ">f4", "<f8"])
OTHERS = st.sampled_from(["S1", "U2", "V1", "<M8[s]", "<c8", [("a", "u1")]])


def saved(values: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    """Return what NumPy writes for an array."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, version)
    return buffer.getvalue()


@given(
    NUMBERS.flatmap(lambda kind: arrays.arrays(kind, SHAPES)),
    st.sampled_from("CF"),
    st.sampled_from([None, (1, 0), (2, 0)]),
)
def test_numbers_of_any_type_and_order_are_read_as_numpy_does(
    values: np.ndarray, order: str, version: tuple[int, int] | None
) -> None:
    """Every version of the format, little and big end first, rows or columns first."""
    body = saved(np.asarray(values, order=order), version)
    found, wanted = array_of(io.BytesIO(body)), np.load(io.BytesIO(body))
    assert found.dtype == wanted.dtype
    assert np.array_equal(found, wanted, equal_nan=values.dtype.kind == "f")


@given(OTHERS, SHAPES)
def test_what_are_no_numbers_is_told_by_type_and_shape(kind: str, shape: tuple[int, ...]) -> None:
    """Texts, dates, fields."""
    with pytest.raises(FormatError, match=r"it is an array of .* of shape \("):
        array_of(io.BytesIO(saved(np.zeros(shape, kind))))


def test_objects_are_a_pickle_that_is_not_run() -> None:
    """`numpy.load` would run them if it were allowed to."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([print], object), allow_pickle=True)
    with pytest.raises(FormatError, match="nothing of it was run"):
        array_of(io.BytesIO(buffer.getvalue()))


@given(st.binary(max_size=90), st.integers(0, 90), st.integers(0, 250))
def test_any_damage_is_our_error_or_an_array(patch: bytes, at: int, cut: int) -> None:
    """Whatever stands in the header."""
    body = bytearray(saved(np.zeros((6, 5, 4), np.uint8)))
    body[at : at + len(patch)] = patch
    try:
        values = array_of(io.BytesIO(bytes(body[:cut])))
    except FormatError:
        return
    assert values.size <= cut


@pytest.mark.parametrize("shape", [(2**60, 2**60), (2**33,), (1 << 29,)])
def test_a_claimed_shape_takes_no_memory(shape: tuple[int, ...]) -> None:
    """What is not there is told, without room for it."""
    buffer = io.BytesIO()
    said = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, said)
    buffer.seek(0)
    with pytest.raises(FormatError, match=r"shape|ends before"):
        array_of(buffer)


@pytest.mark.parametrize("size", [5000, 2**32 - 1])
def test_a_header_without_end_is_refused(size: int) -> None:
    """Ten dimensions take some hundred bytes."""
    body = b"\x93NUMPY\2\0" + size.to_bytes(4, "little") + b"(" * 5000
    with pytest.raises(FormatError, match="header of"):
        array_of(io.BytesIO(body))


def test_nested_headers_are_damage() -> None:
    """Python's parser gives such literals up in its own way."""
    body = b"\x93NUMPY\1\0" + (4000).to_bytes(2, "little") + b"(" * 4000
    with pytest.raises(FormatError, match="damaged"):
        array_of(io.BytesIO(body))


def test_archives_are_read_by_numpy_and_always_the_same() -> None:
    """NumPy's own have the time in them."""
    arrays = {"x": np.arange(784, dtype=np.uint8), "y": np.arange(3)}
    first, second = io.BytesIO(), io.BytesIO()
    write_npz(first, arrays)
    write_npz(second, arrays)
    assert first.getvalue() == second.getvalue()
    first.seek(0)
    with np.load(first) as found:
        assert set(found) == {"x", "y"}
        assert all(np.array_equal(found[name], arrays[name]) for name in arrays)


def test_images_come_by_their_name() -> None:
    """As NumPy has saved them."""
    images = np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28)
    body = saved(images)
    ((name, file),) = read(io.BytesIO(body), "x.npy")
    assert name == "x.npy"
    assert np.array_equal(file.values, images)
