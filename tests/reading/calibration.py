"""How far probabilities are from the share of answers that are right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["calibration_error"]

BINS = 15


def calibration_error(
    probabilities: NDArray[np.floating[Any]], right: NDArray[np.bool_], bins: int = BINS
) -> float:
    """Return the expected calibration error: the mean gap between probability and share right.

    Over bins of equal width, each counting as often as it has answers (Naeini et al., 2015).
    """
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(float(np.mean(probabilities[places == place]) - np.mean(right[places == place])))
        * np.count_nonzero(places == place)
        for place in np.unique(places)
    ]
    return sum(gaps) / len(probabilities)
