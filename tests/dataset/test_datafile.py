"""One file by its content: header and size follow from its shape."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.datafile import DataFile


@given(arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=9))
def test_header_and_size_are_those_of_the_format(shape: tuple[int, ...]) -> None:
    """As the encoder writes an array of this shape."""
    file = DataFile("x", "train", "images", shape, "")
    content = encode(np.zeros(shape, np.uint8))
    assert (file.header, file.size) == (content[: len(file.header)], len(content))
