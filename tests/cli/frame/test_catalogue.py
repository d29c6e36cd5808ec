"""The commands are known without being loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from tests.cli.processes import python


def test_the_overview_says_what_each_command_says_of_itself() -> None:
    """The list of commands is written without loading them, and yet says the same."""
    made = {name: command.get_short_help_str(200) for name, command in LazyCommands().items()}
    assert made == COMMANDS


def test_help_loads_no_command() -> None:
    """The overview needs the catalogue alone."""
    code = (
        "import sys; from mnist_tool.cli import app; app(['--help'], standalone_mode=False); "
        "loaded = [m for m in sys.modules if m.startswith('mnist_tool.cli.commands')]; "
        "sys.exit(' '.join(loaded) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_completing_a_commands_name_loads_no_command() -> None:
    """The names and what they do are in the catalogue."""
    code = """
import os, sys
os.environ |= {"_MNIST_TOOL_COMPLETE": "complete_bash", "COMP_WORDS": "mnist-tool pre",
               "COMP_CWORD": "1"}
for module in ("pydantic", "mnist_tool.cli.commands.predict",
               "mnist_tool.cli.commands.predict_random"):
    sys.modules[module] = None
from mnist_tool.__main__ import start
start()
"""
    done = python(code)
    assert done.stdout.split() == ["predict", "predict-random"], done.stderr


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("train --device c", {"cpu", "cuda"}),
        ("fetch --from oss", {"ossci"}),
        ("fetch --dataset qmnist --from oss", set()),
        ("doctor netw", {"network"}),
        ("doctor --skip torc", {"torch", "torchvision"}),
        ("test --s", {"--split"}),  # and not the former name of --output
    ],
)
def test_values_are_completed_without_torch(typed: str, names: set[str]) -> None:
    """Devices, sources of the data set typed, checks and groups, options."""
    words = f"mnist-tool {typed}"
    code = f"""
import os, sys
os.environ |= {{"_MNIST_TOOL_COMPLETE": "complete_bash", "COMP_WORDS": {words!r},
               "COMP_CWORD": "{len(typed.split())}"}}
sys.modules["torch"] = None
from mnist_tool.__main__ import start
start()
"""
    done = python(code)
    assert set(done.stdout.split()) == names, done.stderr
