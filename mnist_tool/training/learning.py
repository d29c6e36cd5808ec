"""Tell whether a training has learned anything, and what to try where it has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mnist_tool.training.recipes import Recipe, get_recipe
from mnist_tool.training.settings import Settings

if TYPE_CHECKING:
    from mnist_tool.training.evaluate import Evaluation

__all__ = ["LearningWarning", "doubt", "warning"]

LAST = 10  # a tenth of the last epoch shows where the cost has come to


class LearningWarning(UserWarning):
    """A training has ended, but its model guesses, or its cost did not fall."""


def doubt(metrics: Sequence[Mapping[str, Any]], result: Evaluation) -> str:
    """Say in a clause why a model seems not to have learned; empty where it has.

    Parameters
    ----------
    metrics : sequence of mapping
        Of all epochs, at least one; see `events.EpochDone.as_dict`.
    result : Evaluation
        Of the model on the test images, with pixels as it was trained on.

    Returns
    -------
    str
        That the accuracy may well be that of always naming the most frequent class, or that the
        cost did not fall below that of the first batches.
    """
    guess = max(map(sum, result.confusion)) / result.total
    if result.interval[0] <= guess:
        return (
            f"its accuracy, {result.accuracy:.4f}, is that of guessing: "
            f"always naming the most frequent class is right in {guess:.4f}"
        )
    courses = [epoch.get("course") or [epoch["cost"]] for epoch in metrics]
    ending = courses[-1][-max(1, len(courses[-1]) // LAST) :]
    first, last = courses[0][0], sum(ending) / len(ending)
    if last >= first and sum(map(len, courses)) > 1:
        return f"its cost did not fall: {first:.4g} in the first batches, {last:.4g} in the last"
    return ""


def warning(doubt: str, settings: Settings) -> str:
    """Say what is in doubt, what probably is the reason, and what to try.

    Parameters
    ----------
    doubt : str
        What `doubt` has said.
    settings : Settings
        Those of the training.
    """
    return f"The training has not learned as it should: {doubt}. {_advice(settings.recipe)}"


def _advice(recipe: Recipe) -> str:
    own = get_recipe(recipe.name)
    if recipe.learning_rate != own.learning_rate:
        size = "large" if recipe.learning_rate > own.learning_rate else "small"
        return (
            f"Its steps were probably too {size}; the recipe's own are: "
            f"--learning-rate {own.learning_rate:g}"
        )
    if recipe != own:
        return "Try the recipe as it is, without changes; or more --epochs, or another --seed."
    return "Try more --epochs, or another --seed."
