"""The settings of one training: a recipe as it was changed, and what is no recipe's; no torch."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import SettingError
from mnist_tool.training import tuning
from mnist_tool.training.recipes import Recipe, get_recipe
from mnist_tool.training.validate import SHARE, Fields, Maybe, Number, Several, Whole, Word, shown

__all__ = [
    "CHANGEABLE",
    "KINDS",
    "MOST_EPOCHS",
    "MOST_MEMBERS",
    "MOST_THREADS",
    "TUNABLE",
    "Settings",
    "a_tenth",
    "check_threads",
    "most_threads",
]

DEVICES = ("auto", "cpu", "cuda", "mps")
LARGEST_SEED = 2**63 - 1
# What any machine may have been asked for; how many threads this one takes, `check_threads` says.
MOST_EPOCHS, MOST_THREADS = 10_000, 1024
MOST_MEMBERS = 32  # of the largest model, they fit into the largest checkpoint
THREADS_PER_CORE = 4  # more only wait for each other, and with thousands torch hangs or is killed
TORCHS = "to use as many as torch chooses"

# The values of a recipe that ``--set`` changes, with their types.
TUNABLE: dict[str, Any] = {
    name: get_type_hints(Recipe)[name]
    for name in ("optimizer", "schedule", "warm_up", "betas", "label_smoothing", "leave_out")
}
# All values of a recipe that can be changed.
CHANGEABLE = ("epochs", "batch_size", "learning_rate", "seed", "threads", "members", *TUNABLE)

# Which other value of a recipe has to be which, for a changed one to matter.
NEEDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "betas": ("optimizer", ("adam", "muon")),
    "warm_up": ("schedule", ("one-cycle",)),
}

# What a file may say of them; which of these can be used together, `Settings` says.
KINDS = Fields(
    {"recipe": Word()},
    {
        "epochs": Whole(1, MOST_EPOCHS),
        "batch_size": Whole(1),
        "learning_rate": Number(most=sys.float_info.max),
        "seed": Whole(),
        "threads": Maybe(Whole(1, MOST_THREADS)),
        "members": Whole(1, MOST_MEMBERS),
        "optimizer": Word(),
        "schedule": Word(),
        "warm_up": SHARE,
        "betas": Several(SHARE, 2, 2),
        "label_smoothing": SHARE,
        "leave_out": SHARE,
        "validation": Whole(),
        "dataset": Word(),
        "device": Word(),
    },
)


@dataclass(frozen=True)
class Settings:
    """What one training does. Settings that cannot be used are refused when they are made.

    Parameters
    ----------
    recipe : Recipe
        The recipe, with the values that the user changed.
    validation : int
        Training images to hold out, 0 or more.
    dataset : str
        Name of a registered data set.
    device : {'auto', 'cpu', 'cuda', 'mps'}
        Where to train; ``auto`` takes the first there is of cuda, mps, cpu.

    Raises
    ------
    SettingError
        If a value cannot be used.
    """

    recipe: Recipe
    validation: int = 0
    dataset: str = "mnist"
    device: str = "auto"

    def __post_init__(self) -> None:
        self._check_recipe()
        _check_whole("--val", self.validation, 0, None, "to train on all images")
        if self.device not in DEVICES:
            raise SettingError(
                f"There is no device {self.device!r}.", hint=did_you_mean(self.device, DEVICES)
            )
        self._check_counts()

    @classmethod
    def of(cls, recipe: str = "softmax", **changes: Any) -> Settings:
        """Take a recipe by its name and change what is not ``None``.

        Parameters
        ----------
        recipe : str
            Name of the recipe.
        **changes
            Any of the parameters above but ``recipe``, and any value of the recipe that is in
            `CHANGEABLE`.

        Raises
        ------
        SettingError
            If a value cannot be used or would change nothing, or there is no such setting, recipe,
            data set or device.

        Examples
        --------
        >>> Settings.of("softmax", epochs=3, device="cpu").recipe.epochs
        3
        >>> Settings.of("softmax", schedule="one-cycle").as_dict()["schedule"]
        'one-cycle'
        """
        for name in sorted(changes.keys() - set(_names())):
            raise SettingError(
                f"There is no setting {name!r}.", hint=f"There are: {', '.join(sorted(_names()))}."
            )
        settings = cls._changed(recipe, changes)
        _check_effect(settings.recipe)
        return settings

    @classmethod
    def _changed(cls, recipe: str, changes: Mapping[str, Any]) -> Settings:
        given = {key: _tuple(value) for key, value in changes.items() if value is not None}
        changed = {name: given.pop(name) for name in CHANGEABLE if name in given}
        return cls(replace(get_recipe(recipe), **changed), **given)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON and checkpoints, all on one level."""
        values = {name: getattr(self.recipe, name) for name in CHANGEABLE}
        values |= {name: getattr(self, name) for name in _names() if name not in values}
        plain = {key: list(each) if type(each) is tuple else each for key, each in values.items()}
        return {"recipe": self.recipe.name} | plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Settings:
        """Take back what `as_dict` gave; keys of other versions are left out.

        Raises
        ------
        Unfit
            If a value is of the wrong kind.
        SettingError
            If it cannot be used.
        """
        # Versions that left nothing out of an epoch did not say so.
        taken = {"leave_out": 0.0} | KINDS.take(values, "")
        return cls._changed(taken.pop("recipe"), taken)

    def _check_recipe(self) -> None:
        recipe, own = self.recipe, "to use the recipe's own value"
        _check_whole("--epochs", recipe.epochs, 1, MOST_EPOCHS, own)
        _check_whole("--batch-size", recipe.batch_size, recipe.least_batch, None, own)
        _check_whole("--seed", recipe.seed, 0, None, own)
        _check_whole("--members", recipe.members, 1, MOST_MEMBERS, own)
        if recipe.seed > LARGEST_SEED - (recipe.members - 1):
            raise SettingError(
                f"--seed is {shown(recipe.seed)}.",
                hint="Choose one below 2**63, as the last member's must be, too.",
            )
        if self.epochs > MOST_EPOCHS:
            raise SettingError(
                f"--members {recipe.members} of --epochs {recipe.epochs} are {self.epochs} epochs, "
                f"but there must be {MOST_EPOCHS} or less.",
                hint=f"For so many members say: --epochs {MOST_EPOCHS // recipe.members}",
            )
        if recipe.threads is not None:
            _check_whole("--threads", recipe.threads, 1, MOST_THREADS, TORCHS)
        rate = recipe.learning_rate
        if type(rate) not in (float, int) or not 0 < rate <= sys.float_info.max:
            raise SettingError(
                f"--learning-rate is {shown(rate)}, but it must be a number above 0.",
                hint=f"The recipe's own is {get_recipe(recipe.name).learning_rate}.",
            )
        for name, kind in TUNABLE.items():
            tuning.check(name, getattr(recipe, name), kind)

    @property
    def epochs(self) -> int:
        """How many epochs all members take together."""
        return self.recipe.members * self.recipe.epochs

    def of_member(self, number: int) -> Settings:
        """Return what trains one member of a committee by itself.

        Parameters
        ----------
        number : int
            Which one, from 1; each has the seed behind that of the one before.
        """
        return replace(
            self, recipe=replace(self.recipe, members=1, seed=self.recipe.seed + number - 1)
        )

    def reached(self, done: int) -> str:
        """Say where a training stands: ``epoch 3 of 15``, or ``member 2 of 5``.

        Parameters
        ----------
        done : int
            Epochs that all members together have done.
        """
        recipe = self.recipe
        member, epoch = divmod(done, recipe.epochs)
        if recipe.members == 1:
            return f"epoch {done} of {recipe.epochs}"
        if not epoch:
            return f"member {member} of {recipe.members}"
        return f"epoch {epoch} of {recipe.epochs} of member {member + 1} of {recipe.members}"

    @property
    def classes(self) -> int:
        """How many things the model tells apart: as many as the data set has."""
        return len(DATASETS[self.dataset].classes)

    def _check_counts(self) -> None:
        """Make sure that an epoch has a batch."""
        total = DATASETS[self.dataset].count("train")
        size = self.recipe.batch_size
        if size > total:
            raise SettingError(
                f"--batch-size is {shown(size)}, but {self.dataset} has {total} images.",
                hint=f"Take fewer at a time: --batch-size {a_tenth(total, self.recipe)}",
            )
        left = max(0, total - self.validation)
        if left < size:
            raise SettingError(
                f"--val is {shown(self.validation)}, but that leaves {left} of the {total} images "
                f"of {self.dataset} to train on, and a batch is {size}.",
                hint=f"Hold out at most {total - size}: --val {total - size}",
            )
        taken = self.recipe.taken(left)
        if taken < size:
            raise SettingError(
                f"With leave-out={shown(self.recipe.leave_out)} an epoch takes {taken} of {left} "
                f"images, and a batch is {size}.",
                hint="Leave none out: --set leave-out=0",
            )


