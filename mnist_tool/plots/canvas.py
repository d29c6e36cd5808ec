"""The paper all pictures are drawn on: colours, headings, and how a figure becomes a file."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool.errors import SettingError
from mnist_tool.plots.fonts import dress
from mnist_tool.replacement import replace_content, spare

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "GRID",
    "INK",
    "MARGIN",
    "MUTED",
    "check_format",
    "figure",
    "frame",
    "png_bytes",
    "render",
    "save",
    "write",
]

INK, MUTED, GRID = "#1f2933", "#6b7785", "#e3e7eb"

# Okabe and Ito's palette, which colour-blind readers can tell apart (jfly.uni-koeln.de/color).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

DPI = 160
FORMATS = (".png", ".svg", ".pdf")
MARK = b"Matplotlib"  # in each file that it draws
MARGIN = 0.3  # inches between the paper's edge and the heading


def plain(text: str) -> str:
    """Return a text that Matplotlib draws as it is: a dollar begins no formula, and all is seen."""
    seen = (c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    return "".join(seen).replace("$", r"\$")


def figure(width: float, height: float, title: str, subtitle: str = "") -> Figure:
    """Make an empty figure with a heading.

    ``Figure`` is used without pyplot: no global state, no window, and half the import time.

    Parameters
    ----------
    width, height : float
        Size in inches.
    title : str
        What one sees, bold, at the left edge.
    subtitle : str
        How it came about, in grey below the title.
    """
    from matplotlib.figure import Figure

    paper = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    left, top = MARGIN / width, 1 - MARGIN / height
    title, subtitle = plain(title), plain(subtitle)
    paper.text(left, top, title, va="top", fontsize=15, fontweight="bold", color=INK)
    paper.text(left, top - 0.33 / height, subtitle, va="top", fontsize=10.5, color=MUTED)
    return paper


def frame(axes: Axes, *, grid: bool = True) -> None:
    """Give axes the quiet look of all pictures: no box, grey ticks, a light grid."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.tick_params(colors=MUTED, labelsize=10, length=0, labelcolor=INK)
    axes.xaxis.label.set(color=MUTED, fontsize=10.5)
    if grid:
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)


def picture_axes(paper: Figure, place: tuple[float, float, float, float]) -> Axes:
    """Add axes for an image alone: no ticks and no box.

    Parameters
    ----------
    paper : matplotlib.figure.Figure
        Where to.
    place : tuple of float
        Left, bottom, width and height as shares of the paper; the image is centred in it.
    """
    axes = paper.add_axes(place)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return axes


def check_format(path: Path) -> None:
    """Refuse a file that no picture can be, before any work is done.

    Raises
    ------
    SettingError
        If the ending is none of .png, .svg and .pdf, or no plot but something else is there.
    """
    if path.suffix.lower() not in FORMATS:
        lacks = "has no ending that says its format"
        raise SettingError(
            f"The picture {path} {f'cannot be a {path.suffix}' if path.suffix else lacks}.",
            hint=f"Give it one of these endings: {', '.join(FORMATS)}",
        )
    spare(path, "picture", "--output", MARK)


def save(drawn: Figure, path: Path) -> Path:
    """Write a figure to a file, in the format its ending names.

    The same figure gives the same bytes: no date is written into the file.

    Parameters
    ----------
    drawn : matplotlib.figure.Figure
        The picture.
    path : Path
        Ends in .png, .svg or .pdf; missing folders are made.

    Returns
    -------
    Path
        `path`, for the report.

    Raises
    ------
    SettingError
        If the ending is another one, or something else is there than a plot.
    StorageError
        If the file cannot be written.
    """
    check_format(path)
    return write(render(drawn, kind_of(path)), path)


def kind_of(path: Path) -> str:
    """Return the format that a file's ending names: png, svg or pdf."""
    return path.suffix.lower().removeprefix(".")


def write(content: bytes, path: Path, option: str = "--output") -> Path:
    """Write what `render` gave to a file, whole or not at all; see `save`.

    The `option` is the one that names another file, if the command has one.
    """
    replace_content(path, content, "picture", option, ours=MARK)
    return path


def png_bytes(drawn: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    return render(drawn, "png")


def render(drawn: Figure, kind: str) -> bytes:
    """Return a figure as the bytes of a file of this kind: png, svg or pdf."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    options: dict[str, dict[str, Any]] = {
        # Runs of one colour are most of a plot: a third quicker than zlib's own way.
        "png": {"pil_kwargs": {"compress_type": zlib.Z_RLE}},
        "svg": {"metadata": {"Date": None}},
        "pdf": {"metadata": {"CreationDate": None}},
    }
    dress(drawn)
    with rc_context({"svg.hashsalt": "mnist-tool"}):
        drawn.savefig(buffer, format=kind, **options[kind])
    return buffer.getvalue()
