"""Widening ink gives what Pillow's slow filter gives."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from mnist_tool.reading.widening import widen


@pytest.mark.parametrize("reach", [0, 1, 2, 5, 20])
@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (31, 17)])
def test_the_largest_value_around_each_pixel(shape, reach):
    """Whatever the shape, and where the square hangs over the border."""
    values = np.random.RandomState(0).randint(0, 256, shape, dtype=np.uint8)
    slow = Image.fromarray(values)
    if reach:  # Pillow 12.3 divides by 0 where the square is a single pixel
        slow = slow.filter(ImageFilter.MaxFilter(2 * reach + 1))
    assert np.array_equal(widen(values, reach), np.asarray(slow))
