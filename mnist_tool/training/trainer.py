"""The training loop: batches in the lecture's order, one result per epoch, exact when continued."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.row import DIGITS
from mnist_tool.errors import DivergedError, SettingError
from mnist_tool.training import models
from mnist_tool.training.by_hand import StepsByHand
from mnist_tool.training.data import Blocks, draw_seed, hold_out, permutation, with_drawn
from mnist_tool.training.evaluate import evaluate
from mnist_tool.training.events import EpochDone, Progressed
from mnist_tool.training.exact import LinearSteps
from mnist_tool.training.group import ALONE, Group
from mnist_tool.training.recipes import get_recipe
from mnist_tool.training.seeded import random_state, set_random_state
from mnist_tool.training.settings import Settings, most_threads
from mnist_tool.training.steps import AutogradSteps, Steps

__all__ = ["Trainer", "resolve_device"]

# An epoch that costs so many times the first one is on its way to infinity.
DIVERGED = 10.0
MARKS = 50  # costs kept of each epoch, to draw how it went: means over equal stretches of it


@dataclass
class Position:
    """Where a training stands: batches done in the current epoch, its order, its costs so far."""

    epoch: int = 0  # epochs finished
    batch: int = 0  # batches of the next epoch that are done
    order_seed: int | None = None
    first_cost: float = math.inf


def resolve_device(name: str) -> torch.device:
    """Return the device a setting means.

    Raises
    ------
    SettingError
        If this machine or this torch has no such device.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((device for device, there in present.items() if there), "cpu")
    if not present.get(name, True):
        raise SettingError(
            f"--device is {name}, but torch {torch.__version__} finds no such device here.",
            hint="Leave --device out, or find out why with: mnist-tool doctor",
        )
    return torch.device(name)


