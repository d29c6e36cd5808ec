"""Every recipe as data: its model, its settings, and what it reached when measured; no torch."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_type_hints

from mnist_tool.dataset.registry import get_dataset
from mnist_tool.errors import SettingError
from mnist_tool.training import tuning

__all__ = ["RECIPES", "Expected", "Recipe", "Settings", "get_recipe", "tunable"]

Device = Literal["auto", "cpu", "cuda", "mps"]
DEVICES = ("auto", "cpu", "cuda", "mps")
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Expected:
    """What a recipe reached on the 10,000 test images, measured by us.

    Parameters
    ----------
    accuracy, spread : float
        Mean of the seeds, and their standard deviation; pixels 0 to 1; shares, not percent.
    seeds : int
        Number of trainings, each with its own seed.
    seconds : float
        Median time of one training, without starting up and without the test: of ``cnn`` and
        ``cnn-deep`` on one thread, of the others on two cores; some while other work was going on.
    versions, date : str
        Of torch, and when.
    """

    accuracy: float
    spread: float
    seeds: int
    seconds: float
    versions: str
    date: str


@dataclass(frozen=True)
class Recipe:
    """How to train one kind of model; adding a recipe is adding one of these to ``RECIPES``.

    Parameters
    ----------
    name : str
        The word for ``--recipe``.
    title : str
        What it is, in a few words, with the number of its lab in the lecture's course.
    model : str
        A key of ``models.MODELS``.
    optimizer : {'sgd', 'adam'}
        How the gradient changes the weights.
    learning_rate : float
        Its step size, with ``one-cycle`` the largest.
    epochs, batch_size, seed : int
        As usual; the last images that do not fill a batch are left out of an epoch.
    schedule : {'constant', 'one-cycle'}
        How the learning rate changes, see `adam.one_cycle`.
    warm_up : float
        Share of the training after which ``one-cycle`` is at its top.
    betas : tuple of float
        Of Adam.
    label_smoothing : float
        Share of the truth that is spread over all ten digits, 0 to 1.
    threads : int, optional
        Threads of the processor with which it was fastest when measured (``threads-NAME`` of the
        benchmarks); by default as many as torch chooses, as in the lecture.
    least_batch : int
        Images that a batch must have: a single one cannot be normalised over the batch.
    raw_accuracy : bool
        Whether the lecture measured this model on pixels 0 to 255, so that both are reported.
    expected : Expected, optional
        What we measured.
    """

    name: str
    title: str
    model: str
    optimizer: Literal["sgd", "adam"] = "adam"
    learning_rate: float = 0.001
    epochs: int = 15
    batch_size: int = 100
    seed: int = 777
    schedule: Literal["constant", "one-cycle"] = "constant"
    warm_up: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
    label_smoothing: float = 0.0
    threads: int | None = None
    least_batch: int = 1
    raw_accuracy: bool = True
    expected: Expected | None = None


MEASURED = ("torch 2.14.1", "2026-11-25")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("softmax", "linear (the lecture)", "linear",
               optimizer="sgd", learning_rate=0.1,
               expected=Expected(0.9228, 0.0009, 10, 1.03, *MEASURED)),
        Recipe("softmax-adam", "linear, normal, 09-1", "linear-normal",
               expected=Expected(0.8983, 0.0016, 3, 2.9, *MEASURED)),
        Recipe("mlp", "256-256, normal, 09-2", "mlp-normal",
               expected=Expected(0.9486, 0.0035, 3, 21.2, *MEASURED)),
        Recipe("mlp-xavier", "256-256, Xavier, 09-3", "mlp-xavier",
               expected=Expected(0.9793, 0.0034, 3, 19.9, *MEASURED)),
        Recipe("mlp-deep", "4 x 512, Xavier, 09-4", "mlp-deep",
               expected=Expected(0.9789, 0.0021, 3, 107, "torch 2.15.0", "2026-11-24")),
        Recipe("mlp-dropout", "4 x 512, drop, 09-5", "mlp-dropout",
               expected=Expected(0.9813, 0.0005, 3, 116, *MEASURED)),
        Recipe("mlp-batchnorm", "32-32, norm, 09-6",
               "mlp-batchnorm", learning_rate=0.01, epochs=10, batch_size=32, threads=1,
               least_batch=2, expected=Expected(0.9732, 0.0001, 3, 10.5, *MEASURED)),
        Recipe("mlp-plain", "32-32, 09-6",
               "mlp-plain", learning_rate=0.01, epochs=10, batch_size=32,
               expected=Expected(0.9541, 0.0033, 3, 8.14, *MEASURED)),
        Recipe("cnn", "2 conv., 10-1", "cnn",
               expected=Expected(0.9895, 0.0013, 3, 454, "torch 2.15.0", "2026-11-24")),
        Recipe("cnn-deep", "3 conv., drop, 10-2", "cnn-deep",
               expected=Expected(0.9925, 0.0003, 2, 906, "torch 2.15.0", "2026-11-24")),
        Recipe("fast-cnn", "2 conv., 5 views", "fast-cnn",
               learning_rate=0.018, epochs=1, batch_size=256, schedule="one-cycle",
               betas=(0.7, 0.9), label_smoothing=0.1, least_batch=2, raw_accuracy=False,
               expected=Expected(0.9928, 0.0005, 10, 1.65, *MEASURED)),
        Recipe("best", "5 conv., 5 views", "best",
               learning_rate=0.004, epochs=10, batch_size=128, schedule="one-cycle", warm_up=0.2,
               betas=(0.9, 0.99), label_smoothing=0.05, raw_accuracy=False,
               expected=Expected(0.9973, 0.0002, 3, 210, *MEASURED)),
    )
}  # fmt: skip


def get_recipe(name: str) -> Recipe:
    """Return a recipe by its name.

    Raises
    ------
    SettingError
        If there is none of that name; the hint names the nearest one.

    Examples
    --------
    >>> get_recipe("softmax").learning_rate
    0.1
    """
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1)
    raise SettingError(
        f"There is no recipe {name!r}.",
        hint=f"Did you mean --recipe {near[0]}?"
        if near
        else f"Choose one of: {', '.join(RECIPES)}.",
    )


@dataclass(frozen=True)
class Settings:
    """What one training does: a recipe's settings with what the user changed.

    Parameters
    ----------
    recipe : str
        Name of the recipe; model and optimizer come from it.
    epochs, batch_size, seed : int
        At least 1, at least 1, and 0 to 2**63 - 1.
    learning_rate : float
        Above 0.
    validation : int
        Training images to hold out, 0 or more.
    dataset : str
        Name of a registered data set.
    device : {'auto', 'cpu', 'cuda', 'mps'}
        Where to train; ``auto`` takes the first there is of cuda, mps, cpu.
    threads : int, optional
        Threads of the processor; ``None`` for as many as torch chooses, as in the lecture. The last
        digits of the costs depend on it.
    tuning : mapping of str to value
        All other values of the recipe that can be changed, see `tunable`.
    """

    recipe: str
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    validation: int = 0
    dataset: str = "mnist"
    device: str = "auto"
    threads: int | None = None
    tuning: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, recipe: str = "softmax", **changes: Any) -> Settings:
        """Take a recipe's settings, change those that are not ``None``, and check them.

        Parameters
        ----------
        recipe : str
            Name of the recipe.
        **changes
            Any of the parameters above but ``tuning``, and any name that `tunable` gives.

        Raises
        ------
        SettingError
            If a value cannot be used, or there is no such setting, recipe, data set or device.

        Examples
        --------
        >>> Settings.of("softmax", epochs=3).epochs
        3
        >>> Settings.of("softmax", schedule="one-cycle").as_dict()["schedule"]
        'one-cycle'
        """
        base = get_recipe(recipe)
        known = OPTIONS | tunable().keys()
        for name in sorted(changes.keys() - known):
            raise SettingError(
                f"There is no setting {name!r}.", hint=f"There are: {', '.join(sorted(known))}."
            )
        # JSON knows no tuples.
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in changes.items()
            if value is not None
        }
        tuned = {name: given.pop(name, getattr(base, name)) for name in tunable()}
        own = cls(recipe, base.epochs, base.batch_size, base.learning_rate, base.seed,
                  threads=base.threads, tuning=tuned)  # fmt: skip
        return replace(own, **given).checked()

    def checked(self) -> Settings:
        """Return these settings, if all of them can be used; otherwise raise `SettingError`."""
        own = "to use the recipe's own value"
        _at_least("--epochs", self.epochs, 1, own)
        _at_least("--batch-size", self.batch_size, get_recipe(self.recipe).least_batch, own)
        _at_least("--val", self.validation, 0, "to train on all images")
        _at_least("--seed", self.seed, 0, own)
        if self.threads is not None:
            _at_least("--threads", self.threads, 1, "to use as many as torch chooses")
        if self.seed > LARGEST_SEED:
            raise SettingError(f"--seed is {self.seed}.", hint="Choose one below 2**63.")
        rate = self.learning_rate
        if not isinstance(rate, float | int) or not 0 < rate < math.inf:
            raise SettingError(
                f"--learning-rate is {self.learning_rate}, but it must be a number above 0.",
                hint=f"The recipe's own is {get_recipe(self.recipe).learning_rate}.",
            )
        if self.device not in DEVICES:
            raise SettingError(
                f"There is no device {self.device!r}.", hint=f"Choose one of: {', '.join(DEVICES)}."
            )
        for name, kind in tunable().items():
            tuning.check(name, self.tuning[name], kind)
        self._check_counts()
        return self

    def _check_counts(self) -> None:
        total = get_dataset(self.dataset).file("train", "images").shape[0]
        if self.batch_size > total:
            raise SettingError(
                f"--batch-size is {self.batch_size}, but {self.dataset} has {total} images.",
                hint=f"Choose one up to {total}.",
            )
        left = max(0, total - self.validation)
        if left < self.batch_size:
            raise SettingError(
                f"--val is {self.validation}, but that leaves {left} of the {total} images of "
                f"{self.dataset} to train on, and a batch is {self.batch_size}.",
                hint=f"Hold out at most {total - self.batch_size}: --val {total - self.batch_size}",
            )

    def tuned(self) -> Recipe:
        """Return the recipe with the values of these settings in place of its own."""
        own = {"epochs", "batch_size", "learning_rate", "seed", "threads"}
        changes = {name: getattr(self, name) for name in own}
        return replace(get_recipe(self.recipe), **changes, **self.tuning)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON and checkpoints, all on one level."""
        values: dict[str, Any] = asdict(self)
        values |= values.pop("tuning")
        return {key: list(each) if type(each) is tuple else each for key, each in values.items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Take back what `as_dict` gave; keys of other versions are left out."""
        names = OPTIONS | tunable().keys() | {"recipe"}
        return cls.of(**{key: value for key, value in values.items() if key in names})


# The settings with an option each on the command line.
OPTIONS = {each.name for each in fields(Settings)} - {"recipe", "tuning"}


def tunable() -> dict[str, Any]:
    """Return the type of each value of a recipe that ``--set`` changes, by its name.

    Examples
    --------
    >>> list(tunable())
    ['optimizer', 'schedule', 'warm_up', 'betas', 'label_smoothing']
    """
    kinds = get_type_hints(Recipe)
    fixed = {"name", "title", "model", "least_batch", "raw_accuracy", "expected"}
    return {name: kind for name, kind in kinds.items() if name not in fixed | OPTIONS}


def _at_least(option: str, value: int, least: int, without: str) -> None:
    if type(value) is not int:
        raise SettingError(
            f"{option} is {value!r}, but it must be a whole number.",
            hint=f"Leave {option} out {without}.",
        )
    if value < least:
        raise SettingError(
            f"{option} is {value}, but it must be {least} or more.",
            hint=f"Leave {option} out {without}.",
        )
