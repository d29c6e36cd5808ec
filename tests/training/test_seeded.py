"""Numbers of a seed of their own leave those of the training alone."""

from __future__ import annotations

import pytest
import torch

from mnist_tool.training.seeded import seeded


def test_a_fresh_generators_numbers_and_then_on_as_before() -> None:
    """Inside what a generator with the seed draws, afterwards what would have come anyway."""
    torch.manual_seed(1)
    expected = [torch.rand(3), torch.rand(3)]
    own = torch.rand(3, generator=torch.Generator().manual_seed(9))
    torch.manual_seed(1)
    first = torch.rand(3)
    with seeded(9):
        assert torch.equal(torch.rand(3), own)
    assert torch.equal(first, expected[0])
    assert torch.equal(torch.rand(3), expected[1])


def test_the_state_comes_back_after_an_error() -> None:
    """Whatever ends the block."""
    state = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded(1):
        torch.rand(1 // 0)
    assert torch.equal(torch.get_rng_state(), state)
