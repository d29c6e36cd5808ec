"""The IDX codec against torchvision's reader and under hypothesis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.idx import TYPES, decode, encode, parse_header
from mnist_tool.errors import FormatError

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)


@st.composite
def any_array(draw: st.DrawFn) -> np.ndarray:
    """Draw an array of any type and shape that IDX can hold."""
    dtype = np.dtype(draw(st.sampled_from(sorted(TYPES.values())))).newbyteorder("=")
    return draw(arrays.arrays(dtype, draw(SHAPES)))


@given(any_array())
def test_decode_returns_what_encode_was_given(values: np.ndarray) -> None:
    """Every array survives the way through the format, with its type, shape and bits."""
    back = decode(encode(values))
    assert back.dtype == values.dtype
    assert back.shape == values.shape
    assert back.tobytes() == values.tobytes()


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, max_side=6)))
def test_torchvision_reads_what_we_encode(values: np.ndarray) -> None:
    """torchvision's own reader sees the same array."""
    import tempfile

    from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file-idx-ubyte")
        path.write_bytes(encode(values))
        assert np.array_equal(read_sn3_pascalvincent_tensor(str(path)).numpy(), values)


@given(st.binary(max_size=80))
def test_any_bytes_are_decoded_or_refused_by_our_error(content: bytes) -> None:
    """Nothing but a FormatError comes out, however strange the bytes are."""
    try:
        values = decode(content)
    except FormatError:
        return
    assert len(content) == len(encode(values))


@given(any_array(), st.data())
def test_a_cut_or_lengthened_file_is_refused(values: np.ndarray, data: st.DataObject) -> None:
    """A byte too few or too many is never silently accepted."""
    content = encode(values)
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(FormatError):
        decode(content[:cut])
    with pytest.raises(FormatError):
        decode(content + b"x")


def test_header_names_type_and_shape() -> None:
    """The magic number of the MNIST images is read as in the format's description."""
    header = parse_header(bytes.fromhex("00000803 0000ea60 0000001c 0000001c"))
    assert (header.dtype, header.shape, header.length, header.body) == (
        "u1", (60000, 28, 28), 16, 60000 * 28 * 28,
    )  # fmt: skip


def test_types_that_idx_lacks_are_refused() -> None:
    """A type without a code is an error that names what to convert to."""
    with pytest.raises(FormatError, match="complex128") as caught:
        encode(np.zeros(3, complex))
    assert "float64" in caught.value.hint


def test_decode_shares_memory_and_keeps_writability() -> None:
    """No copy is made of bytes that need none."""
    content = bytearray(encode(np.arange(4, dtype=np.uint8)))
    values = decode(content)
    content[-1] = 99
    assert values[-1] == 99
    assert values.flags.writeable
