"""One file by its content: header and size follow from its shape."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.datafile import TYPES, Carrier, DataFile


@given(
    arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=9), st.sampled_from([*TYPES])
)
def test_header_and_size_are_those_of_the_format(shape: tuple[int, ...], dtype: str) -> None:
    """As the encoder writes an array of this shape and type."""
    file = DataFile("x", "train", "images", shape, "", dtype=dtype)
    content = encode(np.zeros(shape, dtype))
    assert (file.header, file.size) == (content[: len(file.header)], len(content))


def test_a_file_is_known_by_its_own_hash_or_by_what_carries_it() -> None:
    """The plain bytes' hash needs no carrier; without it the .gz proves it, or an archive."""
    plain = DataFile("x", "train", "labels", (1,), "a" * 64, 5, "b" * 64)
    assert (plain.identity, plain.proofs, plain.packed) == ("a" * 64, (), "x.gz")
    packed = DataFile("x", "train", "labels", (1,), "", 5, "b" * 64)
    assert (packed.identity, packed.packed) == ("b" * 64, "x.gz")
    assert packed.proofs == (Carrier("x.gz", "b" * 64, 5),)
    inside = Carrier("all.zip", "c" * 32, member="x.gz")
    member = DataFile("x", "train", "labels", (1,), "", carriers=(inside,))
    assert (member.identity, member.packed) == (f"{'c' * 32}/x.gz", "all.zip")
    assert (member.proofs, inside.algorithm) == ((inside,), "md5")
    assert packed.proofs[0].algorithm == "sha256"
