"""What a training tells, as the run folder keeps it."""

from __future__ import annotations

from pathlib import Path

from mnist_tool.training.events import EpochDone, Progressed, Started
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings


def test_a_line_of_the_metrics_has_what_there_is() -> None:
    """The accuracy on held-out images only where some are held out."""
    line = {"epoch": 2, "cost": 0.5, "seconds": 1.0, "images": 100, "course": [0.6, 0.4]}
    assert EpochDone(2, 0.5, 1.0, 100, [0.6, 0.4]).as_dict() == line
    held_out = EpochDone(2, 0.5, 1.0, 100, [0.6, 0.4], validation_accuracy=0.9)
    assert held_out.as_dict() == line | {"validation_accuracy": 0.9}


def test_where_a_training_is_counts_the_members_before() -> None:
    """As many images as are done of all, and the member's name where there are several."""
    one = Started(Run(Path()), Settings.of("softmax", epochs=3), images=100, done=0)
    several = Started(Run(Path()), Settings.of("softmax", epochs=3, members=2), images=100, done=0)
    assert (one.total, several.total) == (300, 600)
    assert one.images_done(Progressed(2, 50, 0.4)) == 150
    assert several.images_done(Progressed(2, 50, 0.4, member=2)) == 450
    assert one.place(Progressed(2, 50, 0.4)) == "epoch 2/3"
    assert several.place(Progressed(2, 50, 0.4, member=2)) == "member 2/2, epoch 2/3"
    assert several.place(Progressed(2, 50, 0.4, member=2), brief=True) == "2/2, 2/3"


def test_an_epochs_line_is_the_lectures() -> None:
    """With what else there is to tell before and behind it."""
    assert EpochDone(2, 0.5, 1.0, 100).line == "Epoch: 0002 cost = 0.500000000"
    full = EpochDone(2, 0.5, 1.0, 100, validation_accuracy=0.9, member=3)
    assert full.line == "Member: 03 Epoch: 0002 cost = 0.500000000 validation accuracy = 0.9000"
