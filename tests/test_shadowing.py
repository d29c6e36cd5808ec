"""A file of the user that Python takes for one of its modules is named, whatever it breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_tool.shadowing import intruders
from tests.real_data import REPOSITORY

BACKPORT = "import typing\n_X = typing._ClassVar\n"  # as the one for Python 3.6 does
BROKEN = "raise ValueError('of my own')\n"


def _run(*words: str, beside: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(beside), str(REPOSITORY)))
    return subprocess.run(
        [sys.executable, "-m", "mnist_tool", *words],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("dataclasses", BACKPORT),
        ("typing", BROKEN),
        ("enum", "class IntEnum: pass\n"),
        ("json", "import nothing_of_that_name\n"),
        ("re", "not Python at all\n"),
        ("signal", ""),
        ("typer", BROKEN),
        ("tempfile", BROKEN),  # loaded by the command, not before it
    ],
)
def test_what_takes_the_place_of_a_module_is_named(name: str, content: str, tmp_path: Path) -> None:
    """Not a traceback, nor a bug of ours: the file, and what to do with it."""
    path = tmp_path / f"{name}.py"
    path.write_text(content)

    done = _run("doctor", "shadows", beside=tmp_path)

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert f"{path} is taken for the module {name}" in done.stderr
    assert "Rename" in done.stderr


def test_what_is_not_installed_is_named_with_the_line_that_installs_it() -> None:
    """For the Python that lacks it."""
    script = (
        "import sys; sys.modules['typer'] = None; from mnist_tool.__main__ import start; start()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert f"hint: Install what is missing: {sys.executable} -m pip install typer\n" in done.stderr


def test_it_is_told_in_json_too(tmp_path: Path) -> None:
    """One document, as for any other error, though the module json itself is not there."""
    folder = tmp_path / 'odd "ä'
    folder.mkdir()
    (folder / "json.py").write_text(BROKEN)

    done = _run("doctor", "--json", beside=folder)

    document = json.loads(done.stdout)
    assert (done.returncode, document["exit_code"]) == (3, 3)
    assert str(folder / "json.py") in document["errors"][0]["message"]
    assert document["errors"][0]["code"] == "dependency"


def test_a_harmless_name_beside_a_working_command_is_no_matter(tmp_path: Path) -> None:
    """Only what went wrong is told of."""
    (tmp_path / "turtle.py").write_text(BROKEN)
    assert _run("--version", beside=tmp_path).returncode == 0


def test_only_those_that_took_part_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second file that nobody imported is not to blame."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "decimal.py").write_text("")
    broken = tmp_path / "wave.py"
    broken.write_text("1 +")
    error = SyntaxError("odd")
    error.filename = str(broken)

    assert intruders(error) == [("wave", str(broken))]
    assert [name for name, _ in intruders()] == ["decimal", "wave"]
