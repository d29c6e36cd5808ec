"""A comparison of trainings says so where ours is quicker, but not accurate enough."""

from __future__ import annotations

from tests.benchmarks.accuracy import below_99, less_accurate
from tests.benchmarks.harness import Sample


def came_to(*accuracies: float) -> Sample:
    """A side whose seeds are so accurate."""
    mean = sum(accuracies) / len(accuracies)
    return Sample(1.0, 1.0, {"accuracy": mean, "accuracies": list(accuracies)})


def test_who_stops_at_99_is_compared_by_99() -> None:
    """However far the other side goes beyond it with its last epoch."""
    assert not below_99(came_to(0.9906, 0.9908), came_to(0.9915))
    assert "98.95%" in below_99(came_to(0.9885, 0.9905), came_to(0.9915))


def test_others_are_compared_with_each_other() -> None:
    """By their means."""
    assert not less_accurate(came_to(0.9915), came_to(0.9895, 0.9925))
    assert "less accurate" in less_accurate(came_to(0.9906, 0.9908), came_to(0.9915))
