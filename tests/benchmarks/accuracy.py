"""Comparisons about accuracy: our convolutional recipes against PyTorch's own MNIST example."""

from __future__ import annotations

import statistics

from tests.benchmarks.harness import Comparison, Sample, Side

__all__ = ["COMPARISONS"]

SIDES = ("-m", "tests.benchmarks.sides")
FIVE_MINUTES = 300


def tell(ours: Sample, theirs: Sample) -> str:
    """Say how accurate both are."""
    mine, other = ours.said["accuracies"], theirs.said["accuracies"]
    return (
        f"{ours.said['accuracy']:.2%}, mean of {len(mine)} seeds "
        f"({min(mine):.2%} to {max(mine):.2%}, sd {statistics.stdev(mine):.3%}), "
        f"beside {other[-1]:.2%} after {len(other)} epochs"
    )


def below_99(ours: Sample, _theirs: Sample) -> str:
    """Say if our mean accuracy is below 99 %."""
    return "" if ours.said["accuracy"] >= 0.99 else tell(ours, _theirs)


def not_the_best(ours: Sample, theirs: Sample) -> str:
    """Say if ours is not the more accurate one, below 99.65 %, or above five minutes."""
    enough = ours.said["accuracy"] >= max(0.9965, theirs.said["accuracy"])
    quick = ours.said["seconds"] <= FIVE_MINUTES
    return "" if enough and quick else f"{tell(ours, theirs)}, in {ours.said['seconds']:.0f} s"


COMPARISONS = (
    Comparison(
        "fast-cnn",
        Side(
            "recipe fast-cnn, median of 10 seeds",
            (*SIDES, "our_accuracy", "{root}", "recipe=fast-cnn", "seeds=10"),
        ),
        Side(
            "PyTorch's example until it reaches 99 %", (*SIDES, "example", "{root}", "enough=0.99")
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
)
