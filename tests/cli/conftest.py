"""What the tests of the command line share."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import kept
from tests.cli.forks import Forks
from tests.cli.lines import WITHOUT_TORCH, WORDS, pictures


@pytest.fixture(scope="session")
def trained(synthetic_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short softmax training on the synthetic digits."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("runs")
    words = ["train", "--dataset", "synthetic", "--root", str(synthetic_root), "--offline"]
    words += ["--runs", str(folder), "--epochs", "3", "--threads", "1", "--no-pictures"]
    subprocess.run([sys.executable, "-m", "mnist_tool", *words], check=True, capture_output=True)
    return kept.keep(folder / "softmax-1")


@pytest.fixture
def run_folder(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of that run, which a test may add to or spoil."""
    folder = tmp_path_factory.mktemp("runs") / trained.name
    shutil.copytree(trained, folder)
    return folder


@pytest.fixture
def where(run_folder, synthetic_root):
    """The options that point a command to that run and its data."""
    return ["--run", str(run_folder), "--root", str(synthetic_root), "--offline"]


@pytest.fixture
def words(synthetic_root: Path) -> list[str]:
    """What makes a command use the synthetic data, quickly."""
    return ["--root", str(synthetic_root), "--offline"]


@pytest.fixture
def train(run_tool: Callable[..., Any], words: list[str]) -> Callable[..., Any]:
    """Run a short training without pictures."""

    def run(*more: str) -> Any:
        short = ["--dataset", "synthetic", "--epochs", "2", "--threads", "1", "--no-pictures"]
        return run_tool("train", *words, *short, *more)

    return run


@pytest.fixture
def told(request: pytest.FixtureRequest, synthetic_root: Path, tmp_path: Path) -> Any:
    """Return the words of a command or a line, with real folders for those in capitals."""

    def words(name: str) -> list[str]:
        text = WORDS.get(name, name)
        places = {"ROOT": synthetic_root, "HERE": tmp_path / "new"}
        if text.split()[0] not in WITHOUT_TORCH:
            pytest.importorskip("torch")
        if "RUN" in text:
            places["RUN"] = request.getfixturevalue("run_folder")
        shutil.rmtree(places["HERE"], ignore_errors=True)
        places["HERE"].mkdir()
        if "PICTURES" in text:
            places["PICTURES"] = pictures(places["HERE"] / "pictures")
        if "data/" in text:
            places["data"] = Path(__file__).parents[2] / "data"
        for word, place in places.items():
            text = text.replace(f"{word}/", f"{place}/").replace(f" {word}", f" {place}")
        return text.split()

    return words


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """A server that runs commands as processes of their own, quickly."""
    server = Forks(tmp_path_factory.mktemp("forks"))
    yield server
    server.close()
