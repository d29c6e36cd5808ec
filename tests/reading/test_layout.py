"""Parts are laid out in rows, from left to right, and wide ones are cut where ink is thin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnist_tool.reading.ink import Ink
from mnist_tool.reading.layout import CHEAPEST, lay_out
from mnist_tool.reading.parts import find_parts


def laid_out(*boxes, one=False, more=()):
    """The layout of boxes of ink, (left, top, right, bottom)."""
    mask = np.zeros((200, 400), np.uint8)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = 255
    for shape, *words in more:
        shape(mask, *words)
    labels, parts = find_parts(Ink(mask.astype(np.float32), mask, 0, 1))
    return lay_out(labels, parts, one=one)


def singles(layout):
    """The boxes of the candidates of one piece, by row."""
    rows: dict[int, list[tuple[int, ...]]] = {}
    for each in layout.candidates[1:]:
        if each.first == each.last:
            rows.setdefault(each.row, []).append(each.box)
    return list(rows.values())


ROW = [(20, 20, 40, 80), (60, 24, 80, 84), (100, 18, 120, 78)]
BELOW = [(30, 110, 50, 170), (70, 112, 90, 168)]


def test_rows_are_read_from_top_to_bottom_and_from_left_to_right():
    """However the parts come."""
    assert singles(laid_out(*BELOW[::-1], *ROW[::-1])) == [ROW, BELOW]


def test_parts_above_each_other_are_one_piece():
    """The bar of a 5."""
    (row,) = singles(laid_out((20, 20, 50, 30), (24, 36, 46, 90), (90, 20, 110, 90)))
    assert row == [(20, 20, 50, 90), (90, 20, 110, 90)]


def test_parts_as_tall_beside_each_other_are_two_pieces():
    """A slanted 1 close to a slanted 5: their extents overlap, yet neither is above the other."""
    strokes = [(cv2.line, (start, 90), (start + 22, 20), 255, 6) for start in (20, 34)]
    (row,) = singles(laid_out((90, 20, 110, 90), more=strokes))
    assert len(row) == 3


def test_neighbours_may_be_one_digit_at_a_cost():
    """Runs of pieces are candidates too, and say how many gaps they span."""
    layout = laid_out(*ROW)
    whole, *runs = layout.candidates
    assert (whole.first, whole.last, whole.joins) == (1, 3, 2)
    assert {(run.first, run.last): run.joins for run in runs} == {
        (1, 1): 0, (1, 2): 1, (1, 3): 2, (2, 2): 0, (2, 3): 1, (3, 3): 0
    }  # fmt: skip


def test_what_is_wide_is_cut_where_ink_is_thin():
    """Two rings that touch; the cut ends cost."""
    rings = [(cv2.circle, (x, 100), 40, 255, 10) for x in (80, 165)]
    layout = laid_out(more=rings)
    cuts = {run.box[2] for run in layout.candidates[1:] if run.first == 1 and run.cuts == 1}
    assert any(115 <= cut <= 131 for cut in cuts)


@pytest.mark.parametrize(("breadth", "cut"), [(24, False), (48, True), (90, True)])
def test_in_a_row_narrower_ink_is_cut_too(breadth, cut):
    """As where a 1 touches a 6; what is alone is rather one digit."""
    joined = (60, 20, 60 + breadth, 80)
    row = [each for each in laid_out((20, 20, 30, 80), joined).candidates if each.first > 1]
    assert (len(row) > 1) == cut
    alone = laid_out(joined).candidates[1:]
    assert bool(alone) == (breadth == 90)
    assert all(each.cuts >= 1 for each in alone if each.last - each.first < 2)


def cost(breadth, thick):
    """The least that a cut costs in a row through a bridge between two strokes."""
    bridge = (70, 50 - thick // 2, 50 + breadth, 50 - thick // 2 + thick)
    strokes = [(60, 20, 70, 80), (50 + breadth, 20, 60 + breadth, 80)]
    pieces = laid_out((20, 20, 30, 80), bridge, *strokes).candidates[1:]
    return min(each.cuts for each in pieces if each.cuts)


def test_a_cut_costs_the_less_the_wider_the_whole_and_the_thinner_the_ink():
    """Digits that touch do so at one place; through a 0 or a 6 there is more. None is free."""
    assert cost(52, 30) > cost(52, 20) > CHEAPEST
    assert cost(46, 24) > cost(58, 24) > CHEAPEST
    wide = laid_out((20, 20, 30, 80), (60, 20, 70, 80), (70, 46, 110, 54), (110, 20, 120, 80))
    assert {each.cuts for each in wide.candidates} == {0, CHEAPEST, 2 * CHEAPEST}


def test_no_digit_of_a_row_that_rises_is_low():
    """All are lower than the row, which is as high as it rises; beside a digit a piece is low."""
    rising = [(left, 120 - left // 2, left + 20, 180 - left // 2) for left in range(20, 200, 40)]
    assert not any(each.short for each in laid_out(*rising).candidates)
    low = laid_out(*ROW, (160, 42, 180, 78)).candidates
    assert max(each.short for each in low) == pytest.approx(0.1)


def test_half_of_what_hangs_together_is_no_digit_with_its_neighbour():
    """The model need not be asked for what crosses a cut and a gap."""
    layout = laid_out((20, 20, 30, 80), (60, 20, 108, 80), (140, 20, 150, 80))
    assert any(each.cuts for each in layout.candidates)
    assert not [each for each in layout.candidates if each.cuts and each.joins]


def test_every_pixel_of_ink_belongs_to_one_piece():
    """And pieces are numbered in reading order."""
    layout = laid_out(*ROW, *BELOW)
    for number, (left, top, right, bottom) in enumerate([*ROW, *BELOW], 1):
        assert (layout.pieces[top:bottom, left:right] == number).all()
    assert np.count_nonzero(layout.pieces) == 3 * 20 * 60 + 20 * 60 + 20 * 56


@pytest.mark.parametrize("boxes", [ROW, [*ROW, *BELOW]])
def test_one_is_all(boxes):
    """Where one digit is asked for."""
    layout = laid_out(*boxes, one=True)
    assert len(layout.candidates) == 1
    assert set(np.unique(layout.pieces)) == {0, 1}
