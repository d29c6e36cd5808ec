"""Draw what a model learned: the templates of a linear one, the first filters of a CNN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_tool.plots.canvas import INK, MARGIN, MUTED, figure, picture_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

__all__ = ["draw_filters", "draw_templates"]

# Red and blue stay apart for colour-blind readers, and white is the weight that does not matter.
DIVERGING = "RdBu_r"
ACROSS = 5  # templates in a row
MOST = 96  # filters in one picture: 8 rows of 12


def draw_templates(
    weights: NDArray[np.floating], *, subtitle: str = "", classes: Sequence[str] = ()
) -> Figure:
    """Draw the templates of a linear classifier, one for each class.

    Parameters
    ----------
    weights : float array of shape (classes, 28, 28)
        For each class the weight of each pixel.
    subtitle : str
        Which model it is.
    classes : sequence of str
        Their names; by default their numbers.
    """
    names = classes or [str(each) for each in range(len(weights))]
    digits = max(map(len, names)) == 1
    what = f"Ink on red speaks for the {'digit' if digits else 'class'}, on blue against it"
    subtitle = f"{subtitle}. {what}" if subtitle else what
    rows = -(-len(weights) // ACROSS)
    height = 1.2 + 2 * rows  # inches
    paper = figure(10, height, "Weight templates", subtitle)
    limit = _limit(weights)
    for place, (name, template) in enumerate(zip(names, weights, strict=True)):
        row, column = divmod(place, ACROSS)
        bottom = (height - 3.042 - 2.002 * row) / height
        axes = picture_axes(paper, (0.03 + 0.173 * column, bottom, 0.163, 1.872 / height))
        shown = axes.imshow(template, cmap=DIVERGING, vmin=-limit, vmax=limit)
        axes.set_title(name, fontsize=13, color=INK, pad=4, loc="left")
    _scale(paper, shown, 0.2756 / height, 1 - 1.56 / height)
    return paper


def draw_filters(filters: NDArray[np.floating], *, subtitle: str = "") -> Figure:
    """Draw the first filters of a convolutional network.

    Parameters
    ----------
    filters : float array of shape (N, K, K)
        The weights of each filter on its one input channel; the first 96 are drawn.
    subtitle : str
        Which model it is.
    """
    total, side, _ = filters.shape
    filters = filters[:MOST]
    count = len(filters)
    columns = 8 if count <= 32 else 12
    rows = -(-count // columns)
    first = "" if count == total else f"The first {count} of "
    what = (
        f"{first}{total} filters of {side} x {side} pixels; red counts ink, blue counts against it"
    )
    # One pixel of the picture is a filter's weight; the gap between filters is one weight wide.
    grid = np.full((rows * (side + 1) - 1, columns * (side + 1) - 1), np.nan)
    for place, values in enumerate(filters):
        top, left = (side + 1) * (place // columns), (side + 1) * (place % columns)
        grid[top : top + side, left : left + side] = values
    limit = _limit(filters)
    tall = 8.4 * grid.shape[0] / grid.shape[1]  # inches
    paper = figure(
        10, 1.1 + tall + MARGIN, "First layer", f"{subtitle}. {what}" if subtitle else what
    )
    bottom, height = MARGIN / paper.get_figheight(), tall / paper.get_figheight()
    axes = picture_axes(paper, (0.03, bottom, 0.84, height))
    _scale(paper, axes.imshow(grid, cmap=DIVERGING, vmin=-limit, vmax=limit), bottom, height)
    return paper


def _limit(weights: NDArray[np.floating]) -> float:
    """Return the end of a colour scale that is the same for both signs."""
    return float(np.abs(weights).max()) or 1.0


def _scale(paper: Figure, shown: AxesImage, bottom: float, height: float) -> None:
    """Draw the scale of the colours beside the pictures, as high as they are."""
    axes = paper.add_axes((0.905, bottom, 0.016, height))
    bar = paper.colorbar(shown, cax=axes)
    bar.outline.set_visible(False)
    axes.tick_params(length=0, labelsize=9, labelcolor=MUTED)
