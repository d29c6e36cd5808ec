"""Random numbers of a seed of their own, in the middle of a training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["seeded"]


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