def a_tenth(images: int, recipe: Recipe) -> int:
    """Return a batch size with which an epoch of few images has about ten steps."""
    return max(recipe.least_batch, images // 10)


def _check_effect(recipe: Recipe) -> None:
    """Refuse a changed value that this training would not look at."""
    own = get_recipe(recipe.name)
    for name, (other, values) in NEEDS.items():
        value, there = getattr(recipe, name), getattr(recipe, other)
        if value != getattr(own, name) and there not in values:
            raise SettingError(
                f"--set {tuning.option_name(name)} has no effect where {other} is {there}.",
                hint=f"Add: --set {other}={values[0]}",
            )


def _names() -> list[str]:
    """Return the names of all settings but the recipe's."""
    return [*CHANGEABLE, *(each.name for each in fields(Settings) if each.name != "recipe")]


def _tuple(value: Any) -> Any:
    """Return a list as a tuple: JSON, in which settings are kept, has only lists."""
    return tuple(value) if isinstance(value, list) else value


def most_threads() -> int:
    """Return how many threads a training may use on this machine."""
    return min(MOST_THREADS, THREADS_PER_CORE * (os.cpu_count() or 1))


def check_threads(threads: int | None) -> None:
    """Make sure that this machine can train with so many threads.

    Raises
    ------
    SettingError
        If it cannot: with thousands, torch hangs or ends the process.
    """
    if threads is not None:
        _check_whole("--threads", threads, 1, most_threads(), TORCHS, " on this machine")


def _check_whole(
    option: str, value: int, least: int, most: int | None, without: str, where: str = ""
) -> None:
    """Refuse what is no whole number from `least` to `most`; say what leaving it out does."""
    if type(value) is not int:
        right = "a whole number"
    elif value < least:
        right = f"{least} or more"
    elif most is not None and value > most:
        right = f"{most} or less{where}"
    else:
        return
    raise SettingError(
        f"{option} is {shown(value)}, but it must be {right}.",
        hint=f"Leave {option} out {without}.",
    )
