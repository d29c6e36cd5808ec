"""Draw how the cost went down: one run, or several over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mnist_tool.plots.canvas import COLOURS, INK, figure, frame, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_costs"]

LINE_STYLES = ("-", "--", "-.", ":")
# From this ratio of the largest to the smallest cost on, a linear axis flattens what matters.
LOG_RATIO = 10.0
LEGEND = 8  # names below each other


def draw_costs(
    series: Mapping[str, Sequence[float]], *, per_epoch: int = 1, subtitle: str = ""
) -> Figure:
    """Draw the mean cost of every epoch, or of every part of one.

    Parameters
    ----------
    series : mapping of str to sequence of float
        For each run's name its mean cross-entropies, the first first; finite, at least one.
    per_epoch : int
        How many of them an epoch has.
    subtitle : str
        What stands under the title; by default what the costs are, and the name of a single run.

    Returns
    -------
    matplotlib.figure.Figure
        One line per run, with a mark per epoch; the vertical axis is logarithmic where the costs
        span a factor of 10.
    """
    only = next(iter(series)) if len(series) == 1 else ""
    part = "each epoch" if per_epoch == 1 else f"each 1/{per_epoch} epoch"
    what = f"Mean cross-entropy of {part}" + (f" of {only}" if only else "")
    paper = figure(8, 4.5, "Training cost", subtitle or what)
    axes = paper.add_axes((0.085, 0.13, 0.87, 0.62))
    for place, (name, costs) in enumerate(series.items()):
        _line(axes, place, name, costs, per_epoch)
    _axes(axes, series, per_epoch)
    if only:
        _name_ends(axes, series[only], per_epoch)
    else:
        # Costs fall, so this corner is free, and long names have room.
        columns = -(-len(series) // LEGEND)
        look = {"framealpha": 1, "edgecolor": "white", "labelcolor": INK}
        axes.legend(loc="upper right", ncols=columns, **look)
    return paper


def _line(axes: Axes, place: int, name: str, costs: Sequence[float], per_epoch: int) -> None:
    epochs = [number / per_epoch for number in range(1, len(costs) + 1)]
    style = LINE_STYLES[place // len(COLOURS) % len(LINE_STYLES)]
    colour = COLOURS[place % len(COLOURS)]
    marker = "o" if per_epoch == 1 else ""
    axes.plot(
        epochs,
        costs,
        style,
        color=colour,
        label=plain(name),
        linewidth=2,
        marker=marker,
        markersize=5,
    )


def _axes(axes: Axes, series: Mapping[str, Sequence[float]], per_epoch: int) -> None:
    from matplotlib.ticker import MaxNLocator

    costs = [cost for run in series.values() for cost in run]
    if min(costs) > 0 and max(costs) / min(costs) >= LOG_RATIO:
        _logarithmic(axes)
    longest = max(len(run) for run in series.values()) / per_epoch
    axes.xaxis.set_major_locator(MaxNLocator(nbins=15, integer=True, min_n_ticks=1))
    axes.set_xlim(*((0.5, longest + 0.5) if per_epoch == 1 else (0, longest + 0.05)))
    if longest == per_epoch == 1:  # no slope to see: show how far the costs are from 0
        axes.set_ylim(0, 1.3 * max(costs))
    axes.set_xlabel("epoch")
    frame(axes)


def _logarithmic(axes: Axes) -> None:
    from matplotlib.ticker import FormatStrFormatter, LogLocator, NullLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))


def _name_ends(axes: Axes, costs: Sequence[float], per_epoch: int) -> None:
    """Write the first and the last cost beside their marks."""
    ends = {1: costs[0], len(costs): costs[-1]}
    for number, cost in ends.items():
        axes.annotate(
            f"{cost:.4f}",
            (number / per_epoch, cost),
            (0, 9),
            textcoords="offset points",
            ha="center" if per_epoch == 1 or number > 1 else "left",
            color=INK,
        )
