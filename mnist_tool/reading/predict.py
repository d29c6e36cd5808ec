"""From what may be digits to those that are read: the reading that is likeliest as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnist_tool.reading.layout import Candidate
from mnist_tool.reading.prepare import Prepared

__all__ = ["Digit", "Model", "Prediction", "choose", "groups", "predict"]

# What recognises digits: from uint8 images of shape (N, 28, 28), 0 paper to 255 ink, to ten
# probabilities for each.
Model = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

# Logarithms of probabilities: what a cut through ink, and a digit across a gap, have to gain.
CUT, JOIN = 0.3, 1.5
# A gap between two groups of digits: so many heights of the row, so many times its middle gap.
BETWEEN, WIDER = 0.6, 2.2


@dataclass(frozen=True)
class Digit:
    """One digit that a model reads.

    Parameters
    ----------
    probabilities : tuple of ten float
        For each digit, 0 to 1.
    candidate : Candidate
        Its place in the picture's layout.
    box : tuple of float
        Left, top, right and bottom, as shares of the picture's width and height.
    """

    probabilities: tuple[float, ...]
    candidate: Candidate
    box: tuple[float, float, float, float]

    @cached_property
    def ranking(self) -> list[int]:
        """The digits, the likeliest first."""
        return sorted(range(len(self.probabilities)), key=lambda digit: -self.probabilities[digit])

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return self.ranking[0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.probabilities[self.digit]


@dataclass(frozen=True)
class Prediction:
    """What a model reads in a picture.

    Parameters
    ----------
    prepared : Prepared
        What the model saw.
    rows : tuple of tuple of Digit
        The digits in reading order, row by row; at least one.
    score : float
        The logarithm of the probability of the whole, less what its cuts, gaps and low digits
        cost.
    """

    prepared: Prepared
    rows: tuple[tuple[Digit, ...], ...]
    score: float

    @property
    def name(self) -> str:
        """How the picture is called."""
        return self.prepared.name

    @property
    def images(self) -> tuple[NDArray[np.uint8], ...]:
        """The image in MNIST's form of each digit: uint8, shape (28, 28)."""
        found = self.prepared.layout.candidates
        places = [found.index(digit.candidate) for digit in self.digits]
        return tuple(self.prepared.images[place] for place in places)

    def steps(self) -> tuple[tuple[str, NDArray[np.uint8]], ...]:
        """Return what was made on the way to the first digit, each with its name."""
        return self.prepared.steps(self.digits[0].candidate)

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All digits in reading order."""
        return tuple(digit for row in self.rows for digit in row)


def predict(model: Model, pictures: Sequence[Prepared]) -> list[Prediction]:
    """Read pictures: the model is asked once for all that may be digits in them.

    Parameters
    ----------
    model : callable
        From images in MNIST's form to ten probabilities each.
    pictures : sequence of Prepared
        As `prepare` returns them.
    """
    if not pictures:
        return []
    others = [each.other for each in pictures if each.other]
    ways = [*pictures, *others]
    chances = model(np.concatenate([each.images for each in ways]))
    ends = np.cumsum([len(each.images) for each in ways])[:-1]
    read = list(map(choose, ways, np.split(chances, ends)))
    found, more = read[: len(pictures)], iter(read[len(pictures) :])
    return [
        max(each, next(more), key=lambda way: way.score) if each.prepared.other else each
        for each in found
    ]


def choose(prepared: Prepared, chances: NDArray[np.float32]) -> Prediction:
    """Choose the reading that is likeliest as a whole: one digit, or rows of several.

    Parameters
    ----------
    prepared : Prepared
        The picture.
    chances : float array of shape (N, 10)
        For each of its candidates the probabilities of the digits.
    """
    whole, *runs = prepared.layout.candidates
    best = np.log(np.maximum(chances.max(axis=1), 1e-6))
    score, chosen = float(best[0]) - JOIN * whole.joins, [0]
    if runs:
        apart, found = 0.0, list[int]()
        for row in sorted({run.row for run in runs}):
            places = [place for place, run in enumerate(runs, 1) if run.row == row]
            gained, these = _best_row(prepared, best, places)
            apart, found = apart + gained, found + these
        if apart >= score:
            score, chosen = apart, found
    rows: dict[int, list[Digit]] = {}
    for place in chosen:
        candidate = prepared.layout.candidates[place]
        digit = Digit(tuple(chances[place].tolist()), candidate, _box(prepared, candidate))
        rows.setdefault(candidate.row, []).append(digit)
    return Prediction(prepared, tuple(map(tuple, rows.values())), score)


def groups(row: Sequence[Digit]) -> list[list[Digit]]:
    """Divide a row where its gaps are wide, as those of a telephone number are.

    Parameters
    ----------
    row : sequence of Digit
        From left to right, at least one.
    """
    boxes = [digit.candidate.box for digit in row]
    gaps = [after[0] - before[2] for before, after in pairwise(boxes)]
    height = max(bottom - top for _, top, _, bottom in boxes)
    narrow = sorted(gaps)[: (len(gaps) + 1) // 2]
    wide = max(BETWEEN * height, WIDER * narrow[-1]) if narrow else 0
    found = [[row[0]]]
    for digit, gap in zip(row[1:], gaps, strict=True):
        if gap > wide:
            found.append([digit])
        else:
            found[-1].append(digit)
    return found


def _best_row(
    prepared: Prepared, best: NDArray[np.float32], places: Sequence[int]
) -> tuple[float, list[int]]:
    """Return the best way to divide a row into digits: its logarithm, and the candidates."""
    runs = prepared.layout.candidates
    first = min(runs[place].first for place in places)
    last = max(runs[place].last for place in places)
    ways: dict[int, tuple[float, list[int]]] = {first - 1: (0.0, [])}
    for end in range(first, last + 1):
        ways[end] = max(
            (
                ways[runs[place].first - 1][0] + best[place] - _cost(runs[place]),
                [*ways[runs[place].first - 1][1], place],
            )
            for place in places
            if runs[place].last == end
        )
    return ways[last]


def _cost(run: Candidate) -> float:
    return CUT * run.cuts / 2 + JOIN * run.joins + run.short


def _box(prepared: Prepared, candidate: Candidate) -> tuple[float, float, float, float]:
    rows, columns = prepared.layout.pieces.shape
    left, top, right, bottom = candidate.box
    return left / columns, top / rows, right / columns, bottom / rows
