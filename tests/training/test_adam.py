"""Adam against torch's own, and the schedule at its landmarks."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.training.adam import Adam, one_cycle


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.7, 0.9)])
def test_steps_are_torchs_to_the_last_bit(betas: tuple[float, float]) -> None:
    """Forty steps with changing step size leave the same bits as torch.optim.Adam."""
    torch.manual_seed(2)
    mine = [torch.randn(13, 7, requires_grad=True), torch.randn(5, requires_grad=True)]
    theirs = [each.detach().clone().requires_grad_() for each in mine]
    adam = Adam(mine, betas)
    oracle = torch.optim.Adam(theirs, betas=betas)
    for step in range(40):
        rate = 0.01 / (1 + step)
        for one, other in zip(mine, theirs, strict=True):
            one.grad = torch.randn_like(one) * 10.0 ** (step % 7 - 3)
            other.grad = one.grad.clone()
        adam.step(rate)
        oracle.param_groups[0]["lr"] = rate
        oracle.step()
        assert all(torch.equal(one, other) for one, other in zip(mine, theirs, strict=True))


def test_one_cycle_rises_and_falls() -> None:
    """It starts low, has its top at a tenth, and ends at nothing."""
    assert one_cycle(0.0) == pytest.approx(0.04)
    assert one_cycle(0.1) == pytest.approx(1.0)
    assert one_cycle(1.0) == pytest.approx(0.0, abs=1e-12)


@given(st.floats(0, 1), st.floats(0, 1))
def test_one_cycle_has_one_top(first: float, second: float) -> None:
    """Before the top a later moment is never lower, after it never higher."""
    early, late = sorted((first, second))
    if late <= 0.1:
        assert one_cycle(early) <= one_cycle(late) + 1e-12
    if early >= 0.1:
        assert one_cycle(early) >= one_cycle(late) - 1e-12
