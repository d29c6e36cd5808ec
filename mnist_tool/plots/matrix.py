"""Draw the confusion matrix: which digit was read as which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_tool.plots.canvas import INK, MUTED, figure, frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_confusion"]

RIGHT_FILL = "#dbe9f4"


def draw_confusion(matrix: NDArray[np.integer], *, subtitle: str = "") -> Figure:
    """Draw counts of label against prediction, with the recall of every digit.

    Only the mistakes are coloured: the diagonal, a hundred times larger, would drown them.

    Parameters
    ----------
    matrix : int array of shape (10, 10)
        Row: the label; column: the prediction.
    subtitle : str
        Which model on which images.
    """
    paper = figure(8.4, 7.6, "Confusion matrix", subtitle)
    axes = paper.add_axes((0.095, 0.08, 0.78, 0.75))
    mistakes = matrix.astype(float)
    np.fill_diagonal(mistakes, np.nan)
    top = max(1.0, float(np.nanmax(mistakes)))
    axes.set_facecolor(RIGHT_FILL)
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=top, aspect="auto")
    _counts(axes, matrix, top)
    _recall(axes, matrix)
    digits = range(len(matrix))
    axes.set_xticks(digits)
    axes.set_yticks(digits)
    axes.set_xlabel("prediction", labelpad=8)
    axes.set_ylabel("label", labelpad=8, color=MUTED, fontsize=10.5)
    frame(axes, grid=False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(labelsize=13)
    return paper


def _counts(axes: Axes, matrix: NDArray[np.integer], top: float) -> None:
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
            fontsize=11,
        )


def _recall(axes: Axes, matrix: NDArray[np.integer]) -> None:
    """Write at the end of each row the share of that digit which was recognised."""
    right = len(matrix) - 0.4
    axes.text(right, -0.75, "recall", color=MUTED, fontsize=10.5)
    for label, counts in enumerate(matrix):
        if counts.sum():
            share = counts[label] / counts.sum()
            axes.text(right, label, f"{share:.1%}", va="center", color=INK, fontsize=11)
