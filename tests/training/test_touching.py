"""Digits beside each other, in MNIST's form, are what a reader of rows has to tell apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mnist_tool.dataset.written import draw_digits
from mnist_tool.reading.preprocess import normalise
from mnist_tool.training.touching import pairs, with_pieces


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    """Drawn ones."""
    return torch.from_numpy(draw_digits(200, seed=3)[0])


def test_pairs_are_in_the_form_that_the_reader_gives_them(digits: torch.Tensor) -> None:
    """To prepare such an image again hardly changes it: its box and its middle are right."""
    for image in pairs(digits, 60, seed=1).numpy():
        again = normalise(image)
        assert np.abs(again.astype(float) - image).mean() < 12
        rows, columns = np.nonzero(image > 60)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20


def test_pairs_are_wider_than_one_digit(digits: torch.Tensor) -> None:
    """Two are about twice as wide as high as one is."""

    def wide(images: torch.Tensor) -> float:
        inked = images > 60
        return float((inked.any(1).sum(1) / inked.any(2).sum(1)).median())

    assert wide(pairs(digits, 100, seed=2)) > 1.6 * wide(digits)


def test_a_piece_hangs_on_the_digit_that_is_said(digits: torch.Tensor) -> None:
    """It looks more like that digit than like any other of those that were chosen from."""
    images, chosen = with_pieces(digits, 100, seed=5)
    plain = torch.stack([torch.from_numpy(normalise(each.numpy())) for each in digits]).flatten(1)
    apart = torch.cdist(images.flatten(1).float(), plain.float())
    own = apart[torch.arange(100), torch.from_numpy(chosen)]
    nearer = (apart < own[:, None]).float().mean(1)
    assert nearer.median() < 0.02


def test_the_same_seed_makes_the_same(digits: torch.Tensor) -> None:
    """Another makes others."""
    first, chosen = with_pieces(digits, 20, seed=7)
    again, same = with_pieces(digits, 20, seed=7)
    assert torch.equal(first, again)
    assert (chosen == same).all()
    assert torch.equal(pairs(digits, 20, seed=7), pairs(digits, 20, seed=7))
    assert not torch.equal(pairs(digits, 20, seed=7), pairs(digits, 20, seed=8))


def test_empty_images_are_no_fault() -> None:
    """A data set may have some."""
    blank = torch.zeros((3, 28, 28), dtype=torch.uint8)
    assert pairs(blank, 2, seed=1).sum() == 0
    assert with_pieces(blank, 2, seed=1)[0].sum() == 0