class Trainer:
    """One training from its first epoch to its last.

    Making one seeds torch's default generator and sets torch's number of threads, for the whole
    process, as the lecture's script does: the digits depend on both.

    Parameters
    ----------
    settings : Settings
        What to do.
    images : Tensor, uint8, shape (N, 28, 28)
        The training split.
    labels : Tensor, int64, shape (N,)
        Its labels.
    group : Group
        The processes that train it together; all do the same calls.

    Attributes
    ----------
    model : Module
        What is trained.
    threads : int
        Threads of the processor that every epoch is trained on; the digits depend on it.
    """

    def __init__(
        self, settings: Settings, images: Tensor, labels: Tensor, group: Group = ALONE
    ) -> None:
        self.settings = settings
        self._group = group
        recipe = settings.recipe
        if DATASETS[settings.dataset].classes != DIGITS:
            recipe = replace(recipe, drawn=0.0)  # what is drawn are digits
        self.recipe = recipe
        if recipe.threads is not None:
            torch.set_num_threads(recipe.threads)
        self.threads = torch.get_num_threads()
        self.device = resolve_device(settings.device if group.size == 1 else "cpu")
        torch.manual_seed(recipe.seed)
        self.model = models.build(recipe.model, settings.classes).to(self.device)
        self._training, self._validation = hold_out(len(images), settings.validation)
        if recipe.drawn:
            images, labels, self._training = with_drawn(
                images, labels, self._training, recipe.drawn, recipe.seed
            )
        self._images, self._labels = images.to(self.device), labels.to(self.device)
        self._blocks = Blocks(self._images, self._labels, recipe.batch_size // group.size)
        self._steps = self._make_steps()
        self._position = Position()
        self._costs: list[Tensor] = []  # of the epoch so far, by blocks

    def _make_steps(self) -> Steps:
        """Choose how to take the recipe's steps."""
        recipe = self.recipe
        plain = recipe.schedule == "constant" and not recipe.label_smoothing
        linear = _linear_alone(self.model)
        total = recipe.epochs * self.batches
        if self._group.size > 1:
            share = replace(recipe, batch_size=recipe.batch_size // self._group.size)
            return AutogradSteps(self._group.together(self.model), share, total)
        if recipe.by_hand:
            return StepsByHand(self.model, recipe, total)
        if recipe.optimizer == "sgd" and plain and linear is not None:
            return LinearSteps(linear, recipe.learning_rate, recipe.batch_size)
        return AutogradSteps(self.model, recipe, total)

    @property
    def batches(self) -> int:
        """Batches per epoch; images that do not fill one are left out, as with drop_last."""
        return self.recipe.taken(len(self._training)) // self.recipe.batch_size

    def epochs(self) -> Iterator[EpochDone]:
        """Train, one epoch per step of the iterator; see `train`."""
        return (event for event in self.train() if isinstance(event, EpochDone))

    def train(self) -> Iterator[Progressed | EpochDone]:
        """Train, one block of batches per step of the iterator, and tell when an epoch is done.

        Whenever an event is handed out, the state is complete: `state_dict` can be kept, and the
        training continued from it.

        Raises
        ------
        DivergedError
            If the cost or a weight is no longer a finite number, or the cost is ten times what the
            first epoch had.
        """
        while self._position.epoch < self.recipe.epochs:
            started = time.perf_counter()
            self.model.train()
            yield from self._train_epoch()
            cost, course = self._summary()
            self._check_finite(cost)
            self._check_growth(cost)
            self._check_weights()
            self._position.epoch += 1
            self._position.batch, self._position.order_seed = 0, None
            self._costs = []
            yield EpochDone(
                epoch=self._position.epoch,
                cost=cost,
                seconds=time.perf_counter() - started,
                images=self.batches * self.recipe.batch_size,
                course=course,
                validation_accuracy=self._validate(),
            )

    def _train_epoch(self) -> Iterator[Progressed]:
        place, size = self._position, self.recipe.batch_size
        if place.order_seed is None:
            place.order_seed = draw_seed()
        order = permutation(len(self._training), place.order_seed)
        if self.settings.validation:
            order = self._training[order]
        order = order.to(self.device)
        torch.set_num_threads(self.threads)  # another training may have run in between
        while place.batch < self.batches:
            end = min(place.batch + self._blocks.batches, self.batches)
            share = self._group.share(order[place.batch * size : end * size], size)
            costs = self._group.mean(self._take(*self._blocks.take(share)))
            place.batch = end
            self._costs.append(costs)
            cost = float(costs[-1])
            self._check_finite(cost)
            yield Progressed(place.epoch + 1, end * size, cost)

    def _take(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Train on a block of batches; a step that float32 cannot hold ends the training."""
        try:
            return self._steps(pixels, labels)
        except RuntimeError as error:
            if "overflow" not in str(error):
                raise self._group.explained(error) from error
            raise self._diverged("a step is longer than any float32") from error

    def _summary(self) -> tuple[float, list[float]]:
        """Return the epoch's cost and its course; see `EpochDone`."""
        costs = torch.cat(self._costs).cpu().numpy()
        # Adding up cost / batches in order, and in float32, is how the lecture does it.
        mean = np.add.accumulate(costs / np.float32(self.batches))[-1]
        starts = np.linspace(0, len(costs), min(MARKS, len(costs)) + 1).astype(int)
        sums = np.add.reduceat(costs, starts[:-1], dtype=np.float64)
        return float(mean), (sums / np.diff(starts)).round(6).tolist()

    def _check_finite(self, cost: float) -> None:
        if not math.isfinite(cost):
            raise self._diverged(f"the cost is {cost} after batch {self._position.batch}")

    def _check_growth(self, cost: float) -> None:
        if self._position.epoch == 0:
            self._position.first_cost = cost
        elif cost > DIVERGED * self._position.first_cost:
            raise self._diverged(
                f"the cost has grown to {cost:g} from {self._position.first_cost:g}"
            )

    def _check_weights(self) -> None:
        """Look at what the last step has made: no batch has shown its cost."""
        weights = self.model.state_dict().values()
        if not all(bool(torch.isfinite(each).all()) for each in weights):
            raise self._diverged("the weights are no longer finite numbers")

    def _diverged(self, what: str) -> DivergedError:
        rate, own = self.recipe.learning_rate, get_recipe(self.recipe.name).learning_rate
        how, smaller = ("the recipe's own", own) if rate > own else ("smaller", rate / 10)
        return DivergedError(
            f"Training stopped in epoch {self._position.epoch + 1}: {what}, "
            f"with learning rate {rate:g}.",
            hint=f"Train anew with {how} steps: --learning-rate {smaller:g}",
        )

    def _validate(self) -> float | None:
        if not (self.settings.validation and self._group.leads):
            return None
        held_out = self._validation.to(self.device)
        return evaluate(self.model, self._images[held_out], self._labels[held_out]).accuracy

    # ---- to go on later ----------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return all that continuing needs beside the model's weights."""
        state: dict[str, Any] = {
            "steps": self._steps.state_dict(),
            "position": asdict(self._position),
            "costs": [cost for costs in self._costs for cost in costs.tolist()],
            "threads": self.threads,
            "device": self.device.type,
        }
        return state | random_state(self.device)

    def load_state_dict(self, weights: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Continue from the weights and the state of another trainer with the same settings.

        Raises
        ------
        ValueError
            If it is no such state; what it is then is undefined.
        """
        self._check_state(state)
        torch.set_num_threads(state["threads"])
        self.threads = torch.get_num_threads()
        self.model.load_state_dict(weights)
        self._position = Position(**state["position"])
        # One process trains a linear classifier without the steps that several take.
        done = self._position.epoch * self.batches + self._position.batch
        self._steps.load_state_dict({"optimizer": {}, "done": done} | state["steps"])
        self._costs = [torch.tensor(state["costs"], device=self.device)]
        set_random_state(self.device, state)

    def _check_state(self, state: dict[str, Any]) -> None:
        """Make sure that the parts of a state tell of one moment of this training."""
        place = Position(**state["position"])
        done = place.epoch * self.batches + place.batch
        if place.epoch > self.recipe.epochs or place.batch > self.batches:
            raise ValueError("its position is behind the training's end")
        if len(state["costs"]) != place.batch or (place.order_seed is None) != (place.batch == 0):
            raise ValueError("its costs and its order are not those of its position")
        if state["steps"].get("done", done) != done:
            raise ValueError("its steps are not those of its position")
        if state["threads"] > most_threads():
            raise ValueError(
                f"it was trained on {state['threads']} threads, on which the digits depend, and "
                f"this machine bears {most_threads()}"
            )


def _linear_alone(model: nn.Module) -> nn.Linear | None:
    """Return the layer of a linear classifier; ``None`` for every other model."""
    layers = [each for each in model.modules() if list(each.parameters(recurse=False))]
    first = layers[0]
    return first if len(layers) == 1 and isinstance(first, nn.Linear) else None
