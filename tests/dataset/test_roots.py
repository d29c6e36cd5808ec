"""A root that is a level too deep is known before anything is fetched into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mnist_tool
from mnist_tool.dataset.registry import MNIST, SYNTHETIC
from mnist_tool.dataset.roots import meant_root
from mnist_tool.errors import MissingDataError
from mnist_tool.training.data import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a data set whose files are there by name."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in MNIST.files:
        (raw / file.name).touch()
    return raw.parent


def test_the_root_above_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the data set's folder and from raw/, also where it is named from within."""
    assert meant_root(folder, MNIST) == folder.parent
    assert meant_root(folder / "raw", MNIST) == folder.parent
    assert meant_root(folder.parent, MNIST) is None
    assert meant_root(folder.parent.parent, MNIST) is None
    monkeypatch.chdir(folder)
    assert meant_root(Path(), MNIST) == folder.parent


def test_a_root_that_holds_the_files_is_right_whatever_its_name(folder: Path) -> None:
    """Somebody may well keep two trees, one in the other."""
    inner = folder / "MNIST" / "raw"
    inner.mkdir(parents=True)
    (inner / MNIST.files[0].name).touch()
    assert meant_root(folder, MNIST) is None


@pytest.mark.parametrize("call", [mnist_tool.train, load])
def test_nothing_is_fetched_into_it(call: Callable[..., Any], folder: Path) -> None:
    """The error names the right root."""
    with pytest.raises(MissingDataError) as raised:
        list(call(root=folder))
    assert f"--root {folder.parent}" in raised.value.hint
    assert not (folder / "MNIST").exists()


def test_verify_names_the_right_root(folder: Path, run_tool: Any) -> None:
    """And not the one in which nothing is."""
    done = run_tool("verify", "--root", str(folder))
    assert done.exit_code == 1
    assert f"mnist-tool verify --root {folder.parent}" in done.stderr


@pytest.fixture
def _light_torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another interpreter finds a torchvision that loads at once; nothing of it is asked for."""
    for name in ("torch", "torchvision"):
        (tmp_path / f"{name}.py").write_text("__version__ = '9.9'\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("_light_torchvision")
def test_the_doctor_says_one_thing(synthetic_root: Path, run_tool: Any) -> None:
    """The check of the root is right; no other one offers to fetch or move into the wrong one."""
    root = synthetic_root / SYNTHETIC.folder
    words = ("doctor", "data", "--root", str(root), "--dataset", SYNTHETIC.name)

    findings = run_tool(*words, "--json").json["data"]["findings"]

    found = {finding["check"]: finding for finding in findings}
    assert found["root"]["data"]["meant"] == str(synthetic_root)
    assert [name for name in ("files", "places", "opens") if found[name]["fix"]] == []
    assert "too deep" in found["opens"]["summary"]
    assert "nothing about the data" in run_tool(*words, "--fix", "--dry-run").stderr
