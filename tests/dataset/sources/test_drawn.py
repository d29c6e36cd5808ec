"""The synthetic digits come from no network."""

from __future__ import annotations

import pytest

from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.sources.drawn import Drawn
from tests.faults import tiny


def test_what_is_drawn_is_taken_as_what_is_downloaded(
    state: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By content: a file that was drawn wrongly is not stored."""
    good, bad, *_ = tiny.CONTENT
    drawn = {good: tiny.CONTENT[good], bad: tiny.CONTENT[bad][:-1] + b"!"}
    monkeypatch.setattr("mnist_tool.dataset.synthetic.idx_files", lambda wanted: drawn)
    race(state, [Drawn("drawn", "")])
    assert [attempt.delivered for attempt in state.attempts] == [[good]]
    assert [path.name for path in state.store.raw.iterdir()] == [good]
    assert not Drawn.network
    assert Drawn("drawn", "").shown
