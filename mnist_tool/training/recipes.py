"""Every recipe as data: its model, its settings, and what it reached when measured; no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from mnist_tool.advice import did_you_mean
from mnist_tool.errors import SettingError

__all__ = ["RECIPES", "Expected", "Recipe", "get_recipe"]


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
        Median time of one training, without starting up and without the test, some while other
        work was going on; where no machine was kept, of ``cnn`` and ``cnn-deep`` on one thread, of
        the others on two cores.
    versions, date : str
        Of torch, and when.
    minimum, maximum : float, optional
        Accuracy of the worst seed and of the best; ``None`` where they were not kept.
    machine : str
        The processor and how many cores; empty where it was not kept.
    """

    accuracy: float
    spread: float
    seeds: int
    seconds: float
    versions: str
    date: str
    minimum: float | None = None
    maximum: float | None = None
    machine: str = ""


@dataclass(frozen=True)
class Recipe:
    """How to train one kind of model; adding a recipe is adding one of these to ``RECIPES``.

    Parameters
    ----------
    name : str
        The word for ``--recipe``.
    title : str
        What it is, in a few words.
    model : str
        A key of ``models.MODELS``.
    lab : str
        Number of its lab in the lecture's course; empty where it is our own.
    optimizer : {'sgd', 'adam', 'muon'}
        How the gradient changes the weights.
    learning_rate : float
        Its step size, with ``one-cycle`` the largest; with ``muon`` that of its Adam.
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
    leave_out : float
        Share of the images that an epoch does without, 0 to below 1; each epoch without others.
    threads : int, optional
        Threads of the processor with which it was fastest when measured (``threads-NAME`` of the
        benchmarks); by default as many as torch chooses, as in the lecture.
    least_batch : int
        Images that a batch must have: a single one cannot be normalised over the batch.
    drawn : float
        Digits, drawn as people all over the world write them, that an epoch trains on as well, for
        each image of the split; and what `data.with_drawn` adds to them: half as many images that
        show none or several, which are to be taken for all digits alike.
    by_hand : bool
        Whether its gradients are written out, and its cost is the squared error of sigmoids, see
        `by_hand.back_propagate`.
    members : int
        Models that are trained one after the other, each with the next seed, and asked together.
    raw_accuracy : bool
        Whether the lecture measured this model on pixels 0 to 255, so that both are reported.
    expected : Expected, optional
        What we measured.
    """

    name: str
    title: str
    model: str
    lab: str = ""
    optimizer: Literal["sgd", "adam", "muon"] = "adam"
    learning_rate: float = 0.001
    epochs: int = 15
    batch_size: int = 100
    seed: int = 777
    schedule: Literal["constant", "one-cycle"] = "constant"
    warm_up: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
    label_smoothing: float = 0.0
    leave_out: float = 0.0
    threads: int | None = None
    least_batch: int = 1
    drawn: float = 0.0
    by_hand: bool = False
    members: int = 1
    raw_accuracy: bool = True
    expected: Expected | None = None

    def taken(self, images: int) -> int:
        """Return how many of so many images an epoch takes."""
        return round(images * (1 - self.leave_out))


