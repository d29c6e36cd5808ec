"""The synthetic digits: the same bytes everywhere, ten classes, hard enough to learn from."""

from __future__ import annotations

import hashlib
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets.mnist import read_image_file, read_label_file

from mnist_tool.dataset.registry import SYNTHETIC
from mnist_tool.dataset.synthetic import draw, idx_files

drawn = cache(draw)
files = cache(lambda: idx_files(SYNTHETIC.files))


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
