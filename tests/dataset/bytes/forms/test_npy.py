"""NumPy's arrays as IDX, by the word of NumPy itself."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.archives import Contents
from mnist_tool.dataset.bytes.forms.npy import as_idx
from mnist_tool.dataset.bytes.idx import decode, encode
from mnist_tool.errors import FormatError

SHAPES = arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)
TYPES = st.sampled_from(["u1", "u1", "u1", "i1", "?", "<u2", ">u2", "S1", "V1", "<f4"])


def saved(values: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    """Return what NumPy writes for an array."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, version)
    return buffer.getvalue()


@example(np.ones((2, 3), np.uint8), "F", None)
@given(
    st.tuples(TYPES, SHAPES).map(lambda drawn: np.ones(drawn[1], drawn[0])),
    st.sampled_from("CF"),
    st.sampled_from([None, (1, 0), (2, 0), (3, 0)]),
)
def test_an_array_is_the_same_in_idx_or_is_refused(
    values: np.ndarray, order: str, version: tuple[int, int] | None
) -> None:
    """Bytes in C order of one to three dimensions, in every version of NumPy's format."""
    values = np.asarray(values, order=order)
    if values.dtype == np.uint8:
        values.ravel(order="K")[:] = np.arange(values.size)
    body = saved(values, version)
    contents = Contents()
    found = [read(stream) for _, stream in contents.of_stream(io.BytesIO(body), "x.npy")]
    usable = values.dtype == np.uint8 and values.flags.c_contiguous and 1 <= values.ndim <= 3
    if usable:
        assert found == [encode(values)]
        assert np.array_equal(decode(found[0]), np.load(io.BytesIO(body)))
    else:
        assert found == []
        assert contents.rejected[0].reason == "it is not an array of uint8 in C order"


def read(stream) -> bytes:
    """Read to the end, a little at a time."""
    return b"".join(iter(lambda: stream.read(7), b""))


@given(st.binary(max_size=90), st.integers(0, 90), st.integers(0, 130))
def test_any_header_is_translated_or_refused(patch: bytes, at: int, cut: int) -> None:
    """A damaged header raises our error, and never announces more dimensions than IDX has."""
    head = bytearray(saved(np.zeros((6, 5, 4), np.uint8)))
    head[at : at + len(patch)] = patch
    try:
        length, header = as_idx(bytes(head[:cut]))
    except FormatError:
        return
    assert length <= cut
    assert len(header) == 4 + 4 * header[3]


@pytest.mark.parametrize(("size", "fine"), [(2**32 - 1, True), (2**32, False), (10**10, False)])
def test_a_size_must_fit_an_idx_header(size: int, fine: bool) -> None:
    """NumPy has 64 bits for it, IDX has 32."""
    buffer = io.BytesIO()
    said = {"descr": "|u1", "fortran_order": False, "shape": (size,)}
    np.lib.format.write_array_header_1_0(buffer, said)
    if fine:
        assert as_idx(buffer.getvalue())[1] == b"\0\0\x08\x01" + size.to_bytes(4, "big")
        return
    with pytest.raises(FormatError, match="uint8"):
        as_idx(buffer.getvalue())