MEASURED = ("torch 2.14.1", "2026-11-25")
MEASURED_LATER = ("torch 2.14.1", "2026-11-28")
MEASURED_LAST = ("torch 2.14.1", "2026-11-29")
XEON = "Intel Xeon Processor, 2 cores"
EPYC = "AMD EPYC, 1 of 2 cores"
ONE_CORE = "Intel Xeon Processor, 1 of 2 cores"

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "softmax",
            "linear",
            "linear",
            lab="07-2",
            optimizer="sgd",
            learning_rate=0.1,
            expected=Expected(
                0.92281, 0.00078, 100, 1.25, *MEASURED_LATER, 0.9206, 0.9242, ONE_CORE
            ),
        ),
        Recipe(
            "mlp-by-hand",
            "30, by hand",
            "mlp-by-hand",
            lab="08-4",
            optimizer="sgd",
            learning_rate=0.5,
            epochs=2,
            batch_size=10,
            threads=1,
            by_hand=True,
            expected=Expected(0.91619, 0.03265, 100, 8.46, *MEASURED_LAST, 0.7509, 0.9353, EPYC),
        ),
        Recipe(
            "softmax-adam",
            "linear, normal",
            "linear-normal",
            lab="09-1",
            expected=Expected(
                0.89970, 0.00222, 100, 3.15, *MEASURED_LATER, 0.8945, 0.9051, ONE_CORE
            ),
        ),
        Recipe(
            "mlp",
            "256-256, normal",
            "mlp-normal",
            lab="09-2",
            expected=Expected(0.9486, 0.0035, 3, 21.2, *MEASURED),
        ),
        Recipe(
            "mlp-xavier",
            "256-256, Xavier",
            "mlp-xavier",
            lab="09-3",
            expected=Expected(0.97947, 0.00189, 43, 50.4, *MEASURED_LAST, 0.9754, 0.9832, EPYC),
        ),
        Recipe(
            "mlp-deep",
            "4 x 512, Xavier",
            "mlp-deep",
            lab="09-4",
            expected=Expected(0.9789, 0.0021, 3, 107, "torch 2.15.0", "2026-11-24"),
        ),
        Recipe(
            "mlp-dropout",
            "4 x 512, drop",
            "mlp-dropout",
            lab="09-5",
            expected=Expected(0.9813, 0.0005, 3, 116, *MEASURED),
        ),
        Recipe(
            "mlp-batchnorm",
            "32-32, norm",
            "mlp-batchnorm",
            lab="09-6",
            learning_rate=0.01,
            epochs=10,
            batch_size=32,
            threads=1,
            least_batch=2,
            expected=Expected(0.97234, 0.00176, 100, 26.5, *MEASURED_LAST, 0.9652, 0.9767, EPYC),
        ),
        Recipe(
            "mlp-plain",
            "32-32",
            "mlp-plain",
            lab="09-6",
            learning_rate=0.01,
            epochs=10,
            batch_size=32,
            expected=Expected(0.95543, 0.00464, 100, 19.4, *MEASURED_LAST, 0.9287, 0.9645, EPYC),
        ),
        Recipe(
            "mlp-selu",
            "4 x 512, SELU",
            "mlp-selu",
            lab="09-7",
            expected=Expected(0.9735, 0.0005, 3, 133, "torch 2.14.1", "2026-11-28"),
        ),
        Recipe(
            "cnn",
            "2 conv.",
            "cnn",
            lab="10-1",
            expected=Expected(0.9895, 0.0013, 3, 454, "torch 2.15.0", "2026-11-24"),
        ),
        Recipe(
            "cnn-deep",
            "3 conv., drop",
            "cnn-deep",
            lab="10-2",
            expected=Expected(0.9925, 0.0003, 2, 906, "torch 2.15.0", "2026-11-24"),
        ),
        Recipe("cnn-ensemble", "2 x 3 conv.", "cnn-dropout", lab="10-4", members=2),
        Recipe(
            "fast-cnn",
            "2 conv., 5 views",
            "fast-cnn",
            optimizer="muon",
            learning_rate=0.03,
            epochs=1,
            batch_size=256,
            schedule="one-cycle",
            betas=(0.8, 0.95),
            label_smoothing=0.1,
            leave_out=0.1,
            least_batch=2,
            raw_accuracy=False,
            expected=Expected(0.99320, 0.00056, 100, 1.43, *MEASURED_LATER, 0.9918, 0.9945, XEON),
        ),
        Recipe(
            "best",
            "5 conv., 5 views",
            "best",
            optimizer="muon",
            learning_rate=0.01,
            epochs=12,
            batch_size=128,
            schedule="one-cycle",
            warm_up=0.2,
            betas=(0.9, 0.99),
            label_smoothing=0.05,
            raw_accuracy=False,
            expected=Expected(0.99737, 0.00035, 10, 391, *MEASURED_LATER, 0.9969, 0.9979, ONE_CORE),
        ),
        Recipe(
            "tiny",
            "5 conv., narrow",
            "tiny",
            learning_rate=0.02,
            epochs=16,
            batch_size=128,
            schedule="one-cycle",
            warm_up=0.2,
            betas=(0.9, 0.99),
            raw_accuracy=False,
            expected=Expected(0.99540, 0.00043, 10, 81.1, *MEASURED_LATER, 0.9947, 0.9959, XEON),
        ),
        Recipe(
            "robust",
            "5 conv., photos",
            "robust",
            learning_rate=0.004,
            epochs=20,
            batch_size=128,
            schedule="one-cycle",
            warm_up=0.2,
            betas=(0.9, 0.99),
            drawn=0.4,
            raw_accuracy=False,
            expected=Expected(0.9955, 0.0, 1, 2657, *MEASURED_LAST, machine=EPYC),
        ),
    )
}

RECIPES["sprint"] = replace(
    RECIPES["fast-cnn"],
    name="sprint",
    title="half of fast-cnn",
    leave_out=0.55,
    expected=Expected(0.99067, 0.00072, 100, 0.71, *MEASURED_LATER, 0.9891, 0.9925, XEON),
)
RECIPES["committee"] = replace(
    RECIPES["best"],
    name="committee",
    title="3 of best",
    members=3,
    expected=Expected(0.99777, 0.00035, 3, 1180, *MEASURED_LATER, 0.9974, 0.9981, ONE_CORE),
)


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
    raise SettingError(
        f"There is no recipe {name!r}.", hint=did_you_mean(name, RECIPES, "--recipe {}")
    )
