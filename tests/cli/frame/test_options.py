"""Options tell what decides when they are not given."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mnist_tool.configuration import SETTINGS

Run = Callable[..., Any]


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"cache", "lock", "offline", "runs"}))
def test_an_option_of_a_setting_names_its_variable_and_default(name: str, run_tool: Run) -> None:
    """As the setting has them."""
    setting = SETTINGS[name]
    page = " ".join(run_tool("fetch", "--help").stdout.split())
    default = setting.default if name == "root" else f"{setting.default:g}"
    assert f"[env: {setting.variable}] [default: {default}]" in page
    assert re.search(rf"--{name.replace('_', '-')} [A-Z]+ ", page)


@pytest.mark.parametrize("command", ["fetch", "sources", "doctor"])
@pytest.mark.parametrize("seconds", ["inf", "nan", "0", "-1", "1e300"])
def test_a_clock_that_is_none_is_a_mistake_of_the_user(
    command: str, seconds: str, run_tool: Run
) -> None:
    """Refused as the variable is, before anything is done, and no bug of ours."""
    more = {"sources": ["--check"], "doctor": ["network"]}.get(command, [])
    done = run_tool(command, *more, "--timeout", seconds)
    assert done.exit_code == 2
    assert "it must be a number of seconds above 0" in done.stderr
    assert not done.stdout
