"""What holds for every command: help with examples, JSON in success and failure, exit codes."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from mnist_tool.cli.frame.command import application
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import StorageError

Run = Callable[..., Any]
ENVELOPE = {"schema", "tool", "version", "command", "status", "exit_code", "data", "errors"}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_what_it_does_and_two_examples(run_tool: Run, name: str) -> None:
    """`-h` and `--help` are the same page, with at least two lines that can be pasted."""
    long = run_tool(name, "--help")
    assert long.exit_code == 0
    assert run_tool(name, "-h").stdout == long.stdout
    assert len(re.findall(rf"mnist-tool {name}\b", long.stdout)) >= 3
    assert "--json" in long.stdout
    assert not re.search(r"\[\[|\.\.\.]", long.stdout.splitlines()[0])  # brackets once, not twice


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


def test_bare_command_shows_help(run_tool: Run) -> None:
    """Without a word, the list of commands is shown."""
    done = run_tool()
    assert "fetch" in done.stdout


def test_version_is_the_packages(run_tool: Run) -> None:
    """One version number, printed."""
    from mnist_tool import __version__

    assert run_tool("--version").stdout == f"mnist-tool {__version__}\n"


def _app_with(function: Callable[[Output], None]) -> typer.Typer:
    return application(function, "do", "Do it.", (("a", "b"), ("c", "d")))


@pytest.mark.parametrize(
    ("error", "code", "name"),
    [
        (StorageError("Disk full.", hint="Free some."), 3, "storage"),
        (ValueError("a bug"), 70, "bug"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (typer.Abort(), 130, "interrupted"),  # Ctrl-C at a question
    ],
)
@pytest.mark.parametrize("json_mode", [False, True])
def test_every_ending_has_its_code(
    error: BaseException, code: int, name: str, json_mode: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Known errors, bugs and Ctrl-C end in their codes, without a traceback, in JSON too."""

    def fail(out: Output) -> None:
        """Fail."""
        raise error

    with pytest.raises(SystemExit) as ended:
        _app_with(fail)(["--json"] if json_mode else [])
    stdout, stderr = capsys.readouterr()
    assert ended.value.code == code
    assert "Traceback" not in stdout + stderr
    if json_mode:
        assert f'"code": "{name}"' in stdout
        assert stderr == ""
    else:
        assert stdout == ""
        assert "hint:" in stderr


def test_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """MNIST_TOOL_DEBUG=1 adds the traceback; document and exit code stay."""
    monkeypatch.setenv("MNIST_TOOL_DEBUG", "1")
    out = Output("do", json_mode=True)
    with edge(out):
        raise StorageError("Disk full.", hint="Free some.")
    stdout, stderr = capsys.readouterr()
    assert out.exit_code == 3
    assert json.loads(stdout)["errors"][0]["code"] == "storage"
    assert "Traceback" in stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that somebody is in")
def test_a_current_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    """Not standard output, nor anything else, is to blame."""
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'rmdir "$PWD"; exec {shlex.quote(sys.executable)} -m mnist_tool doctor data --json'
    done = subprocess.run(["sh", "-c", line], cwd=gone, capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert "current folder does not exist" in json.loads(done.stdout)["errors"][0]["message"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_stdout_is_no_bug(synthetic_root: Path) -> None:
    """`mnist-tool verify > FILE` on a full disk is exit code 3, in one line."""
    words = ["verify", "--root", str(synthetic_root), "--dataset", "synthetic"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mnist_tool", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert "Standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_a_fetch_cleanly(number: int, code: int, tmp_path: Path) -> None:
    """A fetch that waits for its input is interrupted: exit code, message, nothing left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_tool", "fetch", "--from", "-", "--root", str(tmp_path / "r")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 100
    while not (tmp_path / "r").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=100)
    assert process.returncode == code, stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert not list(tmp_path.glob("r/**/*"))


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`mnist-tool fetch | head -1` ends without a traceback and with the command's own code."""
    done = subprocess.run(
        f"{sys.executable} -m mnist_tool fetch --dataset synthetic --root {tmp_path / 'r'} "
        "| head -n 0; echo ${PIPESTATUS[0]}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize(
    "setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}]
)
def test_plain_streams_get_plain_text(
    run_process: Run, setting: dict[str, str], synthetic_root: Path
) -> None:
    """No escape sequences in a pipe, and nothing that an ASCII stream cannot carry."""
    words = ["verify", "--root", str(synthetic_root), "--dataset", "synthetic"]
    done = run_process(*words, env={**os.environ, **setting})
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout + done.stderr
    if "LC_ALL" in setting:
        assert done.stdout.isascii()


def test_json_uses_nothing_but_one_document(run_tool: Run, synthetic_root: Path) -> None:
    """In success the envelope has the same keys, and stderr is silent."""
    done = run_tool("verify", "--root", str(synthetic_root), "--dataset", "synthetic", "--json")
    assert set(done.json) == ENVELOPE
    assert (done.json["status"], done.json["exit_code"], done.stderr) == ("ok", 0, "")
