"""The step by hand gives the weights, bias and costs of autograd, to the last bit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mnist_tool.dataset.registry import DATASETS
from mnist_tool.training.exact import LinearSteps

BATCHES = 3


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("scale", [1e-20, 1e-3, 1.0, 1e4])
@pytest.mark.parametrize("images", [1, 2, 7, 10, 31, 32, 33, 64, 100, 128, 250])
def test_steps_are_autograds(images: int, scale: float, threads: int) -> None:
    """For batches of every size, numbers of every size, on one thread and on two."""
    torch.set_num_threads(threads)
    compare(images, scale, 10)


@pytest.mark.parametrize("classes", sorted({len(row.classes) for row in DATASETS.values()}))
@pytest.mark.parametrize("images", [32, 100])
def test_steps_are_autograds_for_every_number_of_classes(images: int, classes: int) -> None:
    """Whatever the data set has."""
    compare(images, 1e-1, classes)


def compare(images: int, scale: float, classes: int) -> None:
    """Take some steps in both ways, and compare every bit."""
    torch.manual_seed(1)
    mine, theirs = nn.Linear(784, classes), nn.Linear(784, classes)
    nn.init.normal_(mine.weight, std=scale)
    nn.init.normal_(mine.bias, std=scale)
    theirs.load_state_dict(mine.state_dict())
    pixels = torch.rand(BATCHES * images, 1, 28, 28)
    labels = torch.randint(0, classes, (BATCHES * images,))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)
    expected = []
    for x, y in zip(pixels.split(images), labels.split(images), strict=True):
        optimizer.zero_grad()
        cost = nn.functional.cross_entropy(theirs(x.flatten(1)), y)
        cost.backward()
        optimizer.step()
        expected.append(cost.detach())
    assert torch.equal(LinearSteps(mine, 0.1, images)(pixels, labels), torch.stack(expected))
    assert torch.equal(mine.weight, theirs.weight)
    assert torch.equal(mine.bias, theirs.bias)


def test_getting_ready_leaves_no_trace() -> None:
    """Neither in the weights, nor in the random numbers of the training, nor in torch."""
    linear = nn.Linear(784, 10)
    weights, random = linear.weight.detach().clone(), torch.get_rng_state()
    LinearSteps(linear, 0.1, 100)
    assert torch.equal(linear.weight, weights)
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == 1
