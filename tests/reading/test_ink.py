"""Ink is told from paper: in noise, among specks, light on dark, one digit at a time."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_tool.errors import ImageError
from mnist_tool.reading.ink import find_ink, otsu
from tests.reading.pictures import NEAR, far, large


@pytest.mark.parametrize("light", [False, True])
def test_ink_is_ink_on_either_paper(light):
    """0 is paper and 255 full ink, whichever of the two is darker in the picture."""
    ink = find_ink(255 - large() if light else large(), "it")
    assert (ink.dtype, ink.shape) == (np.uint8, large().shape)
    assert far(ink, 255 - large()) < NEAR
    assert not ink[:30].any()


def test_dirt_is_dropped():
    """Specks on the paper do not count as ink."""
    image = large().copy()
    image[5:9, 5:9] = image[-12:-9, 30:34] = 0
    ink = find_ink(image, "it")
    assert not ink[:12, :12].any()
    assert not ink[-15:, 27:37].any()
    assert far(ink, find_ink(large(), "it")) < 0.1


@pytest.mark.parametrize(
    ("grey", "what"),
    [
        (np.full((50, 50), 200, np.uint8), "no ink"),
        (np.zeros((1, 1), np.uint8), "no ink"),
        (np.hstack([large(), large()]), "2 digits"),
        (np.vstack([large()] * 3), "3 digits"),
    ],
)
def test_no_ink_and_too_much_are_refused(grey, what):
    """The error names the file and says what was found."""
    with pytest.raises(ImageError, match=rf"(?s)here\.png.*{what}") as caught:
        find_ink(grey, "here.png")
    assert caught.value.hint


def test_the_threshold_is_between_the_two_groups():
    """And above everything where there is only one."""
    values = np.array([10.0] * 30 + [12.0] * 30 + [200.0] * 5)
    assert 12 < otsu(values) < 200
    assert otsu(np.full(9, 77.0)) == 255
