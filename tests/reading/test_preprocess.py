"""Ink comes to MNIST's form: the box of 20, the mass in the middle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.reading.preprocess import normalise
from tests.reading.pictures import DIGIT


@given(st.integers(1, 300), st.integers(1, 300), st.integers(26, 255))
def test_any_ink_comes_to_the_form(rows, columns, level):
    """28 x 28, full ink somewhere, the longer side 20, whatever the extent."""
    image = normalise(np.full((rows, columns), level, np.uint8))
    assert (image.shape, image.dtype, image.max()) == ((28, 28), np.uint8, 255)
    extents = [np.ptp(np.flatnonzero(image.max(axis=axis))) + 1 for axis in (0, 1)]
    assert max(extents) == 20


@pytest.mark.parametrize("times", [1, 3, 10])
def test_size_does_not_matter(times):
    """An enlarged digit comes to nearly the same image."""
    plain = normalise(DIGIT).astype(int)
    large = normalise(np.kron(DIGIT, np.ones((times, times), np.uint8))).astype(int)
    assert np.abs(plain - large).mean() < 12
