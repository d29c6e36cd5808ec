"""Compare two models on the same images: where they differ, and whether chance may have done it."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["Comparison", "compare_mistakes"]


@dataclass(frozen=True)
class Comparison:
    """Two models on the same images.

    Parameters
    ----------
    total : int
        Images.
    only_first, only_second : tuple of int
        Places of the images that the first alone, or the second alone, reads rightly.
    neither : tuple of int
        Places of those that both read wrongly.
    """

    total: int
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    neither: tuple[int, ...]

    @property
    def both(self) -> int:
        """How many both read rightly."""
        return self.total - len(self.only_first) - len(self.only_second) - len(self.neither)

    @property
    def p_value(self) -> float:
        """How often chance alone would make at least so large a difference.

        McNemar's test in its exact form: of two equally good models each would be the better one
        on half of the images on which they differ (Q. McNemar, Psychometrika 12, 1947).
        """
        fewer, more = sorted((len(self.only_first), len(self.only_second)))
        return sign_test(fewer, fewer + more)


def compare_mistakes(total: int, first: Collection[int], second: Collection[int]) -> Comparison:
    """Compare two models by the places of their mistakes.

    Parameters
    ----------
    total : int
        Images that both were shown.
    first, second : collection of int
        Places of the images that each reads wrongly.

    Examples
    --------
    >>> found = compare_mistakes(100, {1, 2, 3}, {3, 4})
    >>> found.only_second, found.only_first, found.neither, found.both
    ((1, 2), (4,), (3,), 96)
    >>> found.p_value
    1.0
    """
    a, b = set(first), set(second)
    parts = (b - a, a - b, a & b)
    return Comparison(total, *(tuple(sorted(part)) for part in parts))


def sign_test(fewer: int, total: int) -> float:
    """Return how often of `total` fair coins at most `fewer` show one side, or the other."""
    if 2 * fewer >= total:
        return 1.0
    logs = [_log_binomial(total, count) - total * math.log(2) for count in range(fewer + 1)]
    return min(1.0, 2 * math.fsum(map(math.exp, logs)))


def _log_binomial(total: int, count: int) -> float:
    parts = (total, count, total - count)
    whole, one, other = (math.lgamma(part + 1) for part in parts)
    return whole - one - other
