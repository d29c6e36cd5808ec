"""Draw how the accuracies of a recipe's seeds lie: a bar for each share of the test images."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnist_tool.plots.canvas import COLOURS, INK, MUTED, figure, frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_seeds"]

MOST_BARS = 40


def draw_seeds(
    shares: Sequence[float], *, title: str, subtitle: str = "", note: str = "", images: int = 10_000
) -> Figure:
    """Draw a histogram of accuracies, and their mean as a line.

    A bar is as wide as one test image, or as a whole number of images where that would be too many
    bars: an accuracy is a number of images, and bars between two of them would leave gaps.

    Parameters
    ----------
    shares : sequence of float
        Accuracies, one for each seed; at least one.
    title, subtitle : str
        What it is, and the numbers.
    note : str
        Where it was measured, below the picture.
    images : int
        How many test images there are.
    """
    from matplotlib.ticker import FormatStrFormatter, MaxNLocator

    counts = [round(share * images) for share in shares]
    width = -(-(max(counts) - min(counts) + 1) // MOST_BARS)
    bars = Counter((count - min(counts)) // width for count in counts)
    middle = {bar: min(counts) + bar * width + (width - 1) / 2 for bar in bars}
    paper = figure(8, 4.5, title, subtitle)
    axes = paper.add_axes((0.085, 0.2, 0.87, 0.55))
    axes.bar(
        [100 * middle[bar] / images for bar in bars],
        list(bars.values()),
        width=0.9 * 100 * width / images,
        color=COLOURS[0],
    )
    axes.axvline(100 * statistics.mean(shares), color=INK, linewidth=1.2, linestyle="--")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%.2f"))
    margin = 100 * 2 * width / images
    axes.set_xlim(
        100 * min(counts) / images - margin, 100 * (max(counts) + width - 1) / images + margin
    )
    axes.set_xlabel("percent of the test images read rightly; dashed: the mean")
    axes.set_ylabel("seeds", color=MUTED, fontsize=10.5)
    frame(axes)
    paper.text(0.3 / 8, 0.03, note, color=MUTED, fontsize=9)
    return paper
