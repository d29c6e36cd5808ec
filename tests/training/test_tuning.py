"""``--set NAME=VALUE``: what is read, and what is refused in which words."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from mnist_tool.errors import SettingError
from mnist_tool.training.tuning import check, read

KINDS: dict[str, Any] = {
    "way": Literal["up", "down"],
    "share": float,
    "two_shares": tuple[float, float],
    "turns": int,
    "mirror": bool,
}


def read_and_check(pair: str) -> dict[str, Any]:
    """Do what `train` does with the words after --set."""
    values = read([pair], KINDS, ())
    for name, value in values.items():
        check(name, value, KINDS[name])
    return values


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("way=up", {"way": "up"}),
        ("share=0.25", {"share": 0.25}),
        ("two-shares=0.5, 0.75", {"two_shares": (0.5, 0.75)}),
        ("two_shares = 0.5,0", {"two_shares": (0.5, 0.0)}),
        ("turns=3", {"turns": 3}),
        ("mirror=on", {"mirror": True}),
        ("mirror=off", {"mirror": False}),
    ],
)
def test_values_are_read_by_their_kind(pair: str, value: dict[str, Any]) -> None:
    """Each kind of value has its own form, and passes its own check."""
    assert read_and_check(pair) == value


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("way=sideways", "up or down"),
        ("share=1", "from 0 to below 1"),
        ("share=much", "share=much"),
        ("two-shares=0.5", "2 numbers"),
        ("two-shares=0.5,x", "two-shares=0.5,x"),
        ("turns=-1", "whole number"),
        ("turns=1.5", "whole number"),
        ("mirror=1", "on or off"),
        ("mirror", "on or off"),
    ],
)
def test_unusable_values_are_refused(pair: str, says: str) -> None:
    """The error repeats what was said and tells what may be said; the hint is one that works."""
    with pytest.raises(SettingError, match=says) as caught:
        read_and_check(pair)
    read_and_check(caught.value.hint.rpartition("--set ")[2])


def test_unknown_names_get_the_near_one() -> None:
    """A typo is answered by the name, anything else by all names."""
    with pytest.raises(SettingError) as near:
        read(["two-share=0.1,0.2"], KINDS, ())
    assert "--set two-shares=" in near.value.hint
    with pytest.raises(SettingError) as far:
        read(["momentum=0.9"], KINDS, ())
    assert "two-shares" in far.value.hint


def test_names_with_an_option_are_sent_there() -> None:
    """There is one way to say each thing."""
    with pytest.raises(SettingError) as caught:
        read(["batch-size=10"], KINDS, {"batch_size"})
    assert caught.value.hint == "Say: --batch-size 10"
