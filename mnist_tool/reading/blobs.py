"""Connected blobs of ink: where they are, how large, and whether they are several digits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blob", "blobs", "side_by_side"]

Integers = NDArray[np.int64]
Span = tuple[int, int, int]  # row, first column, column after the last

# Of the largest group's height (or width): from here on a neighbour is a digit, not a part or dirt.
TALL = 0.5
# Of the same: strokes of one digit are not further apart.
CLOSE = 0.06


class Blob(NamedTuple):
    """Ink that hangs together, diagonal neighbours included.

    Parameters
    ----------
    spans : list of (int, int, int)
        Row, first column and the column after the last of each piece of a row.
    area : int
        Pixels of ink.
    rows, columns : (int, int)
        The first and the one after the last.
    """

    spans: list[Span]
    area: int
    rows: tuple[int, int]
    columns: tuple[int, int]

    def touches(self, shape: tuple[int, ...]) -> bool:
        """Whether it reaches the border of a picture of this shape."""
        (top, bottom), (left, right) = self.rows, self.columns
        return top == 0 or left == 0 or bottom == shape[0] or right == shape[1]


def blobs(inked: NDArray[np.bool_]) -> list[Blob]:
    """Find the blobs of a picture.

    The work is done on whole arrays: a fine pattern has a hundred thousand spans.

    Parameters
    ----------
    inked : bool array of shape (rows, columns)
        Where there is ink.
    """
    spans = _spans(inked)
    if not len(spans):
        return []
    labels = _components(len(spans), *_touching(spans))
    order = np.argsort(labels, kind="stable")
    firsts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    row, start, stop = spans[order].T
    measures = (
        firsts,
        [*firsts[1:], len(spans)],
        np.add.reduceat(stop - start, firsts),
        np.minimum.reduceat(row, firsts),
        np.maximum.reduceat(row, firsts) + 1,
        np.minimum.reduceat(start, firsts),
        np.maximum.reduceat(stop, firsts),
    )
    pieces: list[Span] = [(r, a, b) for r, a, b in spans[order].tolist()]
    return [
        Blob(pieces[first:last], area, (top, bottom), (left, right))
        for first, last, area, top, bottom, left, right in np.column_stack(measures).tolist()
    ]


def _spans(inked: NDArray[np.bool_]) -> Integers:
    """Return row, start and stop of each span, from top to bottom and from left to right."""
    edges = np.diff(np.pad(inked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    return np.column_stack([np.argwhere(edges == 1), np.argwhere(edges == -1)[:, 1]])


def _touching(spans: Integers) -> tuple[Integers, Integers]:
    """Return the pairs of spans in neighbouring rows that touch, by their places."""
    row, start, stop = spans.T
    width = int(stop.max()) + 1
    first = np.searchsorted(row * width + stop, (row - 1) * width + start, "left")
    after = np.searchsorted(row * width + start, (row - 1) * width + stop, "right")
    counts = np.maximum(after - first, 0)
    lower = np.repeat(np.arange(len(spans)), counts)
    within = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    return np.repeat(first, counts) + within, lower


def _components(count: int, one: Integers, other: Integers) -> Integers:
    """Label things that hang together in pairs by the first of them."""
    labels = np.arange(count)
    while len(one):
        # Hang the later root of each pair on the earlier one, then let each thing look up its root.
        np.minimum.at(labels, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(labels, jumped := labels[labels]):
            labels = jumped
        one, other = labels[one], labels[other]
        apart = one != other
        one, other = one[apart], other[apart]
    return labels


def side_by_side(found: list[Blob]) -> int:
    """Count the digits: groups of blobs of similar size, apart along rows or along columns."""
    columns, rows = (
        np.array(ends) for ends in zip(*((blob.columns, blob.rows) for blob in found), strict=True)
    )
    return max(_groups(columns, rows), _groups(rows, columns))


def _groups(along: Integers, across: Integers) -> int:
    """Count the groups that are apart along the first extent and similar along the second."""
    size = int((across[:, 1] - across[:, 0]).max())
    order = np.argsort(along[:, 0])
    (start, stop), (top, bottom) = along[order].T, across[order].T
    reached = np.maximum.accumulate(stop)
    firsts = np.flatnonzero(np.append(True, start[1:] > reached[:-1] + CLOSE * size))
    tall = np.maximum.reduceat(bottom, firsts) - np.minimum.reduceat(top, firsts)
    return int(np.count_nonzero(tall >= TALL * size))
