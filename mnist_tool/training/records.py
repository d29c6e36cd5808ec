"""What a training writes of its epochs and of its test: kinds that say what a reader may find."""

from __future__ import annotations

from mnist_tool.training.settings import MOST_EPOCHS
from mnist_tool.training.validate import Fields, Maybe, Number, Several, Whole, Word

__all__ = ["EPOCH", "RESULT"]

SHARE = Number(0.0, 1.0)
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
    },
)

# See `evaluate.Evaluation.as_dict`.
EVALUATION = Fields(
    {"accuracy": SHARE},
    {
        "pixels": Word(),
        "total": Whole(1),
        "correct": Whole(),
        "interval": Several(SHARE, 2, 2),
        "cost": Maybe(Number()),
        "precision": Several(Maybe(SHARE), 10, 10),
        "recall": Several(Maybe(SHARE), 10, 10),
        "confusion": Several(Several(Whole(), 10, 10), 10, 10),
    },
)

# The whole of result.json.
RESULT = Fields({"test": Several(EVALUATION, 2)})
