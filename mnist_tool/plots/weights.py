"""Draw what a model learned: the templates of a linear one, the first filters of a CNN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_tool.plots.canvas import INK, MUTED, figure, picture_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

__all__ = ["draw_filters", "draw_templates"]

# Red and blue stay apart for colour-blind readers, and white is the weight that does not matter.
DIVERGING = "RdBu_r"


def draw_templates(weights: NDArray[np.floating], *, subtitle: str = "") -> Figure:
    """Draw the ten templates of a linear classifier.

    Parameters
    ----------
    weights : float array of shape (10, 28, 28)
        For each digit the weight of each pixel.
    subtitle : str
        Which model it is.
    """
    what = "Ink on red speaks for the digit, on blue against it"
    paper = figure(10, 5.2, "Weight templates", f"{subtitle}. {what}" if subtitle else what)
    limit = _limit(weights)
    for digit, template in enumerate(weights):
        row, column = divmod(digit, 5)
        axes = picture_axes(paper, (0.03 + 0.173 * column, 0.415 - 0.385 * row, 0.163, 0.36))
        shown = axes.imshow(template, cmap=DIVERGING, vmin=-limit, vmax=limit)
        axes.set_title(str(digit), fontsize=13, color=INK, pad=4, loc="left")
    _scale(paper, shown)
    return paper


def draw_filters(filters: NDArray[np.floating], *, subtitle: str = "") -> Figure:
    """Draw the first filters of a convolutional network.

    Parameters
    ----------
    filters : float array of shape (N, K, K)
        The weights of each filter on its one input channel.
    subtitle : str
        Which model it is.
    """
    count, side, _ = filters.shape
    columns = 8 if count <= 32 else 12
    rows = -(-count // columns)
    what = f"{count} filters of {side} x {side} pixels; red counts ink, blue counts against it"
    paper = figure(
        10, 1.1 + rows * 8.4 / columns, "First layer", f"{subtitle}. {what}" if subtitle else what
    )
    # One pixel of the picture is a filter's weight; the gap between filters is one weight wide.
    grid = np.full((rows * (side + 1) - 1, columns * (side + 1) - 1), np.nan)
    for place, values in enumerate(filters):
        top, left = (side + 1) * (place // columns), (side + 1) * (place % columns)
        grid[top : top + side, left : left + side] = values
    limit = _limit(filters)
    axes = picture_axes(paper, (0.03, 0.03, 0.84, 0.97 - 1 / paper.get_figheight()))
    _scale(paper, axes.imshow(grid, cmap=DIVERGING, vmin=-limit, vmax=limit))
    return paper


def _limit(weights: NDArray[np.floating]) -> float:
    """Return the end of a colour scale that is the same for both signs."""
    return float(np.abs(weights).max()) or 1.0


def _scale(paper: Figure, shown: AxesImage) -> None:
    axes = paper.add_axes((0.905, 0.06, 0.016, 0.7))
    bar = paper.colorbar(shown, cax=axes)
    bar.outline.set_visible(False)
    axes.tick_params(length=0, labelsize=9, labelcolor=MUTED)
