"""The limits of patience."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mnist_tool.configuration import SETTINGS
from mnist_tool.dataset.network.clocks import Clocks


@pytest.mark.parametrize("clock", fields(Clocks), ids=lambda field: field.name)
def test_a_clock_is_what_its_setting_says(clock) -> None:
    """Where both have a default it is the same one; only the pause between rounds is no setting."""
    if clock.name == "backoff":
        assert clock.name not in SETTINGS
        return
    assert SETTINGS[clock.name].default == clock.default


def test_an_answer_may_take_every_wait_twice() -> None:
    """Longer than the socket's own time-outs, so that those come first."""
    clocks = Clocks(connect_timeout=2, timeout=3)
    assert clocks.answer == 10
    assert clocks.answer > clocks.connect_timeout + clocks.timeout
