"""Choose the costs that show how runs went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

__all__ = ["costs_to_draw"]

SHORT = 3  # epochs up to which a curve of the epochs' costs shows next to nothing


def costs_to_draw(
    metrics: Mapping[str, Sequence[Mapping[str, Any]]],
) -> tuple[dict[str, list[float]], int]:
    """Choose costs of the runs' epochs, or within them for short runs.

    Parameters
    ----------
    metrics : mapping of str to sequence of mapping
        `Run.metrics` of each run, at least one epoch.

    Returns
    -------
    costs : dict of str to list of float
        For each run.
    per_epoch : int
        How many of them an epoch has.
    """
    metrics = {key: epochs for name in metrics for key, epochs in _members(name, metrics[name])}
    marks = {len(epoch.get("course", [])) for run in metrics.values() for epoch in run}
    if max(map(len, metrics.values())) <= SHORT and len(marks) == 1 and min(marks) > 1:
        within = {
            name: [cost for epoch in run for cost in epoch["course"]]
            for name, run in metrics.items()
        }
        return within, marks.pop()
    return {name: [epoch["cost"] for epoch in run] for name, run in metrics.items()}, 1


def _members(
    name: str, metrics: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """Divide the epochs of a committee among its members, each named after the run."""
    for member, epochs in groupby(metrics, lambda epoch: epoch.get("member")):
        yield f"{name}, member {member}" if member else name, list(epochs)
