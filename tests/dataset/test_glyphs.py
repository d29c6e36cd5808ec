"""The strokes of the digits: dots along them, as weights of their points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.glyphs import DIGIT_GLYPHS, DOTS, blend

GLYPHS = [glyph for digit in DIGIT_GLYPHS for glyph in digit]


@pytest.mark.parametrize("glyph", GLYPHS)
def test_dots_are_evenly_spaced_and_touch_the_ends(glyph):
    """The pen starts and ends where the glyph does and leaves no gap within a stroke."""
    points, weights = blend(glyph)
    dots = np.array(weights) @ np.array(points)
    assert np.allclose(dots[0], glyph[0][0], atol=1e-9)
    assert np.allclose(dots[-1], glyph[-1][-1], atol=0.01)
    steps = np.hypot(*np.diff(dots, axis=0).T)
    lifts = len(glyph) - 1
    assert np.sort(steps)[: len(steps) - lifts].max() < 2.5 * np.median(steps)


@given(st.sampled_from(GLYPHS), st.floats(-9, 9), st.floats(-9, 9))
def test_moving_all_points_moves_the_glyph(glyph, across, down):
    """The weights of every dot add up to one."""
    points, weights = blend(glyph)
    matrix = np.array(weights)
    assert matrix.shape == (DOTS, len(points))
    moved = matrix @ (np.array(points) + [across, down])
    assert np.allclose(moved, matrix @ np.array(points) + [across, down])
