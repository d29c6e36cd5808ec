"""Option, then environment, then default; and each value knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_tool import fetch
from mnist_tool.configuration import SETTINGS, get, resolve
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.errors import SettingError
from tests.real_data import REPOSITORY


def test_the_option_wins_over_the_environment() -> None:
    """What is typed counts most, then the variable, then the default."""
    environment = {"MNIST_TOOL_TIMEOUT": "3"}
    given = resolve("timeout", 7.0, environment=environment)
    assert (given.value, given.origin) == (7.0, "--timeout")
    from_variable = resolve("timeout", environment=environment)
    assert (from_variable.value, from_variable.origin) == (3.0, "MNIST_TOOL_TIMEOUT")
    default = resolve("timeout", environment={})
    assert (default.value, default.origin) == (SETTINGS["timeout"].default, "default")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timeout", "soon"),
        ("timeout", "0"),
        ("timeout", "-1"),
        ("timeout", "inf"),
        ("timeout", "nan"),
        ("timeout", "1000001"),
        ("min_rate", "1" + "0" * 12 + "1"),
        ("min_rate", "²"),
        ("min_rate", "9" * 5000),
        ("offline", "maybe"),
        ("min_rate", "1.5"),
        ("root", ""),
    ],
)
def test_nonsense_in_a_variable_is_named(name: str, text: str) -> None:
    """The message has the variable, its text and what is allowed; the hint removes it."""
    variable = SETTINGS[name].variable
    with pytest.raises(SettingError, match=variable) as caught:
        resolve(name, environment={variable: text})
    assert repr(text) in caught.value.message
    assert f"unset {variable}" in caught.value.hint


CLOCKS = sorted(name for name, each in SETTINGS.items() if isinstance(each.default, float))


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 0, -1, 1e300, 10**400])
@pytest.mark.parametrize("name", CLOCKS)
def test_an_option_is_checked_as_the_variable_is(name: str, value: float) -> None:
    """What is no length of time is refused for every clock, on the command line and in Python."""
    with pytest.raises(SettingError, match=f"--{name.replace('_', '-')} is") as caught:
        resolve(name, value)
    assert "seconds above 0" in caught.value.message
    with pytest.raises(SettingError):
        fetch("here", clocks=Clocks(**{name: value}), offline=True)


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("0", False), ("", False)])
def test_switches_read_what_people_write(text: str, value: bool) -> None:
    """1, yes and on switch on; 0, no, off and nothing switch off."""
    assert resolve("offline", environment={"MNIST_TOOL_OFFLINE": text}).value is value


def test_the_root_may_begin_with_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde in a variable means the home folder, which no shell expands there."""
    monkeypatch.setenv("MNIST_TOOL_ROOT", "~/digits")
    assert get("root") == Path.home() / "digits"


def test_every_variable_is_documented() -> None:
    """The reference page lists each one."""
    page = (REPOSITORY / "docs" / "reference.md").read_text("utf-8")
    for setting in SETTINGS.values():
        assert f"`{setting.variable}`" in page
