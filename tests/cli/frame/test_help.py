"""The help pages: summary, options, examples."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from mnist_tool.configuration import SETTINGS
from tests.cli.processes import python

Run = Callable[..., Any]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_what_it_does_and_two_examples(run_tool: Run, name: str) -> None:
    """`-h` and `--help` are the same page, with at least two lines that can be pasted."""
    long = run_tool(name, "--help")
    assert long.exit_code == 0
    assert run_tool(name, "-h").stdout == long.stdout
    assert len(re.findall(rf"mnist-tool {name}\b", long.stdout)) >= 3
    assert "--json" in long.stdout
    assert not re.search(r"\[\[|\.\.\.]", long.stdout.splitlines()[0])  # brackets once, not twice


def test_help_shows_no_backslash_where_typer_escapes() -> None:
    r"""Typer before 0.29 writes ``\[default: mnist]`` for Rich to read."""
    code = r"""
import sys
from typer.core import TyperOption
plain = TyperOption.get_help_record

def escaped(self, ctx):
    record = plain(self, ctx)
    return record and (record[0], record[1].replace("  [", r"  \["))

TyperOption.get_help_record = escaped
sys.argv[1:] = ["verify", "--help"]
from mnist_tool.__main__ import start
start()
"""
    done = python(code)
    assert "[default: mnist]" in done.stdout
    assert "\\" not in done.stdout


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("help",), ("--help",)),
        (("help", "fetch"), ("fetch", "--help")),
        (("version",), ("--version",)),
        (("-V",), ("--version",)),
    ],
)
def test_what_others_call_it_works_too(
    run_tool: Run, words: tuple[str, ...], same: tuple[str, ...]
) -> None:
    """The words of git, cargo, docker and pip."""
    done = run_tool(*words)
    assert (done.exit_code, done.stdout) == (0, run_tool(*same).stdout)


def test_help_on_an_unknown_command_is_an_error(run_tool: Run) -> None:
    """With what was meant."""
    done = run_tool("help", "fetsch")
    assert done.exit_code == 2
    assert "fetch" in done.stderr


@pytest.mark.parametrize("columns", [20, 40, 79, 120])
@pytest.mark.parametrize("name", ["fetch", "train"])
def test_no_option_is_broken_however_narrow_it_is(
    run_tool: Run, monkeypatch: pytest.MonkeyPatch, columns: int, name: str
) -> None:
    """An explanation then stands below its option, and no line is longer than it must be."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run_tool(name, "--help").stdout.splitlines()
    options = {word for line in lines for word in re.findall(r"^  (?:-\w, )?(--[\w-]+)", line)}
    longest = {"fetch": "--source-deadline", "train": "--learning-rate"}[name]
    assert {"--root", "--json", "--help", longest} <= options
    page = lines[: lines.index("Examples")]
    assert all(len(line.rstrip()) <= columns or line.lstrip().count(" ") < 3 for line in page[2:])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_of_a_setting_names_its_variable(name: str) -> None:
    """Whoever wants it for good is told how, wherever the option is."""
    for parameter in LazyCommands()[name].params:
        for option in parameter.opts:
            setting = SETTINGS.get(option.removeprefix("--").replace("-", "_"))
            if setting and option.startswith("--"):
                assert f"[env: {setting.variable}]" in parameter.help
