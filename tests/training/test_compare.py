"""Where two models differ, by counting; how likely chance is, by SciPy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.training.compare import compare_mistakes

PLACES = st.sets(st.integers(0, 199))


@given(PLACES, PLACES)
def test_each_image_is_counted_once(first: set[int], second: set[int]) -> None:
    """In the one of four groups where it belongs, whichever model comes first."""
    found = compare_mistakes(200, first, second)
    for place in range(200):
        right = (place not in first, place not in second)
        groups = (place in found.only_first, place in found.only_second, place in found.neither)
        assert groups == (
            right == (True, False), right == (False, True), right == (False, False)
        )  # fmt: skip
    assert found.both == 200 - len(first | second)
    assert compare_mistakes(200, second, first).p_value == found.p_value


@given(st.integers(0, 500), st.integers(0, 500))
def test_chance_is_that_of_the_binomial_test(one: int, other: int) -> None:
    """SciPy's, also where its numbers are very small."""
    binomtest = pytest.importorskip("scipy.stats").binomtest
    found = compare_mistakes(1000, range(one), range(500, 500 + other))
    expected = binomtest(one, one + other, 0.5).pvalue if one + other else 1.0
    assert math.isclose(found.p_value, expected, rel_tol=1e-9)
