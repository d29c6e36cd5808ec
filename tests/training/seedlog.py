"""Keep each seed of a measurement in a file of JSON lines, from which it can go on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mnist_tool.advice import reason
from mnist_tool.errors import SettingError
from mnist_tool.replacement import replace_content
from mnist_tool.training import models
from mnist_tool.training.recipes import Recipe
from mnist_tool.training.settings import CHANGEABLE, KINDS, Settings
from mnist_tool.training.validate import Fields, Number, Unfit, Whole, Word, read_json

__all__ = ["SeedLog", "Trained"]

OPTION = "--log"
LINE = Fields(
    {
        "seed": Whole(),
        "accuracy": Number(0.0, 1.0),
        "seconds": Number(),
        "settings": KINDS,
        "network": Word(),
        "machine": Word(),
        "versions": Word(),
    }
)
RESULT = ("seed", "accuracy", "seconds")


@dataclass(frozen=True)
class Trained:
    """What one training came to."""

    seed: int
    accuracy: float
    seconds: float


class SeedLog:
    """The lines of one measurement, perhaps among those of other recipes.

    One process at a time writes a log: each line is added by writing the file anew, whole or not
    at all, so that no line is ever half there.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    settings : Settings
        What is measured; its seed does not matter.
    machine, versions : str
        On what.
    """

    def __init__(self, path: Path, settings: Settings, machine: str, versions: str) -> None:
        self._path = path
        plain = {name: each for name, each in settings.as_dict().items() if name != "seed"}
        self._same = {
            "settings": KINDS.take(plain, ""),
            "network": _network(settings.recipe),
            "machine": machine,
            "versions": versions,
        }

    def read(self) -> dict[int, Trained]:
        """Return what was measured of this recipe, by its seed.

        Raises
        ------
        SettingError
            If the file cannot be read, if it is no such log, or if the recipe was measured with
            other settings, with another network or elsewhere: that is another measurement.
            What else the code does is not looked at.
        """
        found: dict[int, Trained] = {}
        for number, text in enumerate(self._text().splitlines(), 1):
            try:
                line = LINE.take(read_json(text), "")
            except Unfit as error:
                raise self._refused(f"is no log of seeds: line {number}: {error}") from error
            if line["settings"]["recipe"] != self._same["settings"]["recipe"]:
                continue
            for name, value in self._same.items():
                if line[name] != value:
                    raise self._refused(
                        f"is of another measurement: in line {number} the {name} "
                        f"{'are' if name.endswith('s') else 'is'} {_told(line[name], value)}"
                    )
            if line["seed"] in found:
                raise self._refused(f"has seed {line['seed']} twice, again in line {number}")
            found[line["seed"]] = Trained(*(line[name] for name in RESULT))
        return found

    def add(self, trained: Trained) -> None:
        """Keep one more."""
        line = {name: getattr(trained, name) for name in RESULT} | self._same
        content = self._text() + json.dumps(line) + "\n"
        replace_content(self._path, content.encode(), "log of seeds", OPTION, ours=b"")

    def _text(self) -> str:
        try:
            return self._path.read_text("utf-8") if self._path.exists() else ""
        except OSError as error:
            raise self._refused(f"cannot be read: {reason(error)}") from error
        except UnicodeDecodeError as error:
            raise self._refused("is no text") from error

    def _refused(self, why: str) -> SettingError:
        return SettingError(
            f"The log {self._path} {why}.", hint=f"Name another file: {OPTION} FILE"
        )


def _network(recipe: Recipe) -> str:
    """Return what changes with a recipe's network, and with the values that are no settings."""
    told = {"title", "lab", "expected", "seed", *CHANGEABLE}  # or nothing that is trained by
    values = {name: each for name, each in asdict(recipe).items() if name not in told}
    text = f"{values} {models.build(recipe.model)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _told(there: Any, here: Any) -> str:
    """Say how two values differ, of settings only those that do."""
    if isinstance(there, dict):
        names = sorted({*there, *here})
        differ = [name for name in names if there.get(name) != here.get(name)]
        return ", ".join(f"{name} {there.get(name)} (now {here.get(name)})" for name in differ)
    return f"{there!r} (now {here!r})"
