"""Comparisons about training and loading: against the lecture's loop, autograd and torchvision."""

from __future__ import annotations

from mnist_tool.training.recipes import RECIPES
from tests.benchmarks.harness import Comparison, Sample, Side, rates

__all__ = ["COMPARISONS"]

SIDES = ("-m", "tests.benchmarks.sides")
TOOL = ("-m", "mnist_tool")
EPOCHS = (*SIDES, "our_epochs", "{root}")
PROCESSES = (*SIDES, "our_processes", "{root}")
TRAIN = (*TOOL, "train", "--offline", "--json")


def costs(sample: Sample) -> list[float]:
    """Return the cost of each epoch, from our JSON document or from the other side's."""
    if "data" in sample.said:
        return [epoch["cost"] for epoch in sample.said["data"]["epochs"]]
    return list(sample.said["costs"])


def different_costs(ours: Sample, theirs: Sample) -> str:
    """Say how many costs are not the same to the last bit."""
    pairs = list(zip(costs(ours), costs(theirs), strict=True))
    different = sum(one != other for one, other in pairs)
    return f"{different} of {len(pairs)} costs differ" if different else ""


def where_it_goes(ours: Sample, theirs: Sample) -> str:
    """Say what each call of an iteration takes alone, and how much is left."""
    alone = {name: 1e6 * seconds for name, seconds in theirs.said["kernels"].items()}
    rest = 1e6 * ours.said["seconds"] - sum(alone.values())
    parts = ", ".join(f"{name} {alone[name]:.0f}" for name in sorted(alone, key=alone.__getitem__))
    return f"in us: {parts}, the rest {rest:.0f}: calls from Python, and caches used in between"


def other_threads(recipe: str) -> Comparison:
    """Compare a recipe's number of threads with the other one that two cores allow."""
    other = 2 if RECIPES[recipe].threads == 1 else 1
    part = (*EPOCHS, f"recipe={recipe}", "epochs=1", "images=12000")
    return Comparison(
        f"threads-{recipe}",
        Side(f"{recipe}, 12,000 images, its own threads", part),
        Side(f"the same on {other}", (*part, f"threads={other}")),
        reach=0.9,
        measure="said",
        rounds=3,
    )


COMPARISONS = (
    Comparison(
        "train",
        Side("mnist-tool train, 15 epochs", TRAIN),
        Side("the lecture's script", (*SIDES, "lecture", "{root}")),
        reach=20,
        wrong=different_costs,
    ),
    Comparison(
        "train-part",
        Side("our 15 epochs alone", EPOCHS),
        Side("whole tensors, autograd, torch.optim", (*SIDES, "autograd_epochs", "{root}")),
        reach=1.5,
        measure="said",
        wrong=different_costs,
    ),
    Comparison(
        "iteration",
        Side("an iteration of our training", (*SIDES, "our_iteration", "{root}")),
        Side("the calls it makes, each alone, added up", (*SIDES, "kernels", "{root}")),
        reach=0.5,
        measure="said",
        tell=where_it_goes,
        rounds=1,
    ),
    Comparison(
        "load",
        Side("mnist_tool.load, both splits", (*SIDES, "our_load", "{root}")),
        Side("torchvision.datasets.MNIST, twice", (*SIDES, "torchvision_load", "{root}")),
        reach=1,
        measure="said",
    ),
    Comparison(
        "load-memory",
        Side("mnist_tool.load, both splits", (*SIDES, "our_load", "{root}")),
        Side("torchvision.datasets.MNIST, twice", (*SIDES, "torchvision_load", "{root}")),
        reach=0,
        measure="memory",
    ),
    Comparison(
        "train-memory",
        Side("mnist-tool train, without the process that draws", TRAIN),
        Side("import torch", ("-c", "import torch")),
        reach=150,
        measure="memory",
    ),
    Comparison(
        "lecture-memory",
        Side("mnist-tool train, without the process that draws", TRAIN),
        Side("the lecture's script", (*SIDES, "lecture", "{root}")),
        reach=0,
        measure="memory",
        rounds=1,
    ),
    Comparison(
        "display",
        Side("train on a terminal", (*SIDES, "on_a_terminal", "{root}")),
        Side("train in a pipe", (*SIDES, "in_a_pipe", "{root}")),
        reach=1 / 1.03,
        measure="said",
        rounds=25,  # the difference is far smaller than that between two rounds
    ),
    Comparison(
        "processes",
        Side("an epoch of cnn in 2 processes", (*PROCESSES, "count=2", "recipe=cnn")),
        Side("in one, of one thread", (*PROCESSES, "count=1", "recipe=cnn")),
        reach=1,  # on two cores that nobody else uses
        measure="said",
        tell=rates,
        rounds=3,
    ),
    *(
        Comparison(
            f"{epochs}-epochs",
            Side(f"train, {epochs} epochs", (*EPOCHS, f"epochs={epochs}")),
            Side("train, 1 epoch", (*EPOCHS, "epochs=1")),
            reach=1 / (1.2 * epochs),
            measure="said",
        )
        for epochs in (5, 15, 60)
    ),
    *(
        Comparison(
            f"{thousands}k-images",
            Side(
                f"5 epochs of {thousands},000 images",
                (*EPOCHS, "epochs=5", f"images={thousands}000"),
            ),
            Side("5 epochs of 10,000 images", (*EPOCHS, "epochs=5", "images=10000")),
            reach=10 / (1.2 * thousands),
            measure="said",
        )
        for thousands in (30, 60)
    ),
    *map(other_threads, RECIPES),
)
