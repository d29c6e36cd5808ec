"""Keep the networks of a measurement in a folder, so that a committee can be made of them."""

from __future__ import annotations

import hashlib
import io
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from mnist_tool.replacement import replace_content
from mnist_tool.training import models
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer

__all__ = ["NetsFolder", "train"]

# Of a recipe, what changes nothing about how one network of it is trained.
TELLING = {"name", "title", "lab", "expected", "raw_accuracy"}


def train(settings: Settings, split: tuple[Tensor, Tensor]) -> tuple[nn.Module, float]:
    """Return a network, trained, and the seconds that took."""
    trainer = Trainer(settings, *split)
    began = time.perf_counter()
    for _ in trainer.epochs():
        pass
    return trainer.model, time.perf_counter() - began


class NetsFolder:
    """A file for each network, named after all that it was trained with.

    Parameters
    ----------
    path : Path
        The folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def train(self, settings: Settings, split: tuple[Tensor, Tensor]) -> tuple[nn.Module, float]:
        """Return what `train` returns, from the folder where it is there."""
        file = self._path / f"{_key(settings)}.pt"
        if file.exists():
            kept = torch.load(file, weights_only=True)
            model = models.build(settings.recipe.model)
            model.load_state_dict(kept["model"])
            return model, kept["seconds"]
        model, seconds = train(settings, split)
        content = io.BytesIO()
        torch.save({"model": model.state_dict(), "seconds": seconds}, content)
        replace_content(file, content.getvalue(), "network", "--nets", ours=b"")
        return model, seconds


def _key(settings: Settings) -> str:
    """Return one word for all that a network depends on, torch and the number of threads too."""
    values = asdict(settings)
    recipe = {name: each for name, each in values.pop("recipe").items() if name not in TELLING}
    network = models.build(settings.recipe.model)
    text = f"{recipe} {values} {network} {torch.__version__} {torch.get_num_threads()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
