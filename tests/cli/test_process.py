"""How the process starts and ends: what it loads, what it still does when it ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


def _python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a script whose streams are buffered, as they are for most users."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        text=True,
        env=environment,
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
    )  # type: ignore[call-overload,no-any-return]


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
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
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
CARRYING = (
    "mnist_tool.dataset.fetching.race",
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


def test_torch_loads_without_a_package_that_no_command_uses(tmp_path: Path) -> None:
    """As it does where the package is not installed."""
    package = tmp_path / "cuda" / "bindings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("print('loaded')")
    look = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    ours = _python(_main_does(f"{look}; import torch; print(torch.ones(2).sum().item())"))
    assert ours.stdout == "2.0\n", ours.stderr
    assert _python(f"{look}; import cuda.bindings").stdout == "loaded\n"


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
    done = _python(code)
    assert done.stdout.split() == ["predict", "predict-random"], done.stderr


def _shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line of a shell in which `$tool` is ``mnist-tool``."""
    environment = os.environ | {"tool": f"{sys.executable} -m mnist_tool"} | variables
    return subprocess.run(
        ["sh", "-c", line], check=False, text=True, capture_output=True, env=environment
    )


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
    done = _shell(f"$tool {words}")
    assert (done.returncode, done.stdout) == (code, "")
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["--version", "--help", "recipes --help", "recipes"])
def test_a_reader_that_leaves_is_no_failure(words: str) -> None:
    """`mnist-tool --help | head -1` has done what was asked for."""
    done = _shell(f"{{ $tool {words}; echo $? >&2; }} | :")
    assert done.stderr.splitlines()[-1] == "0"
    assert "error" not in done.stderr


TALKS = """
from mnist_tool.cli.screen.output import Output
out = Output("test")
for word in ("one", "two"):
    out.warn(word)
    out.print(word)
out.finish()
"""


def test_a_reader_of_the_talk_that_leaves_takes_no_product_along() -> None:
    """`mnist-tool test > FILE 2> >(head -1)` keeps the whole file."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as talk:
        done = _python(TALKS, stderr=talk)
    assert (done.returncode, done.stdout) == (0, "one\ntwo\n")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_talk_that_cannot_be_written_stops_no_work() -> None:
    """A training is not lost because its log is on a full disk."""
    with FULL.open("w") as full:
        done = _python(TALKS, stderr=full)
    assert (done.returncode, done.stdout) == (0, "one\ntwo\n")


def test_ctrl_c_while_the_command_line_loads_is_silent() -> None:
    """There is nothing to clean up yet, and no traceback to show."""
    code = """
import signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "mnist_tool.cli.frame.app":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
from mnist_tool.__main__ import start
start()
"""
    done = _python(code)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows kills with its signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_during_a_callback_is_not_lost(name: str, code: int) -> None:
    """Python can raise nothing there, as at the end of each import, and would only tell of it."""
    done = _python(f"""
import signal, sys, time, weakref
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output

class Gone:
    pass

out, it = Output("test"), Gone()
with edge(out):
    reference = weakref.ref(it, lambda _: signal.raise_signal(signal.{name}))
    del it
    time.sleep(100)
sys.exit(out.exit_code)
""")
    assert done.returncode == code
    assert "ignored" not in done.stderr


def test_ctrl_c_when_all_is_done_changes_nothing() -> None:
    """What is registered for the end is still done, and the exit code is the command's."""
    done = _python(
        _main_does("""
    import signal
    atexit.register(print, "cleaned up")
    atexit.register(signal.raise_signal, signal.SIGINT)  # called before that
    sys.exit(3)
""")
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "cleaned up\n", "")


def test_a_completion_that_cannot_be_installed_names_the_file(tmp_path: Path) -> None:
    """It is not stdout that refuses."""
    (tmp_path / "home").touch()
    done = _shell(
        "$tool --install-completion bash",
        HOME=str(tmp_path / "home"),
        _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1",
    )
    assert done.returncode == 3
    assert str(tmp_path / "home") in done.stderr
    assert "Standard output" not in done.stderr


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
    done = _python(code)
    assert "[default: mnist]" in done.stdout
    assert "\\" not in done.stdout
