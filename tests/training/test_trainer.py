"""The trainer against the course's own loop, against autograd, and against its own interruption."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mnist_tool.errors import DivergedError, SettingError
from mnist_tool.training import data, models
from mnist_tool.training.events import EpochDone, Progressed
from mnist_tool.training.recipes import RECIPES, get_recipe
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer, resolve_device
from tests.training import lecture
from tests.training.conftest import PlainRun

Split = tuple[Tensor, Tensor]
SMALL = {"epochs": 3, "batch_size": 50}
# What is computed by hand is compared in test_by_hand.py.
LAB = [name for name, each in RECIPES.items() if each.raw_accuracy and not each.by_hand]


def make(recipe: str, split: Split, **changes: Any) -> Trainer:
    """Make a trainer on the small data set, whose size the registry does not know."""
    return Trainer(Settings.of(recipe, **{**SMALL, **changes}), *split)


def weights(model: nn.Module) -> Tensor:
    """Return all weights and buffers of a model as one vector."""
    return torch.cat([value.flatten().double() for value in model.state_dict().values()])


@pytest.mark.parametrize("name", LAB)
def test_costs_and_weights_are_those_of_the_plain_loop(
    name: str, split: Split, plain_loop: Callable[..., PlainRun]
) -> None:
    """Every recipe of the course gives the DataLoader loop's costs and weights to the last bit."""
    recipe = RECIPES[name]
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[recipe.optimizer]
    epochs = 1 if name.startswith("cnn") else 3
    plain = plain_loop(
        partial(models.build, recipe.model),
        partial(kind, lr=recipe.learning_rate),
        epochs=epochs,
        batch_size=50,
    )
    trainer = make(name, split, epochs=epochs)
    assert [result.cost for result in trainer.epochs()] == plain.costs
    assert torch.equal(weights(trainer.model), weights(plain.model))


@pytest.mark.parametrize(
    ("name", "kind", "smoothing"),
    [
        ("mlp-xavier", torch.optim.SGD, 0.0),
        ("softmax", torch.optim.Adam, 0.0),
        ("softmax", torch.optim.SGD, 0.2),
        ("mlp-xavier", torch.optim.Adam, 0.2),
    ],
)
def test_changed_recipes_are_the_plain_loop_with_the_same_changes(
    name: str,
    kind: Callable[..., torch.optim.Optimizer],
    smoothing: float,
    split: Split,
    plain_loop: Callable[..., PlainRun],
) -> None:
    """Another optimizer or label smoothing gives the plain loop's digits to the last bit."""
    plain = plain_loop(
        partial(models.build, RECIPES[name].model),
        partial(kind, lr=0.01),
        epochs=2,
        batch_size=50,
        label_smoothing=smoothing,
    )
    optimizer = {torch.optim.SGD: "sgd", torch.optim.Adam: "adam"}[kind]
    trainer = make(
        name, split, epochs=2, learning_rate=0.01, optimizer=optimizer, label_smoothing=smoothing
    )
    assert [result.cost for result in trainer.epochs()] == plain.costs
    assert torch.equal(weights(trainer.model), weights(plain.model))


@pytest.mark.parametrize(("batch_size", "most"), [(50, 8), (4, 50)])
def test_course_is_the_mean_costs_of_equal_stretches(
    batch_size: int, most: int, split: Split
) -> None:
    """Of each batch where they are few; fifty of two batches each where there are a hundred."""
    trainer, heard = make("softmax", split, epochs=1, batch_size=batch_size), []
    steps = trainer._steps

    def hear(pixels: Tensor, labels: Tensor) -> Tensor:
        costs = steps(pixels, labels)
        heard.extend(costs.tolist())
        return costs

    trainer._steps = hear  # type: ignore[assignment]
    (result,) = trainer.epochs()
    each = len(heard) // most
    means = [sum(heard[place : place + each]) / each for place in range(0, len(heard), each)]
    assert len(result.course) == most
    assert result.course == pytest.approx(means, abs=1e-6)


def test_every_other_change_of_a_recipe_reaches_the_weights(split: Split) -> None:
    """Schedule, warm-up and betas each change what is trained."""
    changes: list[dict[str, Any]] = [
        {},
        {"betas": (0.5, 0.9)},
        {"schedule": "one-cycle"},
        {"schedule": "one-cycle", "warm_up": 0.5},
        {"optimizer": "sgd", "schedule": "one-cycle"},
    ]
    seen = []
    for change in changes:
        trainer = make("mlp-plain", split, epochs=1, **change)
        list(trainer.epochs())
        seen.append(weights(trainer.model))
    for place, first in enumerate(seen):
        assert not any(torch.equal(first, other) for other in seen[:place])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch_size", [1, 7, 100, 400])
