"""One file with all that a training has become: to use the model, and to go on where it stopped."""

from __future__ import annotations

import io
import math
import pickle
import platform
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mnist_tool.advice import command_line
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import CheckpointError, SettingError
from mnist_tool.files import replacing
from mnist_tool.training import models, settings
from mnist_tool.training.committee import united
from mnist_tool.training.recipes import get_recipe
from mnist_tool.training.records import EPOCH
from mnist_tool.training.settings import MOST_EPOCHS, MOST_MEMBERS, MOST_THREADS, Settings
from mnist_tool.training.unpack import unpack
from mnist_tool.training.validate import (
    Fields,
    Maybe,
    Number,
    Several,
    Table,
    Unfit,
    Whole,
    Word,
    unfit,
)
from mnist_tool.version import __version__

__all__ = ["Checkpoint", "data_identity", "load_weights", "restore_model", "versions"]

FORMAT = "mnist-tool checkpoint 1"


class _Plain:
    """A tensor of numbers in the processor's memory, without a history of its own."""

    def take(self, value: Any, name: str) -> torch.Tensor:
        """Return it; see `validate.Kind`."""
        if type(value) is not torch.Tensor or value.layout is not torch.strided:
            raise unfit(name, value, "a tensor")
        return value.detach()


TENSORS = Several(_Plain(), 1000)
STEPS = Fields(
    {},
    {
        "optimizer": Fields(
            {}, {"steps": Whole(), "means": TENSORS, "squares": TENSORS, "momenta": TENSORS}
        ),
        "done": Whole(),
    },
)
POSITION = Fields(
    {
        "epoch": Whole(0, MOST_EPOCHS),
        "batch": Whole(),
        "order_seed": Maybe(Whole()),
        "first_cost": Number(most=math.inf),
    }
)
MOST_BATCHES = 1_000_000
TRAINER = Fields(
    {
        "steps": STEPS,
        "position": POSITION,
        "costs": Several(Number(), MOST_BATCHES),
        "threads": Whole(1, MOST_THREADS),
        "random": _Plain(),
    },
    {"device": Word(), "random_cuda": _Plain(), "random_mps": _Plain()},
)
KINDS = Fields(
    {
        "recipe": Word(),
        "settings": settings.KINDS,
        "state_dict": Table(_Plain()),
        "trainer": TRAINER,
        "data": Fields({"name": Word(), "sha256": Table(Word())}),
        "versions": Table(Word()),
        "metrics": Several(EPOCH, MOST_EPOCHS),
    },
    {"members": Several(Table(_Plain()), MOST_MEMBERS)},
)


def versions() -> dict[str, str]:
    """Return the versions that the digits of a training depend on."""
    return {
        "mnist_tool": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
    }


def data_identity(dataset: str) -> dict[str, Any]:
    """Return a data set's name and what each of its files is known by, mostly its SHA-256."""
    entry = DATASETS[dataset]
    return {"name": entry.name, "sha256": {file.name: file.identity for file in entry.files}}


