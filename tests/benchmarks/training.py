"""Comparisons about training and loading: against the lecture's loop, autograd and torchvision."""

from __future__ import annotations

from tests.benchmarks.harness import Comparison, Sample, Side

__all__ = ["COMPARISONS"]

SIDES = ("-m", "tests.benchmarks.sides")
TOOL = ("-m", "mnist_tool")
TRAIN = (*TOOL, "train", "--root", "{root}", "--offline", "--json")


def costs(sample: Sample) -> list[float]:
    """Return the cost of each epoch, from our JSON document or from the other side's."""
    if "data" in sample.said:
        return [epoch["cost"] for epoch in sample.said["data"]["epochs"]]
    return list(sample.said["costs"])


def same_costs(ours: Sample, theirs: Sample) -> str:
    """Say whether all costs are the same to the last bit."""
    pairs = list(zip(costs(ours), costs(theirs), strict=True))
    different = sum(one != other for one, other in pairs)
    return f"{different} of {len(pairs)} costs differ" if different else ""


COMPARISONS = (
    Comparison(
        "train", Side("mnist-tool train, 15 epochs", TRAIN),
        Side("the lecture's script", (*SIDES, "lecture", "{root}")),
        reach=20, same=same_costs, rounds=3,
    ),
    Comparison(
        "train-part", Side("our 15 epochs alone", (*SIDES, "our_epochs", "{root}")),
        Side("whole tensors, autograd, torch.optim", (*SIDES, "autograd_epochs", "{root}")),
        reach=1.5, measure="said", same=same_costs,
    ),
    Comparison(
        "load", Side("mnist_tool.load, both splits", (*SIDES, "our_load", "{root}")),
        Side("torchvision.datasets.MNIST, twice", (*SIDES, "torchvision_load", "{root}")),
        reach=1, measure="said",
    ),
    Comparison(
        "load-memory", Side("mnist_tool.load, both splits", (*SIDES, "our_load", "{root}")),
        Side("torchvision.datasets.MNIST, twice", (*SIDES, "torchvision_load", "{root}")),
        reach=0, measure="memory",
    ),
    Comparison(
        "train-memory", Side("mnist-tool train", TRAIN),
        Side("import torch", ("-c", "import torch")),
        reach=150, measure="memory",
    ),
    Comparison(
        "display", Side("train on a terminal", (*SIDES, "on_a_terminal", "{root}")),
        Side("train in a pipe", (*SIDES, "in_a_pipe", "{root}")),
        reach=1 / 1.03, measure="said",
    ),
    *(
        Comparison(
            f"{epochs}-epochs",
            Side(f"train, {epochs} epochs", (*SIDES, "our_epochs", "{root}", str(epochs))),
            Side("train, 1 epoch", (*SIDES, "our_epochs", "{root}", "1")),
            reach=1 / (1.2 * epochs), measure="said",
        )
        for epochs in (5, 15, 60)
    ),
    *(
        Comparison(
            f"{thousands}k-images",
            Side(f"an epoch of {thousands},000 images",
                 (*SIDES, "our_epochs", "{root}", "5", str(thousands * 1000))),
            Side("an epoch of 10,000 images", (*SIDES, "our_epochs", "{root}", "5", "10000")),
            reach=10 / (1.2 * thousands), measure="said",
        )
        for thousands in (30, 60)
    ),
)  # fmt: skip
