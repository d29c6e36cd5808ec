"""What holds for every command: a usage error is told to people and programs, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mnist_tool.cli.frame.catalogue import COMMANDS

Run = Callable[..., Any]
ENVELOPE = {"schema", "tool", "version", "command", "status", "exit_code", "data", "errors"}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_usage_in_json_too(run_tool: Run, name: str) -> None:
    """Exit code 2, one document on stdout, the command to run next."""
    done = run_tool(name, "--no-such-option", "--json")
    assert done.exit_code == 2
    assert set(done.json) == ENVELOPE
    assert done.json["errors"][0]["code"] == "usage"
    assert f"mnist-tool {name} --help" in done.json["errors"][0]["hint"]
    assert done.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_told_to_people(run_tool: Run, name: str) -> None:
    """stdout stays clean; stderr has the error and a hint."""
    done = run_tool(name, "--no-such-option")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error:" in done.stderr
    assert "hint:" in done.stderr


def test_a_misspelt_command_is_suggested(run_tool: Run) -> None:
    """`trian` is answered with `train`."""
    done = run_tool("fecth")
    assert done.exit_code == 2
    assert "fetch" in done.stderr


def test_a_missing_value_leads_to_the_commands_own_help(run_tool: Run) -> None:
    """Also where Click's parser fails before it knows the command."""
    done = run_tool("test", "--save")
    assert done.exit_code == 2
    assert "mnist-tool test --help" in done.stderr
