"""What all workers of a fetch share knows why nobody waits for them any more."""

from __future__ import annotations

import pytest

from mnist_tool.dataset.fetching.state import REASONS, Fetch
from mnist_tool.dataset.outcomes import OUTCOMES


@pytest.mark.parametrize(
    ("ended", "wanting", "late", "outcome"),
    [
        (True, True, True, "deadline"),
        (True, True, False, "interrupted"),
        (True, False, True, "cancelled"),
        (True, False, False, "cancelled"),
        (False, True, False, "cancelled"),  # the one file of an attempt came from elsewhere
    ],
)
def test_the_reason(state: Fetch, ended: bool, wanting: bool, late: bool, outcome: str) -> None:
    """Only while files are wanted can it be a matter of time or of an interruption."""
    state.ended = ended
    state.wanted = state.wanted if wanting else []
    state.deadline = 0.0 if late else state.deadline
    error = state.reason()
    assert (error.outcome, error.message, error.hint) == (outcome, *REASONS[outcome])
    assert outcome in OUTCOMES
