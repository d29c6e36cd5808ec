"""Several trained models that are asked together: the mean of their probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["Committee", "united"]


class Committee(nn.Module):
    """Models of one kind, as a model that returns the logarithm of their mean probabilities.

    Parameters
    ----------
    members : sequence of Module
        Trained models; at least one.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return a logit per class for each image."""
        votes = torch.stack([member(pixels).log_softmax(1) for member in self.members])
        # The same as the logarithm of the mean, but no probability becomes 0 on the way.
        return votes.logsumexp(0) - math.log(len(self.members))


def united(members: Sequence[nn.Module]) -> nn.Module:
    """Return a model for use: the only member itself, or the committee of several."""
    model = members[0] if len(members) == 1 else Committee(members)
    return model.eval()
