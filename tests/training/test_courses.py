"""Which costs show how runs went."""

from __future__ import annotations

from mnist_tool.training.courses import costs_to_draw


def test_short_runs_are_drawn_within_their_epochs() -> None:
    """Up to three epochs; a long run, or one of an earlier version, leaves one cost per epoch."""
    epoch = {"cost": 0.6, "course": [0.9, 0.3]}
    assert costs_to_draw({"a": [epoch], "b": [epoch] * 3}) == (
        {"a": [0.9, 0.3], "b": [0.9, 0.3] * 3},
        2,
    )
    assert costs_to_draw({"a": [epoch], "b": [epoch] * 4}) == ({"a": [0.6], "b": [0.6] * 4}, 1)
    other = {"cost": 0.8, "course": [1.0, 0.8, 0.6]}
    assert costs_to_draw({"a": [epoch], "other": [other]}) == ({"a": [0.6], "other": [0.8]}, 1)
    assert costs_to_draw({"a": [epoch], "old": [{"cost": 0.7}]}) == ({"a": [0.6], "old": [0.7]}, 1)


def test_a_committee_is_drawn_as_a_line_for_each_member() -> None:
    """Their epochs lie over each other, not one behind the other."""
    metrics = [{"cost": 0.1 * place, "member": 1 + place // 4} for place in range(8)]
    costs, per_epoch = costs_to_draw({"a": metrics, "b": [{"cost": 0.5}] * 4})
    assert list(costs) == ["a, member 1", "a, member 2", "b"]
    assert costs["a, member 2"] == [each["cost"] for each in metrics[4:]]
    assert per_epoch == 1
