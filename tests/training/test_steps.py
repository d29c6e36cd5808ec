"""Steps by autograd: each changes the model as torch's own loop would, and can be gone on with."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import nn

from mnist_tool.training.adam import one_cycle
from mnist_tool.training.muon import Muon
from mnist_tool.training.recipes import get_recipe
from mnist_tool.training.steps import AutogradSteps, shares

RECIPE = replace(get_recipe("fast-cnn"), batch_size=5, optimizer="adam")
TOTAL = 8


def _model() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def _batches() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(TOTAL * 5, 1, 28, 28, generator=generator)
    return pixels, torch.randint(10, (TOTAL * 5,), generator=generator)


def test_steps_are_torchs_with_the_same_schedule() -> None:
    """Adam with the recipe's betas and smoothing, its rate in each step what the cycle says."""
    mine, theirs = _model(), _model()
    pixels, labels = _batches()
    costs = AutogradSteps(mine, RECIPE, TOTAL)(pixels, labels)
    optimizer = torch.optim.Adam(theirs.parameters(), betas=RECIPE.betas)
    for place, (x, y) in enumerate(zip(pixels.split(5), labels.split(5), strict=True)):
        optimizer.param_groups[0]["lr"] = RECIPE.learning_rate * one_cycle((place + 0.5) / TOTAL)
        optimizer.zero_grad()
        cost = nn.functional.cross_entropy(theirs(x), y, label_smoothing=RECIPE.label_smoothing)
        cost.backward()
        optimizer.step()
        assert torch.equal(costs[place], cost.detach())
    assert torch.equal(mine[1].weight, theirs[1].weight)


def test_steps_go_on_from_their_state() -> None:
    """Half of them by one object and half by another are all of them by one."""
    whole, halves = _model(), _model()
    pixels, labels = _batches()
    expected = AutogradSteps(whole, RECIPE, TOTAL)(pixels, labels)
    first = AutogradSteps(halves, RECIPE, TOTAL)
    costs = [first(pixels[:20], labels[:20])]
    second = AutogradSteps(halves, RECIPE, TOTAL)
    second.load_state_dict(first.state_dict())
    costs.append(second(pixels[20:], labels[20:]))
    assert torch.equal(torch.cat(costs), expected)
    assert torch.equal(halves[1].weight, whole[1].weight)


def test_a_recipe_with_muon_takes_muons_steps() -> None:
    """Those of `muon.Muon`, which has tests of its own, and none of Adam's in the hidden layer."""
    torch.manual_seed(4)
    sizes = [(28 * 28, 8), (8, 6), (6, 10)]
    mine = nn.Sequential(nn.Flatten(), *(nn.Linear(*size) for size in sizes))
    theirs, with_adam = copy.deepcopy(mine), copy.deepcopy(mine)
    pixels, labels = _batches()
    recipe = replace(RECIPE, optimizer="muon", schedule="constant", label_smoothing=0.0)
    AutogradSteps(mine, recipe, TOTAL)(pixels, labels)
    AutogradSteps(with_adam, replace(recipe, optimizer="adam"), TOTAL)(pixels, labels)
    muon = Muon(theirs.parameters(), recipe.betas)
    for x, y in zip(pixels.split(5), labels.split(5), strict=True):
        muon.zero_grad()
        nn.functional.cross_entropy(theirs(x), y).backward()
        muon.step(recipe.learning_rate)
    assert all(map(torch.equal, mine.parameters(), theirs.parameters()))
    assert not torch.equal(mine[2].weight, with_adam[2].weight)


def test_no_digit_is_all_digits_alike() -> None:
    """Label 10 asks for a tenth of each; the others for one digit."""
    truth = shares(torch.tensor([3, 10]))
    assert truth[0].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert torch.equal(truth[1], torch.full((10,), 0.1))
