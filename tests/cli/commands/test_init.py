"""init: what it writes is read; that the script runs is tested with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.configuration import SETTINGS, resolve

Run = Callable[..., Any]


def test_the_settings_change_nothing_until_somebody_does(
    run_tool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line that is freed of its # is a setting, with its default."""
    monkeypatch.delenv("MNIST_TOOL_CACHE")
    done = run_tool("init", "new/place")
    assert done.stdout.split() == ["new/place/lecture.py", "new/place/mnist-tool.toml"]
    monkeypatch.chdir("new/place")
    assert {resolve(name).origin for name in SETTINGS} == {"default"}
    path = Path("mnist-tool.toml")
    path.write_text(re.sub(r"^# (\w+ = )", r"\1", path.read_text(), flags=re.MULTILINE))
    for name, setting in SETTINGS.items():
        found = resolve(name)
        assert found.origin == "mnist-tool.toml"
        assert found.value == setting.default or name == "cache"


def test_nothing_is_overwritten(run_tool: Run) -> None:
    """Neither of the two is written where one of them is there."""
    Path("mnist-tool.toml").write_text("timeout = 3\n")
    done = run_tool("init")
    assert done.exit_code == 2
    assert "overwritten" in done.stderr
    assert [path.name for path in Path().iterdir()] == ["mnist-tool.toml"]


def test_a_folder_that_cannot_be_made_names_no_option(run_tool: Run) -> None:
    """It has none; those of other commands would be refused."""
    Path("file").touch()
    done = run_tool("init", "file/place")
    assert done.exit_code == 3
    assert "hint: Move the file that stands where a folder is needed" in done.stderr
    assert "--" not in done.stderr
