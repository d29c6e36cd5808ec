"""The same rows in another order are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset import arrays as files
from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.reordered import known_order_free, order_free
from mnist_tool.dataset.store import Store
from tests.faults import tiny


@given(arrays.arrays("u1", st.tuples(st.integers(1, 9), st.integers(1, 3))), st.randoms())
def test_the_order_of_rows_does_not_matter_and_the_rows_do(values: np.ndarray, draw) -> None:
    """Rows that occur twice too."""
    order = list(range(len(values)))
    draw.shuffle(order)
    assert order_free(values[order]) == order_free(values)
    other = values.copy()
    other[0, 0] ^= 1
    assert order_free(other) != order_free(values)


@pytest.mark.mnist
def test_the_table_is_that_of_the_originals(mnist_root: Path) -> None:
    """Each file, and all images together."""
    store = Store(mnist_root, MNIST)
    read = {file.name: files.read(store, file) for file in MNIST.files}
    for file in MNIST.files:
        assert file.any_order == order_free(read[file.name])
    images = [file for file in MNIST.files if file.role == "images"]
    whole = np.concatenate([read[file.name] for file in images])
    assert known_order_free(images) == order_free(whole)


def test_what_was_never_hashed_is_unknown() -> None:
    """A data set of a test."""
    assert known_order_free(tiny.FILES) == ""
