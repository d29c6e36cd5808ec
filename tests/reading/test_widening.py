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
    # Some releases of Pillow divide by 0 where the square is larger than the picture.
    padded = Image.fromarray(np.pad(values, reach))
    slow = np.asarray(padded.filter(ImageFilter.MaxFilter(2 * reach + 1)))
    rows, columns = shape
    inside = slow[reach : reach + rows, reach : reach + columns]
    assert np.array_equal(widen(values, reach), inside)
