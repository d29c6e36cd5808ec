"""How the process starts and ends: what it loads, what it still does when it ends at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


def _python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a script whose streams are buffered, as they are for most users."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-c", code], check=False, text=True, env=environment,
        stderr=subprocess.PIPE,
        **({"stdout": subprocess.PIPE} | options),
    )  # type: ignore[call-overload,no-any-return]  # fmt: skip


def _main_does(body: str) -> str:
    """Return a script whose command line does what `body` says."""
    return f"""
import atexit, sys
import mnist_tool.__main__ as process

def main():
    {body}

process.main = main
process.start()
"""


@pytest.mark.parametrize("code", [0, 1, 3, 143])
def test_the_exit_code_is_the_commands(code: int) -> None:
    """What `main` exits with is what the shell sees."""
    assert _python(_main_does(f"sys.exit({code})")).returncode == code


def test_what_was_printed_arrives_before_the_end() -> None:
    """A buffer that is full of text is written although the process ends at once."""
    done = _python(_main_does("print('x' * 5000, end=''); sys.exit(0)"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "x" * 5000, "")


def test_whatever_was_registered_for_the_end_is_done() -> None:
    """As the doctor, which ends the interpreters it has started."""
    done = _python(_main_does("atexit.register(print, 'cleaned up'); sys.exit(0)"))
    assert (done.returncode, done.stdout) == (0, "cleaned up\n")


def test_an_unforeseen_exception_is_shown() -> None:
    """With its traceback, and exit code 1."""
    done = _python(_main_does("raise LookupError('nobody thought of this')"))
    assert done.returncode == 1
    assert "LookupError: nobody thought of this" in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_text_that_cannot_be_written_at_the_end_fails_the_process() -> None:
    """Python's own end tells it, with its own exit code."""
    with FULL.open("w") as full:
        done = _python(_main_does("print('lost'); sys.exit(0)"), stdout=full)
    assert done.returncode == 120
    assert "No space left" in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", ["--version", "--help", "", "recipes --help"])
def test_pages_that_cannot_be_written_are_no_bug(words: str) -> None:
    """`mnist-tool --help > FILE` on a full disk is exit code 3, in one line."""
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mnist_tool", *words.split()],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert "Standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["--version", "recipes", "train --help"])
def test_nothing_is_loaded_to_convert_what_was_not_given(words: str) -> None:
    """Typer converts with pydantic, which takes as long to load as everything else."""
    code = f"""
import sys
sys.modules["pydantic"] = None  # importing it fails
sys.argv[1:] = {words.split()!r}
from mnist_tool.__main__ import start
start()
"""
    done = _python(code)
    assert done.returncode == 0, done.stderr


# What reaches the network or looks into archives; ours and what it stands on.
CARRYING = ("mnist_tool.dataset.collect", "mnist_tool.dataset.carriers", "mnist_tool.dataset.walk",
            "mnist_tool.dataset.download", "mnist_tool.dataset.archive")  # fmt: skip
NETWORK = ("requests", "urllib3", "http.client", "ssl", "email.utils", "tarfile", "zipfile",
           "filelock")  # fmt: skip


@pytest.mark.parametrize("given", [[], ["drawn", "https://host/x.tar.gz", "."]])
def test_a_complete_folder_is_fetched_without_loading_a_network(
    given: list[str], synthetic_root: Path
) -> None:
    """The disk is looked at first, and what was asked for is checked before that."""
    code = f"""
import sys
for module in {CARRYING + NETWORK}:
    sys.modules[module] = None  # importing it fails
from mnist_tool import errors, fetch
try:
    fetch({str(synthetic_root)!r}, dataset="synthetic", sources=["drwan"])
except errors.SettingError as error:
    print(error.hint)
report = fetch({str(synthetic_root)!r}, dataset="synthetic", sources={given})
print(*(file.state for file in report.files))
"""
    done = _python(code)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0].startswith("Did you mean --from drawn?")
    assert told[1] == " ".join(["present"] * 4)


def test_the_command_loads_no_network_either(synthetic_root: Path) -> None:
    """Typer has some of the other modules loaded by then, but none of ours."""
    code = f"""
import sys
for module in {CARRYING}:
    sys.modules[module] = None
sys.argv[1:] = ["fetch", "--dataset", "synthetic", "--root", {str(synthetic_root)!r}]
from mnist_tool.__main__ import start
start()
"""
    done = _python(code)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4), done.stderr


def test_completing_a_commands_name_loads_no_command() -> None:
    """The names and what they do are in the catalogue."""
    code = """
import os, sys
os.environ |= {"_MNIST_TOOL_COMPLETE": "complete_bash", "COMP_WORDS": "mnist-tool pre",
               "COMP_CWORD": "1"}
for module in ("pydantic", "mnist_tool.cli.predict", "mnist_tool.cli.random_digits"):
    sys.modules[module] = None
from mnist_tool.__main__ import start
start()
"""
    done = _python(code)
    assert done.stdout.split() == ["predict", "predict-random"], done.stderr
