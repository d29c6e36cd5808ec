"""A package that cannot be imported is told apart from a bug."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output

# As NumPy does it: what is said in the end is no reason.
CHAINED = """
try:
    raise ImportError("version `GLIBCXX_3.4.30' not found")
except ImportError as error:
    raise ImportError("Leave this folder.") from error
"""
Capture = pytest.CaptureFixture[str]


def _ended(module: str, capsys: Capture) -> tuple[int, str]:
    out = Output("do", json_mode=True)
    with edge(out):
        __import__(module)
    return out.exit_code, json.loads(capsys.readouterr().out)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("raise ImportError('libcudart.so.12: cannot open shared object file: No such file')",
         "A library of CUDA"),
        ("import ctypes\nctypes.CDLL('libnothing-here.so')", "OSError"),
        ("raise AttributeError('odd')", "AttributeError: odd"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("raise ImportError('first\\n\\nGLIBCXX\\nversion `GLIBCXX_3.4.30\\' not found')",
         "An older libstdc++"),
        (CHAINED,
         "An older libstdc++"),
    ],
)  # fmt: skip
def test_whatever_an_import_ends_with_is_a_dependency(
    content: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Exit code 3, the package's name, the reason, and its cause where that is known."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "a_package_of_theirs.py").write_text(content)

    code, message = _ended("a_package_of_theirs", capsys)

    assert code == 3
    assert "a_package_of_theirs cannot be imported here" in message
    assert part in message


def test_a_missing_module_of_ours_is_a_bug(capsys: Capture) -> None:
    """Nobody but we can mend that."""
    code, _ = _ended("mnist_tool.nothing_of_that_name", capsys)
    assert code == 70


@pytest.mark.skipif(sys.platform != "linux", reason="another loader looks elsewhere")
@pytest.mark.parametrize("words", [["train", "--dataset", "synthetic"], ["visualize"]])
def test_an_empty_library_on_the_path_is_no_bug(words: list[str], tmp_path: Path) -> None:
    """What was really made: an empty file found before the system's own library."""
    (tmp_path / "libstdc++.so.6").touch()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    code = [sys.executable, "-c", "import numpy"]
    if subprocess.run(code, env=environment, capture_output=True, check=False).returncode == 0:
        pytest.skip("this NumPy needs no such library")
    done = subprocess.run(
        [sys.executable, "-m", "mnist_tool", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "LD_LIBRARY_PATH" in done.stderr
    assert "bug" not in done.stderr
    assert "mnist-tool doctor" in done.stderr
