"""What is advised: lines that a shell takes back, the nearest name, the errno in plain words."""

from __future__ import annotations

import errno
import os
import re
import shlex
from pathlib import Path
from subprocess import list2cmdline

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool import advice


def test_what_would_be_taken_anyway_is_not_written() -> None:
    """The everyday command stays as short as people type it."""
    line = advice.command_line("fetch", dataset="mnist", root=Path("MNIST_data"), runs=Path("runs"))
    assert line == "mnist-tool fetch"


def test_a_root_from_the_environment_is_taken_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable still holds when the line is pasted; the usual folder must be named then."""
    monkeypatch.setenv("MNIST_TOOL_ROOT", "elsewhere")
    assert advice.command_line("fetch", root=Path("elsewhere")) == "mnist-tool fetch"
    assert advice.command_line("fetch", root=Path("MNIST_data")).endswith(" --root MNIST_data")


@pytest.mark.skipif(os.name == "nt", reason="the lines are for the shell of this system")
@pytest.mark.parametrize("name", ["my data", "it's", "$HOME", "a\nb", "*", "-x", "한글"])
def test_the_shell_takes_the_words_back(name: str) -> None:
    """Whatever a folder is called, the pasted line names that folder."""
    line = advice.command_line("train", "--resume", dataset="tiny", run=Path(name), root=Path(name))
    assert shlex.split(line) == ["mnist-tool", "train", "--resume", "--dataset", "tiny",
                                 "--run", name, "--root", name]  # fmt: skip


def test_on_windows_the_quotes_are_double(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its shells know no single ones."""
    words = ["mnist-tool", "fetch", "--root", "my data", "--from", "C:\\a_b\\c.tar.gz"]
    with monkeypatch.context() as patch:
        patch.setattr(advice.os, "name", "nt")
        line, extra = advice.quoted(words), advice.install_extra("onnx")
        bound = advice.quoted(["pip", "install", "torch>=2.2", "a&b"])
    assert line == 'mnist-tool fetch --root "my data" --from C:\\a_b\\c.tar.gz'
    assert extra == 'pip install "mnist-tool[onnx]"'
    assert bound == 'pip install "torch>=2.2" "a&b"'  # else cmd makes a file called =2.2


@given(st.text(' a"\\').map(lambda text: f" {text}"))
def test_on_windows_programs_take_the_words_back(word: str) -> None:
    """By the rules by which they divide a line, of which `subprocess` knows the other way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(advice.os, "name", "nt")
        line = advice.quoted([word])
    assert line == list2cmdline([word])


def test_the_nearest_name_or_all_of_them() -> None:
    """Only what is near is guessed; else the choice is told."""
    names = ["softmax", "mlp-xavier"]
    assert advice.nearest("mlp-xaver", names) == "mlp-xavier"
    assert advice.nearest("forest", names) is None
    assert advice.nearest("SOFTMAX", [*names, "MLP"]) == "softmax"
    assert advice.nearest("mlp", ["softmax", "MLP"]) == "MLP"
    assert advice.did_you_mean("sofmax", names, "--recipe {}") == "Did you mean --recipe softmax?"
    assert advice.did_you_mean("forest", names) == "Choose one of: softmax, mlp-xavier."
    assert advice.did_you_mean("forest", names, otherwise="See the list.") == "See the list."


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "Free some space"), (errno.EDQUOT, "Free some space"),
     (errno.EACCES, "writable"), (errno.EROFS, "writable"), (errno.ENOTDIR, "Move the file"),
     (errno.EEXIST, "Move the file"), (errno.EIO, "Check the disk"),
     (errno.ENAMETOOLONG, "shorter"), (errno.ELOOP, "link"), (errno.EFBIG, "ulimit -f"),
     (errno.EMFILE, "ulimit -n"), (errno.ENOENT, "removed or moved"),
     (errno.EISDIR, "Name a file in it")],
)  # fmt: skip
def test_each_refusal_of_a_disk_has_its_remedy(code: int, words: str) -> None:
    """What helps depends on why it refused."""
    error = OSError(code, os.strerror(code))
    assert words in advice.remedy(error)
    assert advice.reason(error) == os.strerror(code)


@pytest.mark.parametrize("module", ["shlex", "difflib"])
def test_nobody_else_quotes_or_guesses(module: str) -> None:
    """A second writer of commands or of guessed names would soon say something else."""
    package = Path(advice.__file__).parent
    users = [
        path.name
        for path in package.rglob("*.py")
        if re.search(rf"^\s*(import|from) {module}\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert users == ["advice.py"]


def test_a_refusal_without_a_number_has_words_too() -> None:
    """Libraries raise such errors."""
    assert advice.reason(OSError("odd")) == "odd"
