"""Draw how the cost went down: one run, or several over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mnist_tool.plots.canvas import COLOURS, INK, figure, frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_costs"]

LINE_STYLES = ("-", "--", "-.", ":")
# From this ratio of the largest to the smallest cost on, a linear axis flattens what matters.
LOG_RATIO = 10.0


def draw_costs(series: Mapping[str, Sequence[float]], *, subtitle: str = "") -> Figure:
    """Draw the mean cost of every epoch.

    Parameters
    ----------
    series : mapping of str to sequence of float
        For each run's name its mean cross-entropy per epoch, epoch 1 first; finite, at least one.
    subtitle : str
        What stands under the title; by default what the costs are, and the name of a single run.

    Returns
    -------
    matplotlib.figure.Figure
        One line per run; the vertical axis is logarithmic where the costs span a factor of 10.
    """
    only = next(iter(series)) if len(series) == 1 else ""
    what = "Mean cross-entropy of each epoch" + (f" of {only}" if only else "")
    paper = figure(8, 4.5, "Training cost", subtitle or what)
    axes = paper.add_axes((0.085, 0.13, 0.87, 0.62))
    for place, (name, costs) in enumerate(series.items()):
        _line(axes, place, name, costs)
    _axes(axes, series)
    if only:
        _name_ends(axes, series[only])
    else:
        # Costs fall, so this corner is free, and long names have room.
        axes.legend(loc="upper right", framealpha=1, edgecolor="white", labelcolor=INK)
    return paper


def _line(axes: Axes, place: int, name: str, costs: Sequence[float]) -> None:
    epochs = range(1, len(costs) + 1)
    style = LINE_STYLES[place // len(COLOURS) % len(LINE_STYLES)]
    colour = COLOURS[place % len(COLOURS)]
    axes.plot(epochs, costs, style, color=colour, label=name, linewidth=2, marker="o", markersize=5)


def _axes(axes: Axes, series: Mapping[str, Sequence[float]]) -> None:
    from matplotlib.ticker import MaxNLocator

    costs = [cost for run in series.values() for cost in run]
    if min(costs) > 0 and max(costs) / min(costs) >= LOG_RATIO:
        _logarithmic(axes)
    longest = max(len(run) for run in series.values())
    axes.xaxis.set_major_locator(MaxNLocator(nbins=15, integer=True, min_n_ticks=1))
    axes.set_xlim(0.5, longest + 0.5)
    if longest == 1:  # no slope to see: show how far the costs are from 0
        axes.set_ylim(0, 1.3 * max(costs))
    axes.set_xlabel("epoch")
    frame(axes)


def _logarithmic(axes: Axes) -> None:
    from matplotlib.ticker import FormatStrFormatter, LogLocator, NullLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))


def _name_ends(axes: Axes, costs: Sequence[float]) -> None:
    """Write the first and the last cost beside their marks."""
    ends = {1: costs[0], len(costs): costs[-1]}
    for epoch, cost in ends.items():
        axes.annotate(
            f"{cost:.4f}", (epoch, cost), (0, 9), textcoords="offset points", ha="center", color=INK
        )