@dataclass
class Checkpoint:
    """A training at one moment.

    Parameters
    ----------
    recipe : str
        Name of the recipe.
    settings : dict
        `Settings.as_dict`.
    state_dict : dict of str to Tensor
        The model's weights and buffers; of a committee, those of the member that is or was the
        last to be trained.
    trainer : dict
        What going on needs beside the weights: optimizer, random states, position in the epoch.
    data : dict
        Name of the data set and the SHA-256 of its files, see `data_identity`.
    versions : dict of str to str
        Of this package, torch and Python.
    metrics : list of dict
        One per finished epoch, as in ``metrics.jsonl``.
    members : list of dict of str to Tensor
        Weights and buffers of the members of a committee that were trained before that one.
    """

    recipe: str
    settings: dict[str, Any]
    state_dict: dict[str, torch.Tensor]
    trainer: dict[str, Any]
    data: dict[str, Any]
    versions: dict[str, str] = field(default_factory=versions)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, torch.Tensor]] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the file; whoever reads it finds the old one or the new one, never a part.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        content = {"format": FORMAT} | {name: getattr(self, name) for name in KINDS.needed}
        if self.members:
            content["members"] = self.members
        buffer = io.BytesIO()
        torch.save(content, buffer)
        with replacing(path) as file:
            file.write(buffer.getbuffer())

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a checkpoint; nothing in the file is ever executed.

        Raises
        ------
        CheckpointError
            If it is missing, damaged, or not a checkpoint of this tool.
        """
        content = _read(path)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise _refused(path, "it was not written by this tool")
        try:
            return cls(**KINDS.take(content, ""))
        except Unfit as error:
            raise _refused(path, str(error)) from error

    def expect(self, settings: Settings, path: Path) -> None:
        """Make sure that this is the checkpoint of a training with these settings.

        Parameters
        ----------
        settings : Settings
            Those of the run.
        path : Path
            How the error calls the file.

        Raises
        ------
        CheckpointError
            If it is of another recipe, was trained on other data, for more epochs, or in more
            members.
        """
        recipe, dataset = settings.recipe.name, settings.dataset
        if len(self.metrics) > settings.epochs:
            done, epochs = len(self.metrics), settings.epochs
            raise _refused(path, f"it was trained for {done} epochs, but its run has {epochs}")
        if len(self.members) >= settings.recipe.members:
            held, members = len(self.members) + 1, settings.recipe.members
            raise _refused(path, f"it has {held} members, but its run has {members}")
        if self.recipe != recipe:
            raise _refused(path, f"it is of recipe {self.recipe}, but its run is of {recipe}")
        if self.data != data_identity(dataset):
            raise _refused(
                path,
                f"it was trained on other data: {self.data.get('name')} "
                f"with other files than {dataset} has",
            )


def _read(path: Path) -> Any:
    if not path.is_file():
        raise CheckpointError(f"There is no checkpoint {path}.", hint=f"Train first: {_anew(path)}")
    try:
        return unpack(path)
    except Unfit as error:
        raise _refused(path, str(error)) from error
    except pickle.UnpicklingError as error:
        why = "it holds more than numbers and names, such as code; nothing of it was executed"
        raise _refused(path, why) from error
    except zipfile.BadZipFile as error:
        raise _refused(path, f"it is damaged, or not a checkpoint at all ({error})") from error
    except Exception as error:  # torch.load raises whatever the unpickler met
        raise _refused(path, f"torch cannot read it ({type(error).__name__}: {error})") from error


def _refused(path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint {path} is refused: {why}.",
        hint=f"Choose another run, or train again: {_anew(path)}",
    )


def _anew(path: Path) -> str:
    """Write the command that trains beside the run of a checkpoint."""
    return command_line("train", runs=path.parent.parent)


def restore_model(checkpoint: Checkpoint, path: Path) -> nn.Module:
    """Build the recipe's model with the checkpoint's weights, in eval mode.

    A committee is of the members that are trained to their end, or else of the first as it is.

    Raises
    ------
    CheckpointError
        If the recipe or the data set is unknown here, its model has not these weights, or they are
        no finite numbers; `path` is named.
    """
    try:
        recipe = get_recipe(checkpoint.recipe)
    except SettingError as error:
        raise _refused(path, f"its recipe {checkpoint.recipe!r} is not known here") from error
    dataset = checkpoint.data["name"]
    if dataset not in DATASETS:
        raise _refused(path, f"its data set {dataset!r} is not known here")
    epochs = checkpoint.settings.get("epochs", recipe.epochs)
    trained = checkpoint.trainer["position"]["epoch"] >= epochs or not checkpoint.members
    voters = [*checkpoint.members, *([checkpoint.state_dict] if trained else [])]
    members = [models.build(recipe.model, len(DATASETS[dataset].classes)) for _ in voters]
    for member, weights in zip(members, voters, strict=True):
        load_weights(member, weights, checkpoint.recipe, path)
    return united(members)


def load_weights(
    model: nn.Module, weights: Mapping[str, torch.Tensor], recipe: str, path: Path
) -> None:
    """Put the weights of a checkpoint into a model; refuses what `restore_model` refuses."""
    misfit = _first_misfit(model.state_dict(), weights)
    if misfit is not None:
        raise _refused(
            path,
            f"its weights do not fit recipe {recipe} as this version has it, "
            f"beginning with {misfit}",
        )
    model.load_state_dict(weights)
    if not all(torch.isfinite(each).all() for each in model.state_dict().values()):
        raise _refused(path, "some of its weights are not finite numbers")


def _first_misfit(own: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> str | None:
    """Name the first tensor that is missing, is too many, or has another shape or type."""

    def form(weights: Mapping[str, torch.Tensor], key: str) -> object:
        return (weights[key].shape, weights[key].dtype) if key in weights else None

    return next((key for key in [*own, *given] if form(own, key) != form(given, key)), None)
