"""What a training tells, as the run folder keeps it."""

from __future__ import annotations

from mnist_tool.training.events import EpochDone


def test_a_line_of_the_metrics_has_what_there_is() -> None:
    """The accuracy on held-out images only where some are held out."""
    line = {"epoch": 2, "cost": 0.5, "seconds": 1.0, "images": 100, "course": [0.6, 0.4]}
    assert EpochDone(2, 0.5, 1.0, 100, [0.6, 0.4]).as_dict() == line
    held_out = EpochDone(2, 0.5, 1.0, 100, [0.6, 0.4], validation_accuracy=0.9)
    assert held_out.as_dict() == line | {"validation_accuracy": 0.9}
