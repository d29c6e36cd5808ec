"""Plain gradient descent against torch's own."""

from __future__ import annotations

import torch
from torch import nn

from mnist_tool.training.sgd import Sgd


def test_steps_are_torchs_to_the_last_bit() -> None:
    """Weights after every step are those of torch.optim.SGD; nothing is remembered in between."""
    torch.manual_seed(2)
    mine, theirs = nn.Linear(30, 4), nn.Linear(30, 4)
    theirs.load_state_dict(mine.state_dict())
    own, torchs = Sgd(mine.parameters()), torch.optim.SGD(theirs.parameters(), lr=0.3)
    for _ in range(5):
        x = torch.randn(8, 30)
        for model, optimizer in ((mine, own), (theirs, torchs)):
            optimizer.zero_grad()
            model(x).square().mean().backward()
        own.step(0.3)
        torchs.step()
        assert torch.equal(mine.weight, theirs.weight)
        assert torch.equal(mine.bias, theirs.bias)
    assert own.state_dict() == {}
