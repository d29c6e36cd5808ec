"""Drawn digits and what is no digit have MNIST's form and are the seed's."""

from __future__ import annotations

import numpy as np

from mnist_tool.dataset.written import draw_digits, draw_others


def test_they_have_mnists_form():
    """Ink of about 20 pixels, its mass in the middle."""
    digits, labels = draw_digits(200, seed=1)
    for images in (digits, draw_others(200, seed=1)):
        assert (images.shape, images.dtype) == ((200, 28, 28), np.uint8)
        for axis in (1, 2):
            mass = images.sum(axis=axis, dtype=float)
            centre = (mass * (np.arange(28) + 0.5)).sum(axis=1) / mass.sum(axis=1)
            assert np.abs(centre - 14).max() < 4
        inked = images > 80
        extents = np.maximum(inked.any(axis=2).sum(axis=1), inked.any(axis=1).sum(axis=1))
        assert np.quantile(extents, 0.1) >= 16
        assert extents.max() <= 24
    assert set(labels) == set(range(10))


def test_the_seed_decides():
    """The same draws the same, another one others."""
    assert np.array_equal(draw_digits(30, seed=2)[0], draw_digits(30, seed=2)[0])
    assert not np.array_equal(draw_digits(30, seed=2)[0], draw_digits(30, seed=3)[0])
    assert np.array_equal(draw_others(30, seed=2), draw_others(30, seed=2))
