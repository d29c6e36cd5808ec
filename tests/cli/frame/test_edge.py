"""Every way a command can end has its report and its exit code."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from mnist_tool.cli.frame.command import application
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import StorageError
from tests.cli.processes import FULL, shell


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


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_a_library_makes_of_a_signal_is_still_the_signal(number: int, code: int) -> None:
    """torch loses Ctrl-C where it looks for numpy, and fails with an ImportError later on."""
    out = Output("do")
    with edge(out):
        try:
            signal.raise_signal(number)
        except BaseException:
            raise ImportError("cannot load module more than once per process") from None
    assert out.exit_code == code


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


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", ["--version", "--help", "", "recipes --help"])
def test_pages_that_cannot_be_written_are_no_bug(words: str) -> None:
    """`mnist-tool --help > FILE` on a full disk is exit code 3, in one line."""
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mnist_tool", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert "Standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["--version", "--help", "recipes --help", "recipes"])
def test_a_reader_that_leaves_is_no_failure(words: str) -> None:
    """`mnist-tool --help | head -1` has done what was asked for."""
    done = shell(f"{{ $tool {words}; echo $? >&2; }} | :")
    assert done.stderr.splitlines()[-1] == "0"
    assert "error" not in done.stderr


def test_a_completion_that_cannot_be_installed_names_the_file(tmp_path: Path) -> None:
    """It is not stdout that refuses."""
    (tmp_path / "home").touch()
    done = shell(
        "$tool --install-completion bash",
        HOME=str(tmp_path / "home"),
        _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1",
    )
    assert done.returncode == 3
    assert str(tmp_path / "home") in done.stderr
    assert "Standard output" not in done.stderr
