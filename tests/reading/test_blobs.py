"""Blobs, and what their shapes are measured with."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnist_tool.reading.blobs import MOST, Blob, alone, components, largest_within


def test_what_hangs_together_is_one_blob():
    """Diagonal neighbours too; it is cut out alone."""
    mask = np.zeros((20, 30), np.uint8)
    mask[3, 5] = mask[4, 6] = mask[4, 8:10] = 1
    labels, blobs = components(mask)
    assert [blob[1:] for blob in blobs] == [(5, 3, 7, 5, 2), (8, 4, 10, 5, 2)]
    assert alone(labels, blobs[0]).tolist() == [[1, 0], [0, 1]]


def test_of_very_many_the_largest_are_kept():
    """In the order in which they are found."""
    mask = np.zeros((2 * MOST, 4), np.uint8)
    mask[::2, 0] = 1
    mask[-1, :3] = 1
    _, blobs = components(np.vstack([mask, mask]))
    assert len(blobs) == MOST
    assert sum(blob.area > 1 for blob in blobs) == 2


def test_distances_and_borders():
    """Along the axis on which the extents are further apart; each border counts."""
    one, other = Blob(1, 0, 0, 10, 10, 100), Blob(2, 15, 4, 20, 30, 50)
    assert one.distance(other) == other.distance(one) == 5
    assert one.distance(one) == 0
    assert (one.touches((30, 20)), other.touches((30, 20)), other.touches((40, 40))) == (2, 2, 0)


@pytest.mark.parametrize(
    ("points", "share"),
    [
        pytest.param([(0, 0), (90, 0), (90, 50), (0, 50)], 1, id="a rectangle"),
        pytest.param([(30, 0), (60, 0), (90, 50), (0, 50)], 1, id="seen askew"),
        pytest.param([(0, 0), (90, 0), (0, 50)], 1, id="a triangle"),
        pytest.param(
            cv2.ellipse2Poly((100, 100), (90, 50), 0, 0, 360, 3).tolist(), 2 / np.pi, id="an oval"
        ),
    ],
)
def test_the_largest_quadrilateral_within(points, share):
    """Of an oval it covers less than two thirds."""
    hull = cv2.convexHull(np.array(points, np.int32))
    assert largest_within(hull) / cv2.contourArea(hull) == pytest.approx(share, abs=0.01)
