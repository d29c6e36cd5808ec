"""Repairs on real folders: what is broken is mended, nothing is lost, and the checks turn green."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.registry import DATASETS
from mnist_tool.diagnosis import datafacts
from mnist_tool.diagnosis.checks.data import judge_files, judge_places
from mnist_tool.diagnosis.datafacts import DataFacts, odd_names
from mnist_tool.diagnosis.fixes import plan_repairs
from mnist_tool.diagnosis.invocation import Invocation
from mnist_tool.errors import FetchError
from mnist_tool.progress import Silent

SYNTHETIC = DATASETS["synthetic"]
FOLDER = SYNTHETIC.folder


@pytest.fixture
def root(synthetic_root: Path, tmp_path: Path) -> Path:
    """A complete root that may be broken."""
    return Path(shutil.copytree(synthetic_root, tmp_path / "root"))


def look(root: Path) -> DataFacts:
    """The facts of a root."""
    return datafacts.gather(root, "--root", SYNTHETIC, Path.cwd(), Invocation(root, "synthetic"))


def mend(root: Path) -> list[str]:
    """Carry out the plan and return the kinds of its steps."""
    steps = plan_repairs(look(root), [], offline=True)
    for step in steps:
        step.apply(Silent())
    return [step.kind for step in steps]


def contents(root: Path) -> set[bytes]:
    """Everything that lies below a root."""
    return {path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_healthy_root_needs_nothing(root: Path) -> None:
    """No step, and looking changes nothing."""
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}

    assert plan_repairs(look(root), [], offline=True) == []
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_root_without_data_is_left_to_fetch(tmp_path: Path) -> None:
    """Nothing there is nothing to mend."""
    assert plan_repairs(look(tmp_path / "new"), [], offline=True) == []


@pytest.mark.parametrize(
    "place",
    [(FOLDER, FOLDER, "raw"), ("root", FOLDER, "raw"), ("MNIST_data", FOLDER, "raw"), ("raw",)],
)
def test_a_tree_in_the_wrong_folder_is_moved(root: Path, place: tuple[str, ...]) -> None:
    """It is found, moved without copying, and then right."""
    wrong = root.joinpath(*place)
    wrong.parent.mkdir(parents=True, exist_ok=True)
    (root / FOLDER / "raw").rename(wrong)
    assert judge_places(look(root)).status == "error"

    assert set(mend(root)) <= {"move", "fetch"}
    assert judge_files(look(root)).status == "ok"
    assert judge_places(look(root)).status == "ok"


@pytest.mark.parametrize("variant", range(5))
def test_wrong_names_are_put_right(root: Path, variant: int) -> None:
    """Dots, a wrong dimension and added endings."""
    file = SYNTHETIC.file("test", "labels")
    path = root / FOLDER / "raw" / file.name
    path.rename(path.with_name(odd_names(file)[variant]))

    assert "rename" in mend(root)
    assert judge_files(look(root)).status == "ok"


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-100], lambda b: b"<html>403</html>", lambda b: b[:-1] + b"?"]
)
def test_a_damaged_file_is_fetched_and_its_old_content_kept(root: Path, damage: Any) -> None:
    """Truncated, replaced by a page, altered in one byte."""
    path = root / FOLDER / "raw" / SYNTHETIC.files[0].name
    broken = damage(path.read_bytes())
    path.write_bytes(broken)
    assert judge_files(look(root)).status == "error"

    assert mend(root) == ["fetch"]
    assert judge_files(look(root)).status == "ok"
    assert broken in contents(root)


def test_a_fetch_that_fails_leaves_no_copies(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is tried: what was not replaced needs no copy."""
    path = root / FOLDER / "raw" / SYNTHETIC.files[0].name
    path.write_bytes(b"cut off")
    before = sorted(root.rglob("*"))

    def no_source(*_: Any, **__: Any) -> None:
        raise FetchError("no source worked", hint="")

    monkeypatch.setattr("mnist_tool.dataset.fetching.fetch.fetch", no_source)
    for _ in range(2):
        with pytest.raises(FetchError):
            mend(root)
    assert sorted(root.rglob("*")) == before


def test_after_a_move_the_last_step_says_that_it_verifies(root: Path) -> None:
    """Nothing is missing any more by then, so nothing is said to be fetched."""
    (root / FOLDER / "raw").rename(root / "raw")
    last = plan_repairs(look(root), [], offline=True)[-1]

    assert last.text == "verify the raw files, and fetch what is still missing or damaged"


def test_what_is_replaced_is_set_aside_where_fetch_does_it_too(root: Path) -> None:
    """One folder holds all that stood in the way; nothing of it lies among the raw files."""
    path = root / FOLDER / "raw" / SYNTHETIC.files[0].name
    path.write_bytes(b"cut off")
    mend(root)

    assert (root / FOLDER / "set-aside" / f"{path.name}-1").read_bytes() == b"cut off"
    assert {file.name for file in path.parent.iterdir()} == {file.name for file in SYNTHETIC.files}


def test_a_broken_download_of_another_disk_is_set_aside(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename cannot bring it from there; the package mnist keeps its own in the system's /tmp."""

    def refuse(*_: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    cache = tmp_path / "cache"
    cache.mkdir()
    broken = cache / f"{SYNTHETIC.files[0].name}.gz"
    broken.write_bytes(b"<html>403</html>")
    monkeypatch.setattr("tempfile.tempdir", str(cache))
    monkeypatch.setattr(os, "rename", refuse)

    assert mend(root) == ["set-aside"]
    assert not broken.exists()
    assert b"<html>403</html>" in contents(root)


def test_a_broken_gz_is_set_aside(root: Path) -> None:
    """Old torchvision would take it for a finished download."""
    path = root / FOLDER / "raw" / f"{SYNTHETIC.files[0].name}.gz"
    path.write_bytes(b"\x1f\x8b cut off")

    assert mend(root) == ["set-aside"]
    assert not path.exists()
    assert b"\x1f\x8b cut off" in contents(root)
