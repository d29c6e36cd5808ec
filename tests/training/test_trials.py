"""The ideas that are tried on images held out: the plain one is the recipe, each other differs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from mnist_tool.training import models
from mnist_tool.training.evaluate import logits
from mnist_tool.training.recipes import RECIPES
from mnist_tool.training.steps import AutogradSteps
from tests.training.trials import FOR_BEST, TRIALS, Trial, batches, run

SIZE, STEPS = 32, 10
SPLIT = (
    torch.randint(
        256, (100, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)
    ),
    torch.randint(10, (100,), generator=torch.Generator().manual_seed(2)),
)


def weights(model: torch.nn.Module) -> Tensor:
    """Return all of them in a row."""
    return torch.cat([each.detach().flatten() for each in model.state_dict().values()])


@pytest.mark.parametrize("name", ["fast-cnn", "best"])
def test_without_an_idea_it_is_the_recipe(name: str) -> None:
    """The same weights, bit for bit, as the trainer's own steps on the same images."""
    recipe = replace(RECIPES[name], batch_size=SIZE)
    tried, _ = run(Trial, recipe, SPLIT, STEPS, seed=5)

    torch.manual_seed(5)
    model = models.build(recipe.model, 10).train()
    steps = AutogradSteps(model, recipe, STEPS)
    for chosen in batches(100, SIZE, STEPS):
        steps(SPLIT[0][chosen].unsqueeze(1) / 255.0, SPLIT[1][chosen])
    assert torch.equal(weights(tried), weights(model))


@pytest.mark.parametrize("idea", [idea for idea in TRIALS if idea != "plain"])
def test_each_idea_makes_another_network_that_reads(idea: str) -> None:
    """It takes its steps, and what is asked at the end answers with finite numbers."""
    recipe = replace(RECIPES["best" if idea in FOR_BEST else "fast-cnn"], batch_size=SIZE)
    plain, _ = run(Trial, recipe, SPLIT, STEPS, seed=5)
    tried, _ = run(TRIALS[idea], recipe, SPLIT, STEPS, seed=5)
    first, second = (logits(each, SPLIT[0]) for each in (tried, plain))
    assert torch.isfinite(first).all()
    assert not torch.equal(first, second)


def test_every_image_comes_before_any_comes_again() -> None:
    """Also where an epoch's end lies within a batch."""
    seen = torch.cat(list(batches(10, 4, 5)))
    assert [sorted(part.tolist()) for part in seen.split(10)] == [list(range(10))] * 2
