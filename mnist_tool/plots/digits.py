"""Draw images: a grid of samples, a gallery with captions, one with its probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_tool.plots.canvas import COLOURS, GRID, INK, MARGIN, MUTED, figure, frame, picture_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "draw_boxes",
    "draw_digit",
    "draw_gallery",
    "draw_mistakes",
    "draw_samples",
    "draw_steps",
    "misread",
]

Images = NDArray[np.uint8]

DIGITS = tuple("0123456789")
MOST_BARS = 12
SHORTEST = 1.5  # inches of a picture of samples
CAPTION = 145  # points of type, times letters: what fits below an image
SIDE = 28
GAP = 6  # pixels of paper beside an image
CELL_WIDTH, CELL_HEIGHT = SIDE + 2 * GAP, SIDE + 18  # with room for two lines of caption
CELL_INCHES = 1.25
# Inches: the height of a step, the space between two, and the least width for a heading.
STEP, STEP_GAP, HEADING = 2.3, 0.35, 7.0
RIGHT, WRONG, PLAIN = COLOURS[0], COLOURS[1], "#b8c1cc"


def draw_samples(
    images: Images,
    labels: NDArray[np.integer],
    *,
    per_digit: int = 18,
    subtitle: str = "",
    classes: Sequence[str] = DIGITS,
) -> Figure:
    """Draw one row of samples for every class.

    Parameters
    ----------
    images : uint8 array of shape (N, 28, 28)
        0 is paper, 255 is ink.
    labels : int array of shape (N,)
        0 to 9.
    per_digit : int
        How many of each; the first ones are taken.
    subtitle : str
        Which images these are.
    classes : sequence of str
        Their names.
    """
    digits = np.unique(labels)
    rows = [_row(images[labels == digit][:per_digit], per_digit) for digit in digits]
    grid = np.concatenate(rows)
    names = [classes[digit] for digit in digits]
    what = "digit" if tuple(classes) == DIGITS else "class"
    left = 0.045 + 0.01 * max(map(len, names))
    tall = max(SHORTEST, (0.985 - left) * 10 * grid.shape[0] / grid.shape[1])  # inches
    height = 1.1 + tall
    paper = figure(10, height, f"Samples of every {what}", subtitle)
    axes = picture_axes(paper, (left, 0.13 / height, 0.985 - left, (height - 1.1) / height))
    axes.imshow(grid, cmap="Greys", vmin=0, vmax=255)
    for place, name in enumerate(names):
        middle = (place + 0.5) * len(rows[0]) - 0.5
        axes.text(-10, middle, name, va="center", ha="right", fontsize=14, color=INK)
    return paper


def _row(images: Images, columns: int) -> Images:
    """Lay images side by side, with paper around each and where there are too few."""
    padded = np.pad(images, ((0, columns - len(images)), (GAP // 2,) * 2, (GAP // 2,) * 2))
    return np.concatenate(list(padded), axis=1)


def draw_gallery(
    images: Images,
    captions: Sequence[tuple[str, str]],
    *,
    title: str,
    subtitle: str = "",
    columns: int = 8,
) -> Figure:
    """Draw images with two lines of caption below each.

    Parameters
    ----------
    images : uint8 array of shape (N, 28, 28)
        0 is paper, 255 is ink; at least one.
    captions : sequence of N pairs of str
        For each image its caption and a smaller grey line.
    title, subtitle : str
        The heading.
    columns : int
        Images side by side.
    """
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    grid = np.zeros((rows * CELL_HEIGHT, columns * CELL_WIDTH), np.uint8)
    paper = figure(
        max(5.5, columns * CELL_INCHES), 1.1 + rows * CELL_INCHES * 1.15, title, subtitle
    )
    axes = picture_axes(paper, (0, 0, 1, 1 - 0.95 / paper.get_figheight()))
    for place, (image, (caption, detail)) in enumerate(zip(images, captions, strict=True)):
        top, left = place // columns * CELL_HEIGHT, place % columns * CELL_WIDTH + GAP
        grid[top : top + SIDE, left : left + SIDE] = image
        middle = left + (SIDE - 1) / 2
        size = min(12, CAPTION / len(caption))
        axes.text(middle, top + SIDE, caption, va="top", ha="center", fontsize=size, color=INK)
        axes.text(middle, top + SIDE + 6, detail, va="top", ha="center", fontsize=9, color=MUTED)
    axes.imshow(grid, cmap="Greys", vmin=0, vmax=255)
    return paper


def draw_mistakes(
    images: Images,
    labels: NDArray[np.integer],
    predictions: NDArray[np.integer],
    confidences: NDArray[np.floating],
    *,
    count: int = 24,
    subtitle: str = "",
    classes: Sequence[str] = DIGITS,
) -> Figure:
    """Draw the mistakes of which the model was most certain, the worst first.

    Parameters
    ----------
    images : uint8 array of shape (N, 28, 28)
        0 is paper, 255 is ink; right and wrong ones together.
    labels, predictions : int arrays of shape (N,)
        0 to 9.
    confidences : float array of shape (N,)
        Probability of each prediction, 0 to 1.
    count : int
        At most so many are drawn.
    subtitle : str
        Whose mistakes they are; how many there are is said after it.
    classes : sequence of str
        The names of the labels.
    """
    wrong = np.flatnonzero(labels != predictions)
    worst = wrong[np.argsort(-confidences[wrong], kind="stable")][:count]
    captions = [
        (
            misread(classes[labels[i]], classes[predictions[i]]),
            f"{confidences[i]:.1%}  #{i}",
        )
        for i in worst
    ]
    shown = (
        f"{len(wrong):,} of {len(labels):,} wrong; the {len(worst)} it was surest of. "
        "# numbers the test images"
    )
    detail = f"{subtitle}: {shown}" if subtitle else shown
    return draw_gallery(images[worst], captions, title="Worst mistakes", subtitle=detail)


def misread(label: str, prediction: str) -> str:
    """Say below a small picture what it is and what it was read as."""
    return f"{label} {'→' if len(label + prediction) > 2 else 'read as'} {prediction}"


def draw_digit(
    image: Images,
    probabilities: NDArray[np.floating],
    *,
    title: str,
    subtitle: str = "",
    label: int | None = None,
    classes: Sequence[str] = DIGITS,
) -> Figure:
    """Draw one image and, beside it, what the model makes of it.

    Parameters
    ----------
    image : uint8 array of shape (28, 28)
        0 is paper, 255 is ink.
    probabilities : float array of shape (classes,)
        0 to 1.
    title, subtitle : str
        The heading.
    label : int, optional
        The right answer; its bar is marked.
    classes : sequence of str
        The names; of more than ten the likeliest are drawn.
    """
    paper = figure(9, 4.8, title, subtitle)
    left = picture_axes(paper, (MARGIN / 9, 0.06, 0.42, 0.74))
    left.set_anchor("W")
    left.imshow(image, cmap="Greys", vmin=0, vmax=255)
    left.patch.set(edgecolor=GRID, linewidth=1)
    longest = max(map(len, classes))
    beside = 0.47 + min(0.13, 0.012 * longest)
    _bars(paper.add_axes((beside, 0.06, 0.96 - beside, 0.74)), probabilities, label, classes)
    return paper


def _bars(
    axes: Axes, probabilities: NDArray[np.floating], label: int | None, classes: Sequence[str]
) -> None:
    prediction = int(probabilities.argmax())
    likeliest = np.argsort(-probabilities, kind="stable")
    shown = np.arange(len(probabilities)) if len(probabilities) <= MOST_BARS else likeliest
    shown = shown[:MOST_BARS]
    places = np.arange(len(shown))
    colours = [PLAIN] * len(shown)
    colours[int(np.flatnonzero(shown == prediction)[0])] = (
        RIGHT if label in (None, prediction) else WRONG
    )
    axes.barh(places, probabilities[shown], color=colours, height=0.72)
    for place, each in enumerate(shown):
        mark = "  ← label" if each == label else ""
        probability = probabilities[each]
        axes.text(probability + 0.015, place, f"{probability:.3f}{mark}", va="center", color=INK)
    axes.set_yticks(places, [classes[each] for each in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, 1.25)
    axes.set_xticks([])
    frame(axes, grid=False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", labelsize=12)


def draw_steps(steps: Sequence[tuple[str, Images]], *, title: str, subtitle: str = "") -> Figure:
    """Draw how a picture came to MNIST's form, from left to right.

    Parameters
    ----------
    steps : sequence of (str, uint8 array of shape (rows, columns))
        The first is the picture itself, 0 black to 255 white; in the others 0 is paper.
    title, subtitle : str
        The heading.
    """
    widths = [STEP * float(np.clip(image.shape[1] / image.shape[0], 0.4, 2)) for _, image in steps]
    width = max(HEADING, 2 * MARGIN + sum(widths) + STEP_GAP * (len(steps) - 1))
    height = 1.35 + STEP + MARGIN
    paper = figure(width, height, title, subtitle)
    left = MARGIN
    for place, ((name, image), across) in enumerate(zip(steps, widths, strict=True)):
        share = (left / width, MARGIN / height, across / width, STEP / height)
        axes = picture_axes(paper, share)
        axes.imshow(image, cmap="Greys_r" if place == 0 else "Greys", vmin=0, vmax=255)
        axes.set_title(name, fontsize=11, color=MUTED, loc="left")
        axes.spines[:].set(visible=True, color=GRID)
        left += across + STEP_GAP
    return paper


def draw_boxes(
    picture: Images,
    boxes: Sequence[tuple[tuple[float, float, float, float], str]],
    *,
    title: str,
    subtitle: str = "",
) -> Figure:
    """Draw a picture with a box around each digit and what it is read as.

    Parameters
    ----------
    picture : uint8 array of shape (rows, columns)
        0 black to 255 white.
    boxes : sequence of ((left, top, right, bottom), str)
        Each box as shares of the picture's width and height, and its caption.
    title, subtitle : str
        The heading.
    """
    rows, columns = picture.shape
    wide = max(HEADING, min(11.0, 5 * columns / rows))
    high = (wide - 2 * MARGIN) * rows / columns
    paper = figure(wide, 1.35 + high + MARGIN, title, subtitle)
    share = (MARGIN / wide, MARGIN / (1.35 + high + MARGIN))
    size = (1 - 2 * share[0], high / (1.35 + high + MARGIN))
    axes = picture_axes(paper, (*share, *size))
    axes.imshow(picture, cmap="Greys_r", vmin=0, vmax=255)
    for (left, top, right, bottom), caption in boxes:
        x, y = np.array([left, right, right, left, left]), np.array([top, top, bottom, bottom, top])
        axes.plot(x * columns - 0.5, y * rows - 0.5, color=COLOURS[0], linewidth=1.5)
        axes.text(left * columns, top * rows - 2, caption, color=COLOURS[0], fontsize=12)
    return paper
