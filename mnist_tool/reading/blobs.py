"""Connected blobs of ink: where they are, how large, and whether they are several digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blob", "blobs", "side_by_side"]

Span = tuple[int, int, int]  # row, first column, column after the last

# Of the largest group's height (or width): from here on a neighbour is a digit, not a part or dirt.
TALL = 0.5
# Of the same: strokes of one digit are not further apart.
CLOSE = 0.06


@dataclass(frozen=True)
class Blob:
    """Ink that hangs together, diagonal neighbours included.

    Parameters
    ----------
    spans : tuple of (int, int, int)
        Row, first column and the column after the last of each piece of a row.
    """

    spans: tuple[Span, ...]

    @property
    def area(self) -> int:
        """Pixels of ink."""
        return sum(stop - start for _, start, stop in self.spans)

    @property
    def rows(self) -> tuple[int, int]:
        """First row and the one after the last."""
        return min(span[0] for span in self.spans), max(span[0] for span in self.spans) + 1

    @property
    def columns(self) -> tuple[int, int]:
        """First column and the one after the last."""
        return min(span[1] for span in self.spans), max(span[2] for span in self.spans)

    def touches(self, shape: tuple[int, ...]) -> bool:
        """Whether it reaches the border of a picture of this shape."""
        (top, bottom), (left, right) = self.rows, self.columns
        return top == 0 or left == 0 or bottom == shape[0] or right == shape[1]


def blobs(inked: NDArray[np.bool_]) -> list[Blob]:
    """Find the blobs of a picture.

    Parameters
    ----------
    inked : bool array of shape (rows, columns)
        Where there is ink.
    """
    spans = list(_spans(inked))
    parents = list(range(len(spans)))

    def root(place: int) -> int:
        """Return the first span of the blob, and shorten the way to it."""
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    for upper, lower in _touching(spans):
        parents[root(lower)] = root(upper)
    groups: dict[int, list[Span]] = {}
    for place, span in enumerate(spans):
        groups.setdefault(root(place), []).append(span)
    return [Blob(tuple(group)) for group in groups.values()]


def _spans(inked: NDArray[np.bool_]) -> Iterator[Span]:
    edges = np.diff(np.pad(inked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(edges == 1), np.argwhere(edges == -1)
    for (row, start), (_, stop) in zip(starts.tolist(), stops.tolist(), strict=True):
        yield row, start, stop


def _touching(spans: list[Span]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of spans in neighbouring rows that touch, by their places."""
    upper = 0
    for lower, (row, start, stop) in enumerate(spans):
        while spans[upper][0] < row - 1 or (spans[upper][0] == row - 1 and spans[upper][2] < start):
            upper += 1
        place = upper
        while spans[place][0] == row - 1 and spans[place][1] <= stop:
            yield place, lower
            place += 1


def side_by_side(found: list[Blob]) -> int:
    """Count the digits: groups of blobs of similar size, apart along rows or along columns."""
    return max(
        _groups([(blob.columns, blob.rows) for blob in found]),
        _groups([(blob.rows, blob.columns) for blob in found]),
    )


def _groups(extents: list[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    """Count the groups that are apart along the first extent and similar along the second."""
    size = max(across[1] - across[0] for _, across in extents)
    merged: list[list[int]] = []
    for along, across in sorted(extents):
        if merged and along[0] <= merged[-1][1] + CLOSE * size:
            last = merged[-1]
            last[1] = max(last[1], along[1])
            last[2], last[3] = min(last[2], across[0]), max(last[3], across[1])
        else:
            merged.append([*along, *across])
    return sum(bottom - top >= TALL * size for _, _, top, bottom in merged)
