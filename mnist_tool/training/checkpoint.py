"""One file with all that a training has become: to use the model, and to go on where it stopped."""

from __future__ import annotations

import io
import platform
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mnist_tool import __version__
from mnist_tool.dataset.registry import get_dataset
from mnist_tool.errors import CheckpointError, SettingError
from mnist_tool.files import replacing
from mnist_tool.training import models
from mnist_tool.training.recipes import get_recipe

__all__ = ["Checkpoint", "data_identity", "restore_model", "versions"]

FORMAT = "mnist-tool checkpoint 1"
KINDS: dict[str, type] = {
    "recipe": str,
    "settings": dict,
    "state_dict": dict,
    "trainer": dict,
    "data": dict,
    "versions": dict,
    "metrics": list,
}


def versions() -> dict[str, str]:
    """Return the versions that the digits of a training depend on."""
    return {
        "mnist_tool": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
    }


def data_identity(dataset: str) -> dict[str, Any]:
    """Return a data set's name and the SHA-256 of each of its files."""
    entry = get_dataset(dataset)
    return {"name": entry.name, "sha256": {file.name: file.sha256 for file in entry.files}}


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
        The model's weights and buffers.
    trainer : dict
        What going on needs beside the weights: optimizer, random states, position in the epoch.
    data : dict
        Name of the data set and the SHA-256 of its files, see `data_identity`.
    versions : dict of str to str
        Of this package, torch and Python.
    metrics : list of dict
        One per finished epoch, as in ``metrics.jsonl``.
    """

    recipe: str
    settings: dict[str, Any]
    state_dict: dict[str, torch.Tensor]
    trainer: dict[str, Any]
    data: dict[str, Any]
    versions: dict[str, str] = field(default_factory=versions)
    metrics: list[dict[str, Any]] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the file; whoever reads it finds the old one or the new one, never a part.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        content = {"format": FORMAT} | {name: getattr(self, name) for name in KINDS}
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
        for name, kind in KINDS.items():
            if not isinstance(content.get(name), kind):
                raise _refused(path, f"its {name} is missing or not a {kind.__name__}")
        return cls(**{name: content[name] for name in KINDS})


def _read(path: Path) -> Any:
    if not path.is_file():
        raise CheckpointError(
            f"There is no checkpoint {path}.", hint="Train first: mnist-tool train"
        )
    try:
        # torch reads what it needs and does not look at every checksum of the zip file.
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise _refused(path, f"its part {damaged} is damaged")
        return torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except zipfile.BadZipFile as error:
        raise _refused(path, f"it is damaged, or not a checkpoint at all ({error})") from error
    except Exception as error:  # torch.load raises whatever the unpickler met
        raise _refused(path, f"torch cannot read it ({type(error).__name__}: {error})") from error


def _refused(path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint {path} is refused: {why}.",
        hint="Choose another run with --run, or train again: mnist-tool train",
    )


def restore_model(checkpoint: Checkpoint, path: Path) -> nn.Module:
    """Build the recipe's model with the checkpoint's weights, in eval mode.

    Raises
    ------
    CheckpointError
        If the recipe is unknown here, or its model has not these weights; `path` is named.
    """
    try:
        model = models.build(get_recipe(checkpoint.recipe).model)
        model.load_state_dict(checkpoint.state_dict)
    except SettingError as error:
        raise _refused(path, f"its recipe {checkpoint.recipe!r} is not known here") from error
    except (RuntimeError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise _refused(
            path, f"its weights do not fit recipe {checkpoint.recipe}: {reason}"
        ) from error
    return model.eval()
