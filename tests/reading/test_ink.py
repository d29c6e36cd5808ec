"""Ink is told from paper: on light and dark paper, in noise, in uneven light."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.reading.ink import find_ink, percentiles
from tests.reading.pictures import large

INKED = large() < 128


def agreement(mask):
    """The share of the digit's pixels and of those found that are both."""
    found = mask > 0
    return np.count_nonzero(found & INKED) / np.count_nonzero(found | INKED)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("contrast", [1.0, 0.3, 0.06])
@pytest.mark.parametrize("noise", [0, 1.5])
def test_ink_is_ink_on_either_paper(light, contrast, noise):
    """Dark on light or light on dark, faint too, where the paper's noise is fainter."""
    if noise and contrast < 0.1:
        pytest.skip("as faint as the noise")
    grey = 255 - large() if light else large()
    faint = 128 + (grey.astype(float) - 128) * contrast
    noisy = faint + np.random.RandomState(0).normal(0, noise, grey.shape)
    ink = find_ink(noisy.clip(0, 255).astype(np.uint8))[0]
    assert ink.mask.shape == ink.strength.shape == grey.shape
    assert agreement(ink.mask) > 0.8


@pytest.mark.parametrize("edge", [60, 180, 240])
def test_a_shadow_is_no_ink(edge):
    """Wherever its edge falls, through the digit too."""
    light = np.where(np.arange(360) < edge, 0.6, 1.0)
    ink = find_ink((large() * 0.9 * light).astype(np.uint8))[0]
    assert agreement(ink.mask) > 0.7


@pytest.mark.parametrize("side", [1, 5, 60, 400])
def test_paper_alone_has_no_ink(side):
    """The mask is empty."""
    assert not find_ink(np.full((side, side), 200, np.uint8))[0].mask.any()


def test_small_pictures_are_enlarged():
    """So that their pixels are no parts of their own."""
    assert find_ink(np.eye(28, dtype=np.uint8) * 255)[0].scale == 4


@given(st.lists(st.integers(0, 255), min_size=1), st.just(0.0) | st.floats(0.01, 100))
def test_percentiles_are_numpys(values, share):
    """The least value at or below which there is such a share."""
    levels = np.array(values, np.uint8)
    expected = np.percentile(levels, share, method="inverted_cdf")
    assert percentiles(levels, share)[0] == (expected if share else 0)
