"""What is built holds what it needs and nothing else, and works where it is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.real_data import REPOSITORY


def _run(*words: str | Path, cwd: Path) -> str:
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=cwd, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel, built from the source distribution as an index's users get it; and that."""
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    words = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, REPOSITORY)
    _run(*words, cwd=folder)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def _tracked(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", *folders], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no repository of git: what belongs to the sources is not known")
    return set(listed.stdout.split("\n")) - {""}


def test_the_wheel_has_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    """Each file of it, the scripts and pictures that it writes too; no test, no cache."""
    names = set(zipfile.ZipFile(built[0]).namelist())
    inside = {name for name in names if ".dist-info/" not in name}
    assert inside == _tracked("mnist_tool")
    assert "mnist_tool/py.typed" in inside


def test_the_source_distribution_builds_and_tests_itself(built: tuple[Path, Path]) -> None:
    """It has all that the repository has of them."""
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert _tracked("mnist_tool", "tests", "docs", "data", "Makefile", "LICENSE") <= names
    assert not any("__pycache__" in name or name.startswith((".git/", ".venv")) for name in names)


def test_an_index_would_take_them(built: tuple[Path, Path]) -> None:
    """The description renders, and the wheel is in order."""
    pytest.importorskip("twine")
    _run(sys.executable, "-m", "twine", "check", "--strict", *built, cwd=REPOSITORY)
    _run(sys.executable, "-m", "check_wheel_contents", built[0], cwd=REPOSITORY)


def test_the_description_leads_nowhere_that_an_index_has_not(built: tuple[Path, Path]) -> None:
    """The README without the links and pictures that lie beside it; all its words are there."""
    archive = zipfile.ZipFile(built[0])
    (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
    described = archive.read(metadata).decode().partition("\n\n")[2]
    assert not re.search(r"\]\((?!https:)", described)
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    prose = re.sub(r"!\[[^]]*\]\([^)]*\)|\]\([^)]*\)|\[", "", readme)
    assert re.sub(r"\W+", " ", prose).strip() == re.sub(r"\W+", " ", described).strip()


def test_it_works_where_it_is_installed(built: tuple[Path, Path], tmp_path: Path) -> None:
    """In an environment of its own that finds the other packages here; from any folder."""
    place = tmp_path / "environment"
    venv.create(place, with_pip=False, symlinks=sys.platform != "win32")
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    words = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index")
    _run(*words, "--disable-pip-version-check", built[0], cwd=tmp_path)
    (site,) = place.rglob("site-packages")
    here = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    (site / "others.pth").write_text("\n".join(here))
    command = python.with_name("mnist-tool")
    assert _run(command, "--version", cwd=tmp_path) == _run(
        python, "-m", "mnist_tool", "-V", cwd=tmp_path
    )
    where = _run(python, "-c", "import mnist_tool; print(mnist_tool.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(site)
    _run(command, "init", "begin", cwd=tmp_path)
    assert (tmp_path / "begin" / "lecture.py").is_file()
    _run(command, "fetch", "--dataset", "synthetic", "--root", "data", cwd=tmp_path)
    assert _run(command, "verify", "--dataset", "synthetic", "--root", "data", cwd=tmp_path)
