"""The ways of writing that are no part of the synthetic data set."""

from __future__ import annotations

import pytest

from mnist_tool.dataset.glyphs import DIGIT_GLYPHS, DOTS, blend
from mnist_tool.dataset.strokes import LETTERS, WAYS


@pytest.mark.parametrize("digit", range(10))
def test_each_digit_has_more_ways(digit):
    """Those of the synthetic data set first; every one can be drawn."""
    few = DIGIT_GLYPHS[digit]
    assert WAYS[digit][: len(few)] == few
    assert len(WAYS[digit]) >= 2 * len(few)


@pytest.mark.parametrize("glyph", [*LETTERS, *(glyph for ways in WAYS for glyph in ways)])
def test_every_glyph_can_be_drawn(glyph):
    """Its strokes have two points or more, and about the size of a digit."""
    assert all(len(stroke) > 1 for stroke in glyph)
    points, weights = blend(glyph)
    assert len(weights) == DOTS
    assert all(-0.5 <= x <= 1.5 and -0.5 <= y <= 1.5 for x, y in points)
