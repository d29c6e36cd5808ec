"""Numbers of a seed of their own leave those of the training alone."""

from __future__ import annotations

import pytest
import torch

from mnist_tool.training.checkpoint import TRAINER
from mnist_tool.training.seeded import DRAWING, random_state, seeded, set_random_state
from mnist_tool.training.settings import DEVICES


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


@pytest.mark.parametrize("name", DRAWING)
def test_a_devices_own_random_numbers_go_on_where_they_stood(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the processor's; a generator stands in for the device's. A checkpoint takes both."""
    own, device = torch.Generator().manual_seed(1), torch.device(name)
    monkeypatch.setattr(DRAWING[name], "get_rng_state", own.get_state)
    monkeypatch.setattr(DRAWING[name], "set_rng_state", own.set_state)
    kept = random_state(device)
    assert kept.keys() <= TRAINER.needed.keys() | TRAINER.optional.keys()

    expected = torch.rand(3), torch.rand(3, generator=own)
    set_random_state(device, kept)
    assert torch.equal(torch.rand(3), expected[0])
    assert torch.equal(torch.rand(3, generator=own), expected[1])


def test_no_device_is_without_its_random_numbers() -> None:
    """The processor's are always kept; a new device is noticed."""
    assert set(DEVICES) == {"auto", "cpu", *DRAWING}
    assert random_state(torch.device("cpu")).keys() == {"random"}
    set_random_state(torch.device("cpu"), random_state(torch.device("cpu")) | {"random_mps": None})
