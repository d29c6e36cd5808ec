"""What is written arrives, whatever the stream can encode."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cli.processes import on_terminal

ODD = "größe ± … ✓ 숫자 \udcff"  # the last one is what no encoding has
# All that can be written without torch: pages, tables, findings, errors, advice, usage, JSON.
COMMANDS = (
    ["--version"],
    ["--help"],
    ["train", "--help"],
    ["recipes"],
    ["sources"],
    ["verify", "--root", ODD],
    ["verify", "--root", ODD, "--json"],
    ["doctor", "files", "root", "--root", ODD, "-v"],
    ["doctor", "files", "--root", ODD, "--report"],
    ["fetch", "--root", ODD, "--offline"],
    ["fetch", "--from", ODD],
    ["fetch", "--dataset", ODD],
    [ODD],
)
SCRIPT = f"""
import sys
from mnist_tool.cli import main
for words in {COMMANDS!a}:
    try:
        main(list(words))
    except SystemExit as end:
        print("exit", end.code, flush=True)
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "cp1252", "latin-1", "utf-8"])
def test_every_command_gets_through_every_encoding(encoding: str) -> None:
    """What a stream cannot encode is spelt in ASCII, on stdout and on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    stdout, stderr = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode == 0, stderr
    codes = [line for line in stdout.splitlines() if line.startswith("exit ")]
    assert codes == [f"exit {code}" for code in (0, 0, 0, 0, 0, 1, 1, 0, 0, 3, 2, 2, 2)]
    assert "bug" not in stderr
    if encoding == "ascii":
        assert r"gr\xf6\xdfe +/- ... [OK] \uc22b\uc790 \udcff" in stdout
        assert r"gr\xf6\xdfe +/- ... [OK] \uc22b\uc790 \udcff" in stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
@pytest.mark.parametrize(("encoding", "sign"), [("ascii", "+/-"), ("cp1252", "±")])
def test_columns_are_as_wide_as_what_stands_in_them(encoding: str, sign: str) -> None:
    """Also where one sign takes three letters."""
    _, text = on_terminal("recipes", COLUMNS="120", PYTHONIOENCODING=encoding)
    lines = text.splitlines()
    assert sum(sign in line for line in lines) > 3
    timed = [line.index(" s ") for line in lines if sign in line]  # the seconds' column ends there
    assert len(set(timed)) == 1
