"""Make the weights that ship with the package: ``make weights``, or ``python -m`` this module.

Recipe ``robust`` is trained from its own seed on MNIST and on digits that the tool draws, without
the images that are held out. Then it settles for two epochs of small steps, in which those digits
are drawn most often that MNIST's writers write most unlike others: 1 with its flag and foot, 4 and
6; half of the images are changed less.
On what is held out, changed as pictures from the world are and beside other drawn digits, the
temperature is chosen with which its probabilities are those of being right.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_tool import load
from mnist_tool.dataset.written import draw_digits, draw_others
from mnist_tool.exporting.trained_model import model_of
from mnist_tool.reading.network import LAYERS, MEAN, SPREAD, WEIGHTS, Shipped
from mnist_tool.training.augment import distort, vary
from mnist_tool.training.data import Blocks, hold_out, with_drawn
from mnist_tool.training.evaluate import evaluate, logits
from mnist_tool.training.finding import find_run
from mnist_tool.training.models import Varied
from mnist_tool.training.recipes import get_recipe
from mnist_tool.training.seeded import seeded
from mnist_tool.training.steps import AutogradSteps
from tests.real_data import REPOSITORY, find

HELD_OUT = 2000
LOST = 0.003  # of the digits may be taken for none
REPORTED = 0.01  # at which share the rate is told with which what is none is found out
# How the model settles.
DRAWN, RATE, SEED, EPOCHS = 0.35, 6e-4, 1234, 2
SHARES = (3, 8, 3, 3, 4, 3, 4, 3, 3, 3)
Arrays = dict[str, NDArray[np.float32]]


def arrays_of(model: nn.Module) -> Arrays:
    """Return a trained model's numbers as the package has them: in half precision."""
    found: Arrays = {}
    layers = list(model.modules())
    number = 0
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            number += 1
            found[f"weight-{number}"] = layer.weight.detach().permute(2, 3, 1, 0).numpy()
        elif isinstance(layer, nn.BatchNorm2d):
            assert layer.running_var is not None
            assert layer.running_mean is not None
            scale = layer.weight.detach() / (layer.running_var + layer.eps).sqrt()
            found[f"scale-{number}"] = scale.numpy()
            shift = layer.bias.detach() - scale * layer.running_mean
            found[f"shift-{number}"] = shift.numpy()
        elif isinstance(layer, nn.Linear):
            found["weight"] = layer.weight.detach().T.numpy()
            found["bias"] = layer.bias.detach().numpy()
    assert number == len(LAYERS)
    return {
        name: np.ascontiguousarray(each, np.float16).astype(np.float32)
        for name, each in found.items()
    }


class Settling(nn.Module):
    """A model of ``robust``, for which half of the images are changed as gently as for ``best``."""

    def __init__(self, model: Varied) -> None:
        super().__init__()
        self._network = model.network

    def forward(self, pixels: Tensor) -> Tensor:
        """Return ten logits per image."""
        gently, more = pixels.chunk(2)
        changed = torch.cat((distort(gently, pixels.shape[-1]), vary(more)))
        logits: Tensor = self._network((changed - MEAN) / SPREAD)
        return logits


def settle(model: Varied, images: Tensor, labels: Tensor) -> nn.Module:
    """Train a little more, on other drawn digits in other shares."""
    training, _ = hold_out(len(images), HELD_OUT)
    images, labels, training = with_drawn(images, labels, training, DRAWN, SEED, SHARES)
    recipe = replace(get_recipe("robust"), learning_rate=RATE, drawn=DRAWN, warm_up=0.02)
    batches = len(training) // recipe.batch_size
    steps = AutogradSteps(Settling(model).train(), recipe, EPOCHS * batches)
    blocks = Blocks(images, labels, recipe.batch_size)
    with seeded(SEED):
        for _ in range(EPOCHS):
            order = training[torch.randperm(len(training))][: batches * recipe.batch_size]
            for block in order.split(blocks.batches * recipe.batch_size):
                steps(*blocks.take(block))
    return model.eval()


def held_out_images(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return images that no training saw, changed as pictures from the world are."""
    _, held = hold_out(len(images), HELD_OUT)
    drawn, truths = draw_digits(HELD_OUT, seed=99)
    both = torch.cat((images[held], torch.from_numpy(drawn)))
    with seeded(99):
        changed = vary(both.unsqueeze(1).float() / 255)
    pixels = (changed * 255).round().to(torch.uint8).squeeze(1)
    return pixels, torch.cat((labels[held], torch.from_numpy(truths).long()))


def temperature_of(outputs: Tensor, labels: Tensor) -> float:
    """Return the temperature with the least cross-entropy."""
    choices = torch.arange(0.5, 3, 0.02).tolist()
    costs = [float(nn.functional.cross_entropy(outputs / each, labels)) for each in choices]
    return float(choices[int(np.argmin(costs))])


def make(model: nn.Module, root: Path | None) -> tuple[Arrays, dict[str, Any]]:
    """Return the numbers to ship and what is known of them."""
    images, labels = load("train", root=root)
    assert isinstance(model, Varied)
    model = settle(model, images, labels)
    pixels, truths = held_out_images(images, labels)
    arrays = arrays_of(model)
    temperature = temperature_of(logits(model_of(arrays), pixels), truths)
    for name in ("weight", "bias"):
        arrays[name] = (arrays[name] / temperature).astype(np.float16).astype(np.float32)
    final = model_of(arrays)
    chances = logits(final, pixels).softmax(1).amax(1)
    others = logits(final, torch.from_numpy(draw_others(HELD_OUT, 98))).softmax(1).amax(1)
    least, told = (float(chances.quantile(share)) for share in (LOST, REPORTED))
    result = evaluate(final, *load("test", root=root))
    return arrays, {
        "recipe": "robust",
        "accuracy": round(result.accuracy, 4),
        "date": date.today().isoformat(),
        "temperature": round(temperature, 2),
        "least": round(least, 3),
        "rejected": round(float((others < least).float().mean()), 3),
        "rejected at 1 %": round(float((others < told).float().mean()), 3),
    }


def write(arrays: Arrays, facts: dict[str, Any], path: Path) -> None:
    """Write the file that ships."""
    packed = {name: each.astype(np.float16) for name, each in arrays.items()}
    packed["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, **packed)  # type: ignore[arg-type]


def main() -> None:
    """Train, or take a run, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m tests.training.weights")
    parser.add_argument("--run", type=Path, help="let this run settle instead of training one")
    parser.add_argument("--root", type=Path, help="where MNIST lies")
    options = parser.parse_args()
    if options.run:
        model = find_run(options.run, Path("runs")).model()
    else:
        from mnist_tool import train

        if not options.root and find():
            options.root = REPOSITORY / ".cache" / "mnist"
        run = train("robust", validation=HELD_OUT, root=options.root)
        model = find_run(run.path, Path("runs")).model()
    arrays, facts = make(model, options.root)
    path = REPOSITORY / "mnist_tool" / "reading" / WEIGHTS
    write(arrays, facts, path)
    print(facts, f"{path.stat().st_size:,} bytes")
    images = load("test", root=options.root)[0][:500].numpy()
    torchs = logits(model_of(arrays), torch.from_numpy(images)).numpy()
    print("numpy differs from torch by", np.abs(Shipped(arrays, {}).logits(images) - torchs).max())


if __name__ == "__main__":
    main()
