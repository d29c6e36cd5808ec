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
