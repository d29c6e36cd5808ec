"""Comparisons about convolutional networks: how accurate, how quick, how large in memory."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from tests.benchmarks.harness import Comparison, Sample, Side, rates

__all__ = ["COMPARISONS"]

SIDES = ("-m", "tests.benchmarks.sides")
FIVE_MINUTES = 300
ENOUGH = 0.99  # how accurate a training has to be whose time is compared


def tell(ours: Sample, theirs: Sample) -> str:
    """Say how accurate both are."""
    mine, other = ours.said["accuracies"], theirs.said["accuracies"]
    return (
        f"{ours.said['accuracy']:.2%}, mean of {len(mine)} seeds "
        f"({min(mine):.2%} to {max(mine):.2%}, sd {statistics.stdev(mine):.3%}), "
        f"beside {other[-1]:.2%} after {len(other)} epochs"
    )


def below_99(ours: Sample, _theirs: Sample) -> str:
    """Say if our mean accuracy is below 99 %, where the other side stops as soon as it is there."""
    mean = ours.said["accuracy"]
    return "" if mean >= ENOUGH else f"not accurate enough: {mean:.2%}"


def not_the_best(ours: Sample, theirs: Sample) -> str:
    """Say if ours is not the more accurate one, below 99.65 %, or above five minutes."""
    enough = ours.said["accuracy"] >= max(0.9965, theirs.said["accuracy"])
    quick = ours.said["seconds"] <= FIVE_MINUTES
    return "" if enough and quick else f"{tell(ours, theirs)}, in {ours.said['seconds']:.0f} s"


def tell_means(ours: Sample, theirs: Sample) -> str:
    """Say how accurate both are in the mean, and what the other trained on in its time."""
    mine, other = (f"{each.said['accuracy']:.2%}" for each in (ours, theirs))
    epochs = theirs.said.get("epochs")
    after = f" after {epochs:.1f} epochs" if epochs else ""
    return f"{mine} in {_times(len(ours.said['accuracies']), 'mean')}, beside {other}{after}"


def _times(seeds: int, what: str) -> str:
    return "one training" if seeds == 1 else f"the {what} of {seeds} seeds"


def less_accurate(ours: Sample, theirs: Sample) -> str:
    """Say if ours is the less accurate one."""
    less = ours.said["accuracy"] < theirs.said["accuracy"]
    return f"less accurate: {tell_means(ours, theirs)}" if less else ""


def other_digits(ours: Sample, theirs: Sample) -> str:
    """Say if the same network predicts other digits: a thousandth may be as likely as another."""
    pairs = list(zip(ours.said["digits"], theirs.said["digits"], strict=True))
    differ = sum(one != other for one, other in pairs)
    return f"{differ} of {len(pairs)} predictions differ" if differ > len(pairs) / 1000 else ""


def trained(recipe: str, seeds: int) -> Side:
    """Return a recipe as it stands, once for each seed."""
    words = ("our_accuracy", "{root}", f"recipe={recipe}", f"seeds={seeds}")
    return Side(f"recipe {recipe}, {_times(seeds, 'median')}", (*SIDES, *words))


def beside_the_loop(recipe: str) -> Comparison:
    """Compare a recipe with its network as people train one."""
    words = ("plain_loop", "{root}", "seeds=3", f"enough={ENOUGH}", "epochs=5")
    label = "its network in a loop as of Keras until 99 %, at most 5 epochs"
    return _beside(f"{recipe}-loop", recipe, Side(label, (*SIDES, *words)), below_99)


def beside_the_author(recipe: str) -> Comparison:
    """Compare a recipe with the quickest training that was published."""
    words = ("author_loop", "{root}", "seeds=3")
    side = Side("train_mnist_fast, one epoch", (*SIDES, *words))
    return _beside(f"{recipe}-author", recipe, side, less_accurate)


def _beside(
    name: str, recipe: str, theirs: Side, wrong: Callable[[Sample, Sample], str]
) -> Comparison:
    return Comparison(
        name,
        trained(recipe, 3),
        theirs,
        reach=1,
        measure="said",
        wrong=wrong,
        tell=tell_means,
        rounds=3,
    )


def predictions(recipe: str) -> Comparison:
    """Compare how a recipe's network is asked for 10,000 images."""
    words = ("{root}", f"recipe={recipe}")
    return Comparison(
        f"predict-{recipe}",
        Side(f"10,000 images through {recipe}", (*SIDES, "our_predictions", *words)),
        Side("the same network, a DataLoader", (*SIDES, "loader_predictions", *words)),
        reach=1,
        measure="said",
        wrong=other_digits,
        tell=rates,
        rounds=3,
    )


def memory(recipe: str, label: str, words: tuple[str, ...]) -> Comparison:
    """Compare the largest size of a process that trains a recipe for an epoch and tests it."""
    ours = (*SIDES, "our_epochs", "{root}", f"recipe={recipe}", "epochs=1", "tested=1")
    return Comparison(
        f"{recipe}-memory",
        Side(f"an epoch of {recipe}", ours),
        Side(label, (*SIDES, *words)),
        reach=0,
        measure="memory",
        rounds=1,
    )


COMPARISONS = (
    Comparison(
        "fast-cnn",
        Side(
            "recipe fast-cnn, median of 10 seeds",
            (*SIDES, "our_accuracy", "{root}", "recipe=fast-cnn", "seeds=10"),
        ),
        Side(
            "PyTorch's example until it reaches 99 %",
            (*SIDES, "example", "{root}", f"enough={ENOUGH}"),
        ),
        reach=60,
        measure="said",
        wrong=below_99,
        tell=tell,
        rounds=3,
    ),
    Comparison(
        "best",
        Side(
            "recipe best, median of 3 seeds",
            (*SIDES, "our_accuracy", "{root}", "recipe=best", "seeds=3"),
        ),
        Side("PyTorch's example, its 14 epochs", (*SIDES, "example", "{root}")),
        reach=1,
        measure="said",
        wrong=not_the_best,
        tell=tell,
        rounds=1,
    ),
    beside_the_loop("fast-cnn"),
    beside_the_loop("sprint"),
    beside_the_author("fast-cnn"),
    beside_the_author("sprint"),
    Comparison(
        "best-resnet",
        trained("best", 1),
        Side("ResNet-18 for as long", (*SIDES, "resnet", "{root}", "recipe=best")),
        reach=0.9,  # the other's time is judged by one of our epochs
        measure="said",
        wrong=less_accurate,
        tell=tell_means,
        rounds=1,
    ),
    predictions("fast-cnn"),
    predictions("best"),
    memory("fast-cnn", "its network in a loop as of Keras", ("plain_loop", "{root}", "seeds=1")),
    memory("best", "ResNet-18, 20 s", ("resnet", "{root}", "seconds=20")),
)
