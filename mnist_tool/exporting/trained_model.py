"""What is exported: a trained model of torch, and what is known of it; of a run, or as it ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool.dataset.registry import DATASETS
from mnist_tool.training.recipes import get_recipe
from mnist_tool.training.runs import Run
from mnist_tool.version import __version__

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

__all__ = ["SHIPPED", "TrainedModel", "model_of", "of_run", "of_shipped"]

SHIPPED = "shipped"  # the name of the weights that ship with the package
PIXELS = (
    "float32 (N, 1, 28, 28): 0.0 is paper, 1.0 is ink, white on black as in MNIST; "
    "bytes are to be divided by 255. The model does the rest itself."
)
LOGITS = "float32 (N, classes): the largest is the class; softmax makes probabilities of them"


@dataclass(frozen=True)
class TrainedModel:
    """A model in eval mode and what is known of it.

    Parameters
    ----------
    model : Module
        From pixels to logits.
    facts : dict
        ``name``, ``recipe``, ``title``, ``data``, ``classes``, ``accuracy``, ``date`` ...
    file : Path
        Where it is written by default, without an ending.
    """

    model: nn.Module
    facts: dict[str, Any]
    file: Path


def of_run(run: Run) -> TrainedModel:
    """Return a run's model.

    Raises
    ------
    CheckpointError
        If the run's files are damaged.
    """
    from mnist_tool.training.checkpoint import restore_model

    checkpoint = run.checkpoint()
    more = {"epochs": len(checkpoint.metrics), "torch": checkpoint.versions.get("torch", "")}
    settings = run.settings
    facts = _facts(run.name, settings.recipe.name, settings.dataset, run.accuracy, run.date)
    model = restore_model(checkpoint, run.checkpoint_path)
    return TrainedModel(model, facts | more, run.path / "model")


def of_shipped() -> TrainedModel:
    """Return the model that ships with the package, as one of torch."""
    from mnist_tool.reading.network import shipped

    found = shipped()
    told = found.facts
    facts = _facts(SHIPPED, told["recipe"], "mnist", told["accuracy"], told["date"])
    return TrainedModel(model_of(found.arrays), facts, Path(SHIPPED))


def _facts(
    name: str, recipe: str, dataset: str, accuracy: float | None, date: str
) -> dict[str, Any]:
    data = DATASETS[dataset]
    return {
        "name": name,
        "recipe": recipe,
        "title": get_recipe(recipe).title,
        "data": data.title,
        "classes": list(data.classes),
        "accuracy": accuracy,
        "pixels": PIXELS,
        "logits": LOGITS,
        "date": date,
        "mnist_tool": __version__,
    }


def model_of(arrays: Mapping[str, NDArray[np.float32]]) -> nn.Module:
    """Return torch's model with the numbers of `reading.network.Shipped`, in eval mode."""
    import torch
    from torch import nn

    from mnist_tool.training import models

    model = models.build("robust")
    number = 0
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Conv2d):
                number += 1
                weight = torch.from_numpy(arrays[f"weight-{number}"])
                layer.weight.copy_(weight.permute(3, 2, 0, 1))
            elif isinstance(layer, nn.BatchNorm2d):
                layer.weight.copy_(torch.from_numpy(arrays[f"scale-{number}"]))
                layer.bias.copy_(torch.from_numpy(arrays[f"shift-{number}"]))
                layer.running_var = torch.full_like(layer.weight, 1 - layer.eps)
            elif isinstance(layer, nn.Linear):
                layer.weight.copy_(torch.from_numpy(arrays["weight"]).T)
                layer.bias.copy_(torch.from_numpy(arrays["bias"]))
    return model.eval()
