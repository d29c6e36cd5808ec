"""How the tests find other Pythons, on machines made up for it."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from tests import pythons
from tests.interpreters import base_python

needs_the_package = pytest.mark.skipif(
    not list(importlib.metadata.distributions(name="mnist-tool")),
    reason="the package is on the path alone, and what it promises is not installed",
)


def _python(path: Path, *, works: bool = True) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\nexit {0 if works else 127}\n")
    path.chmod(0o755)
    return path


def test_the_newest_patch_of_pyenv_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """13 is newer than 9, whatever the alphabet says."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    _python(tmp_path / "versions" / "3.10.9" / "bin" / "python")
    newest = _python(tmp_path / "versions" / "3.10.13" / "bin" / "python")
    assert base_python("3.10") == newest


@pytest.mark.parametrize("works", [True, False])
def test_without_pyenv_a_python_on_path_is_taken_if_it_works(
    works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shim of a version that is not chosen only says so."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "nowhere"))
    found = _python(tmp_path / "bin" / "python3.10", works=works)
    monkeypatch.setenv("PATH", f"{found.parent}:/bin:/usr/bin")
    assert base_python("3.10") == (found if works else None)


@needs_the_package
def test_a_promised_python_that_is_not_here_is_told_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of them, and the one that runs this is not among them."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    versions = pythons.promised()
    assert f"3.{sys.version_info.minor}" not in versions
    assert {"3.10", "3.13"} <= {*versions, f"3.{sys.version_info.minor}"}
    assert "3.9" not in versions
    assert pythons.main() == 0
    assert capsys.readouterr().out.count("NOT TRIED") == len(versions)


@needs_the_package
def test_torch_is_not_among_what_the_other_pythons_need() -> None:
    """Nor what only looks at the sources; the rest is what the package and its tests declare."""
    names = {requirement.partition(">")[0] for requirement in pythons.requirements("3.10")}
    assert {"numpy", "typer", "pytest", "hypothesis", "tomli"} <= names
    assert not names & {"torch", "torchvision", "mypy", "huggingface-hub"}