def test_block_size_does_not_change_the_digits(
    batch_size: int,
    threads: int,
    split: Split,
    plain_loop: Callable[..., PlainRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many batches are gathered at once, and with images left over, nothing changes."""
    monkeypatch.setattr(data, "BLOCK_IMAGES", 100)
    torch.set_num_threads(threads)
    plain = plain_loop(
        partial(models.build, "linear"),
        partial(torch.optim.SGD, lr=0.1),
        epochs=2,
        batch_size=batch_size,
    )
    trainer = make("softmax", split, epochs=2, batch_size=batch_size)
    assert [result.cost for result in trainer.epochs()] == plain.costs
    assert torch.equal(weights(trainer.model), weights(plain.model))


def test_order_is_the_data_loaders() -> None:
    """Two epochs in a row visit the images in a DataLoader's order."""
    loader = torch.utils.data.DataLoader(range(50), batch_size=1, shuffle=True)  # type: ignore[arg-type]
    torch.manual_seed(3)
    expected = [[int(item) for item in loader] for _ in range(2)]
    torch.manual_seed(3)
    assert [data.permutation(50, data.draw_seed()).tolist() for _ in range(2)] == expected


@pytest.mark.parametrize("name", list(RECIPES))
def test_seed_decides_everything(name: str, split: Split) -> None:
    """The same seed gives the same weights; another one does not."""
    results = []
    for seed in (1, 1, 2):
        trainer = make(name, split, epochs=1, batch_size=150, seed=seed)
        list(trainer.epochs())
        results.append(weights(trainer.model))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


CHANGED = {"optimizer": "sgd", "schedule": "one-cycle", "label_smoothing": 0.1}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("softmax", {}),
        ("mlp-dropout", {}),
        ("mlp-batchnorm", {}),
        ("fast-cnn", {}),
        ("mlp-plain", CHANGED),
        ("mlp-plain", {"optimizer": "muon"}),
    ],
)
@pytest.mark.parametrize("blocks", [1, 3, 4, 7])
def test_continued_training_equals_an_uninterrupted_one(
    name: str,
    changes: dict[str, Any],
    blocks: int,
    split: Split,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped anywhere and continued by a new trainer, weights and costs are the same bits."""
    monkeypatch.setattr(data, "BLOCK_IMAGES", 100)
    whole = make(name, split, **changes)
    costs = [result.cost for result in whole.epochs()]

    first, seen = make(name, split, **changes), []
    for event in first.train():
        if isinstance(event, EpochDone):
            seen.append(event.cost)
        else:
            blocks -= 1
            if not blocks:
                break
    assert len(seen) < len(costs)
    saved = (
        {key: value.clone() for key, value in first.model.state_dict().items()},
        (first.state_dict()),
    )
    torch.manual_seed(99)  # whatever happens in between
    second = make(name, split, **changes)
    second.load_state_dict(*saved)
    seen += [result.cost for result in second.epochs()]
    assert seen == costs
    assert torch.equal(weights(second.model), weights(whole.model))


def test_validation_images_are_never_trained_on(split: Split) -> None:
    """Held-out images do not influence the weights, and their accuracy is reported."""
    images, labels = split
    _, held_out = data.hold_out(len(images), 100)
    spoiled = images.clone()
    spoiled[held_out] = 0
    results = []
    for pixels in (images, spoiled):
        trainer = make("softmax", (pixels, labels), validation=100)
        epochs = list(trainer.epochs())
        results.append((weights(trainer.model), epochs[-1].validation_accuracy))
    assert torch.equal(results[0][0], results[1][0])
    assert results[0][1] > 0.5 > results[1][1]


def test_an_epoch_leaves_out_a_share_of_its_images(split: Split) -> None:
    """It takes the first of the order that the whole epoch would have had; so does the next."""
    images, count = split[0], len(split[0])
    orders = {}
    for leave_out in (0.0, 0.5):
        trainer = make("cnn", (images, torch.arange(count)), epochs=2, leave_out=leave_out)
        taken: list[Tensor] = []
        trainer._steps = _Noted(taken)  # type: ignore[assignment]
        assert [event.images for event in trainer.epochs()] == 2 * [count * (1 - leave_out)]
        orders[leave_out] = torch.cat(taken).view(2, -1)
    assert torch.equal(orders[0.5], orders[0.0][:, : count // 2])
    assert not torch.equal(orders[0.5][0].sort()[0], orders[0.5][1].sort()[0])


class _Noted:
    """Steps that only note what they would train on."""

    def __init__(self, taken: list[Tensor]) -> None:
        self._taken = taken

    def __call__(self, pixels: Tensor, labels: Tensor) -> Tensor:
        self._taken.append(labels.clone())
        return torch.ones(1)


def test_hold_out_divides_all_images() -> None:
    """Every image is in exactly one of the two parts, and the choice is always the same."""
    training, validation = data.hold_out(1000, 300)
    assert sorted(training.tolist() + validation.tolist()) == list(range(1000))
    assert len(validation) == 300
    torch.manual_seed(8)
    assert torch.equal(data.hold_out(1000, 300)[1], validation)


def test_validation_does_not_disturb_the_random_numbers(split: Split) -> None:
    """Looking at the accuracy after each epoch changes nothing in the training."""
    images, labels = split
    training, _ = data.hold_out(len(images), 100)
    watched = make("mlp-dropout", split, validation=100)
    costs = [result.cost for result in watched.epochs()]
    alone = make("mlp-dropout", (images[training], labels[training]))
    assert costs == [result.cost for result in alone.epochs()]


def test_infinite_cost_stops_the_training(split: Split) -> None:
    """A learning rate far too large ends in a clear error that names it."""
    trainer = make("mlp", split, learning_rate=1e30)
    with pytest.raises(DivergedError, match="1e\\+30") as caught:
        list(trainer.epochs())
    assert "--learning-rate" in caught.value.hint


def test_growing_cost_stops_the_training(split: Split) -> None:
    """A cost that stays finite but grows tenfold is an error as well."""
    trainer = make("softmax", split)
    run = trainer.epochs()
    next(run)
    trainer._position.first_cost = 1e-3
    with pytest.raises(DivergedError, match="has grown"):
        next(run)


def test_every_image_is_told_of_once(split: Split) -> None:
    """The images reported in an epoch go up to all that it trains on."""
    told = [
        (event.epoch, event.images)
        for event in make("softmax", split, batch_size=30).train()
        if isinstance(event, Progressed)
    ]
    assert [images for epoch, images in told if epoch == 2][-1] == 390
    assert told == sorted(told)


def test_drawn_digits_are_trained_on_beside_those_of_the_split(split: Split) -> None:
    """And never validated on; a data set of other things than digits has none of them."""
    trainer = make("robust", split, epochs=1, batch_size=50, validation=100)
    left = len(split[0]) - 100
    drawn = round(RECIPES["robust"].drawn * left)
    assert trainer.batches == (left + drawn + drawn // 8 * 2) // 50
    (done,) = trainer.epochs()
    assert done.images == trainer.batches * 50
    assert 0 <= (done.validation_accuracy or 0) <= 1
    other = make("robust", split, dataset="fashion-mnist", batch_size=50)
    assert other.batches == len(split[0]) // 50


def test_unavailable_device_is_refused() -> None:
    """A device this machine lacks is named in the error; auto always finds one."""
    if not torch.cuda.is_available():
        with pytest.raises(SettingError, match="cuda"):
            resolve_device("cuda")
    assert resolve_device("auto").type in {"cuda", "mps", "cpu"}


def test_a_training_goes_on_with_the_threads_it_began_with(split: Split) -> None:
    """The digits of what is left depend on them, whatever torch has been told meanwhile."""
    torch.set_num_threads(2)
    begun = make("softmax", split)
    torch.set_num_threads(1)
    other = make("softmax", split)
    other.load_state_dict(begun.model.state_dict(), begun.state_dict())
    torch.set_num_threads(1)
    next(other.train())
    assert torch.get_num_threads() == 2


@pytest.mark.mnist
def test_the_lectures_digits(mnist_root: Path) -> None:
    """On real MNIST the first epochs cost what autograd's loop costs here, and near the note."""
    split = data.load(root=mnist_root, download=False)
    costs = [result.cost for result in make("softmax", split, batch_size=100).epochs()]
    assert costs == lecture.loop(mnist_root, epochs=3)
    assert lecture.near_the_note(costs)


@pytest.mark.parametrize("rate", [1e38, 1e300])
@pytest.mark.parametrize("recipe", ["softmax", "mlp", "mlp-plain", "fast-cnn"])
def test_a_step_beyond_every_number_stops_the_training(
    recipe: str, rate: float, split: Split
) -> None:
    """However the steps are taken; the hint leads back to the recipe's own rate at once."""
    trainer = make(recipe, split, learning_rate=rate, epochs=1)
    with pytest.raises(DivergedError) as caught:
        list(trainer.epochs())
    own = get_recipe(recipe).learning_rate
    assert caught.value.hint.endswith(f"the recipe's own steps: --learning-rate {own:g}")


def test_weights_that_only_the_last_step_broke_stop_the_training(split: Split) -> None:
    """No batch has shown their cost."""
    whole = {"batch_size": len(split[0]), "epochs": 1}
    trainer = make("mlp", split, **whole, optimizer="sgd", learning_rate=1e38)
    with pytest.raises(DivergedError, match="weights"):
        list(trainer.epochs())
