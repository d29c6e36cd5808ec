"""Where a training's random numbers stand: to keep, to go on from, to draw others in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

__all__ = ["random_state", "seeded", "set_random_state"]

# Devices that draw random numbers of their own, such as those of dropout.
DRAWING = {"cuda": torch.cuda, "mps": torch.mps}


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Return where the random numbers of the processor and of the device stand, by their names."""
    states = {"random": torch.get_rng_state()}
    if device.type in DRAWING:
        states[f"random_{device.type}"] = DRAWING[device.type].get_rng_state()
    return states


def set_random_state(device: torch.device, states: Mapping[str, Any]) -> None:
    """Go on where they stood; what another device has drawn says nothing of this one."""
    torch.set_rng_state(states["random"])
    own = states.get(f"random_{device.type}")
    if own is not None:
        DRAWING[device.type].set_rng_state(own)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch draw what a fresh generator with this seed would; then go on as if it had not been.

    It is the default generator that draws, so no other thread may draw from it meanwhile. A
    `torch.Generator` of one's own would do as well, but needs a part of torch that takes long to
    load (`mnist_tool.lean`).
    """
    generator = torch.default_generator
    state = generator.get_state()
    generator.manual_seed(seed)
    try:
        yield
    finally:
        generator.set_state(state)
