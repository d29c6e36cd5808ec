"""The synthetic digits: the same bytes everywhere, ten classes, hard enough to learn from."""

from __future__ import annotations

import hashlib
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torchvision.datasets.mnist import read_image_file, read_label_file

from mnist_tool.dataset.glyphs import DIGITS, DOTS, blend
from mnist_tool.dataset.registry import SYNTHETIC
from mnist_tool.dataset.synthetic import draw, idx_files

GLYPHS = [glyph for digit in DIGITS for glyph in digit]

drawn = cache(draw)
files = cache(idx_files)


@pytest.mark.parametrize("file", SYNTHETIC.files, ids=lambda file: file.name)
def test_drawn_again_it_has_the_registered_identity(file):
    """Whatever the platform and the numpy, size and SHA-256 are those in the registry."""
    content = files()[file.name]
    assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_torchvision_reads_the_same_images_and_labels(tmp_path: Path):
    """The IDX files hold what `draw` gives, by the word of another reader."""
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    for split in ("train", "test"):
        images, labels = drawn(split)
        path = tmp_path / SYNTHETIC.file(split, "images").name
        assert np.array_equal(read_image_file(str(path)).numpy(), images)
        path = tmp_path / SYNTHETIC.file(split, "labels").name
        assert np.array_equal(read_label_file(str(path)).numpy(), labels)


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_digit_comes_about_equally_often(split):
    """Each label's share is a tenth, within four standard deviations."""
    _, labels = drawn(split)
    counts = np.bincount(labels, minlength=10)
    allowed = 4 * math.sqrt(len(labels) * 0.1 * 0.9)
    assert len(counts) == 10
    assert np.all(np.abs(counts - len(labels) / 10) < allowed)


@pytest.mark.parametrize("split", ["train", "test"])
def test_images_are_ink_on_paper_like_mnist(split):
    """Black reaches 255 in every image, most is paper, and edges are soft."""
    images, _ = drawn(split)
    assert np.all(images.max(axis=(1, 2)) > 200)
    shares = [np.mean(images == 0), np.mean(images == 255), np.mean((images > 0) & (images < 255))]
    assert shares[0] > 0.7
    assert shares[1] > 0.03
    assert shares[2] > 0.03


def test_no_image_is_drawn_twice():
    """All 7000 differ, so that the test split tests."""
    images = np.concatenate([drawn("train")[0], drawn("test")[0]])
    assert len({image.tobytes() for image in images}) == 7000


def test_a_linear_classifier_learns_most_but_not_all():
    """Least squares on the pixels gets 80 to 97 %: neither noise nor a giveaway."""
    (images, labels), (others, answers) = drawn("train"), drawn("test")
    pixels = np.c_[images.reshape(len(images), -1) / 255, np.ones(len(images))]
    targets = np.eye(10)[labels]
    ridge = 10 * np.eye(pixels.shape[1])
    weights = np.linalg.solve(pixels.T @ pixels + ridge, pixels.T @ targets)
    scores = np.c_[others.reshape(len(others), -1) / 255, np.ones(len(others))] @ weights
    assert 0.80 < np.mean(scores.argmax(axis=1) == answers) < 0.97


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
