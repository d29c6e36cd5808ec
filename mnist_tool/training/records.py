"""What a training writes of its epochs and of its test: kinds that say what a reader may find."""

from __future__ import annotations

from mnist_tool.training.settings import MOST_EPOCHS, MOST_MEMBERS
from mnist_tool.training.validate import SHARE, Fields, Maybe, Number, Several, Whole, Word

__all__ = ["EPOCH", "result"]

MOST_MARKS = 1000  # costs in the course of an epoch; 50 are written

# A line of metrics.jsonl, see `events.EpochDone`; earlier versions wrote no course.
EPOCH = Fields(
    {"cost": Number()},
    {
        "epoch": Whole(1, MOST_EPOCHS),
        "seconds": Number(),
        "images": Whole(),
        "course": Several(Number(), MOST_MARKS),
        "validation_accuracy": SHARE,
        "member": Whole(1, MOST_MEMBERS),
    },
)


def result(classes: int) -> Fields:
    """Say what the whole of result.json may hold, for a model of so many classes."""
    shares, counts = Maybe(SHARE), Several(Whole(), classes, classes)
    evaluation = Fields(  # see `evaluate.Evaluation.as_dict`
        {"accuracy": SHARE},
        {
            "pixels": Word(),
            "total": Whole(1),
            "correct": Whole(),
            "interval": Several(SHARE, 2, 2),
            "cost": Maybe(Number()),
            "precision": Several(shares, classes, classes),
            "recall": Several(shares, classes, classes),
            "confusion": Several(counts, classes, classes),
        },
    )
    return Fields({"test": Several(evaluation, 2)}, {"members": Several(evaluation, MOST_MEMBERS)})
