"""How the process starts and ends: what it loads, what it still does when it ends at once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.processes import FULL, python, shell


def _main_does(body: str) -> str:
    """Return a script whose command line does what `body` says."""
    return f"""
import atexit, sys
import mnist_tool.cli
from mnist_tool.__main__ import start

def main():
    {body}

mnist_tool.cli.main = main
start()
"""


@pytest.mark.parametrize("code", [0, 1, 3, 143])
def test_the_exit_code_is_the_commands(code: int) -> None:
    """What `main` exits with is what the shell sees."""
    assert python(_main_does(f"sys.exit({code})")).returncode == code


def test_what_was_printed_arrives_before_the_end() -> None:
    """A buffer that is full of text is written although the process ends at once."""
    done = python(_main_does("print('x' * 5000, end=''); sys.exit(0)"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "x" * 5000, "")


def test_whatever_was_registered_for_the_end_is_done() -> None:
    """As the doctor, which ends the interpreters it has started."""
    done = python(_main_does("atexit.register(print, 'cleaned up'); sys.exit(0)"))
    assert (done.returncode, done.stdout) == (0, "cleaned up\n")


def test_an_unforeseen_exception_is_shown() -> None:
    """With its traceback, and exit code 1."""
    done = python(_main_does("raise LookupError('nobody thought of this')"))
    assert done.returncode == 1
    assert "LookupError: nobody thought of this" in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_text_that_cannot_be_written_at_the_end_fails_the_process() -> None:
    """Python's own end tells it, with its own exit code."""
    with FULL.open("w") as full:
        done = python(_main_does("print('lost'); sys.exit(0)"), stdout=full)
    assert done.returncode == 120
    assert "No space left" in done.stderr


# What reaches the network or looks into archives; ours and what it stands on.
CARRYING = (
    "mnist_tool.dataset.fetching.worker",
    "mnist_tool.dataset.network.download",
    "mnist_tool.dataset.bytes.containers",
)


NETWORK = (
    "requests",
    "urllib3",
    "http.client",
    "ssl",
    "email.utils",
    "tarfile",
    "zipfile",
    "filelock",
)


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
    done = python(code)
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
    done = python(code)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4), done.stderr


@pytest.mark.torch
def test_torch_loads_without_a_package_that_no_command_uses(tmp_path: Path) -> None:
    """As it does where the package is not installed."""
    package = tmp_path / "cuda" / "bindings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("print('loaded')")
    look = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    ours = python(_main_does(f"{look}; import torch; print(torch.ones(2).sum().item())"))
    assert ours.stdout == "2.0\n", ours.stderr
    assert python(f"{look}; import cuda.bindings").stdout == "loaded\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--version >&-", 0),
        ("recipes --json >&-", 0),
        ("recipes <&- >&- 2>&-", 0),
        ("--nope >&-", 2),
        ("fetch --from - --root new <&-", 3),
    ],
)
def test_a_closed_stream_leads_nowhere(
    words: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it were /dev/null: no bug, and no file gets its number."""
    monkeypatch.chdir(tmp_path)
    done = shell(f"$tool {words}")
    assert (done.returncode, done.stdout) == (code, "")
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["mnist_tool.process", "mnist_tool.cli.frame.app"])
def test_ctrl_c_while_the_command_line_loads_is_silent(module: str) -> None:
    """There is nothing to clean up yet, and no traceback to show."""
    code = f"""
import signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
from mnist_tool.__main__ import start
start()
"""
    done = python(code)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_ctrl_c_when_all_is_done_changes_nothing() -> None:
    """What is registered for the end is still done, and the exit code is the command's."""
    done = python(
        _main_does("""
    import signal
    atexit.register(print, "cleaned up")
    atexit.register(signal.raise_signal, signal.SIGINT)  # called before that
    sys.exit(3)
""")
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "cleaned up\n", "")
