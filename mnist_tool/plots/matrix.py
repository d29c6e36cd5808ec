"""Draw the confusion matrix: which class was read as which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_tool.plots.canvas import INK, MUTED, figure, frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_confusion"]

RIGHT_FILL = "#dbe9f4"
FEW = 12  # classes that are written large
CELL, LETTER = 0.26, 0.095  # inches: the least side of a cell, a letter of a name


def draw_confusion(
    matrix: NDArray[np.integer], *, subtitle: str = "", classes: Sequence[str] = ()
) -> Figure:
    """Draw counts of label against prediction, with the recall of every class.

    Only the mistakes are coloured: the diagonal, a hundred times larger, would drown them.

    Parameters
    ----------
    matrix : int array of shape (classes, classes)
        Row: the label; column: the prediction.
    subtitle : str
        Which model on which images.
    classes : sequence of str
        Their names; by default their numbers.
    """
    count = len(matrix)
    names = classes or [str(each) for each in range(count)]
    letters = max(map(len, names))
    wide = max(8.4, 2.6 + CELL * count)
    margin = 0.8 + LETTER * max(0, letters - 1)  # inches, for the names
    paper = figure(wide, wide - 0.8, "Confusion matrix", subtitle)
    below = 0.6 + (LETTER * letters if letters > 2 else 0)
    tall = paper.get_figheight()
    top = 1.3 / tall
    axes = paper.add_axes(
        (margin / wide, below / tall, 0.873 - margin / wide, 1 - top - below / tall)
    )
    mistakes = matrix.astype(float)
    np.fill_diagonal(mistakes, np.nan)
    most = max(1.0, float(np.nanmax(mistakes)))
    axes.set_facecolor(RIGHT_FILL)
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=most, aspect="auto")
    _counts(axes, matrix, most)
    _recall(axes, matrix)
    axes.set_xticks(range(count), names, rotation=90 if letters > 2 else 0)
    axes.set_yticks(range(count), names)
    axes.set_xlabel("prediction", labelpad=8)
    axes.set_ylabel("label", labelpad=8, color=MUTED, fontsize=10.5)
    frame(axes, grid=False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(labelsize=13 if count <= FEW else 9)
    return paper


def _counts(axes: Axes, matrix: NDArray[np.integer], top: float) -> None:
    size = 11 if len(matrix) <= FEW else 6
    for (label, prediction), count in np.ndenumerate(matrix):
        if not count:
            continue
        right = label == prediction
        colour = "white" if not right and count > 0.7 * top else INK
        weight = "bold" if right else "normal"
        axes.text(
            prediction,
            label,
            str(count),
            ha="center",
            va="center",
            color=colour,
            fontweight=weight,
            fontsize=size,
        )


def _recall(axes: Axes, matrix: NDArray[np.integer]) -> None:
    """Write at the end of each row the share of that class which was recognised."""
    right = len(matrix) - 0.4
    axes.text(right, -0.75, "recall", color=MUTED, fontsize=10.5)
    for label, counts in enumerate(matrix):
        if counts.sum():
            share = counts[label] / counts.sum()
            axes.text(
                right,
                label,
                f"{share:.1%}",
                va="center",
                color=INK,
                fontsize=11 if len(matrix) <= FEW else 8,
            )
