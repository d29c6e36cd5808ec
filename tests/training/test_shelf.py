"""What is on the shelf, and what goes."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from mnist_tool.errors import StorageError
from mnist_tool.training.finding import find_run
from mnist_tool.training.runs import Run, new_run
from mnist_tool.training.settings import Settings
from mnist_tool.training.shelf import list_runs, remove_run, summary_of


def trained(runs: Path, recipe: str, done: int, when: int) -> Run:
    """Make a run of two epochs, `done` of which are finished, last written at a moment."""
    run = new_run(runs, recipe)
    run.write_settings(Settings.of(recipe, epochs=2))
    run.write_metrics([{"epoch": number, "cost": 0.5} for number in range(1, done + 1)])
    with ZipFile(run.checkpoint_path, "w"):  # what torch writes is one
        pass
    for path in run.path.iterdir():
        os.utime(path, (when, when))
    return run


def test_the_newest_stands_first_and_strangers_are_left_out(tmp_path: Path) -> None:
    """A folder without a training is no run; nor is a file."""
    old = trained(tmp_path, "softmax", 2, 1_000)
    new = trained(tmp_path, "cnn", 1, 2_000)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    (tmp_path / "b.txt").write_text("mine")
    found = list_runs(tmp_path)
    assert [each.run for each in found] == [new, old]
    assert [each.finished for each in found] == [False, True]
    assert [(each.recipe, each.done, each.epochs) for each in found] == [
        ("cnn", 1, 2), ("softmax", 2, 2),
    ]  # fmt: skip
    assert found[0].changed == "1970-01-01T00:33:20+00:00"
    assert found[0].size == sum(path.stat().st_size for path in new.path.iterdir())
    assert list_runs(tmp_path / "nowhere") == []


def test_a_time_that_no_calendar_has_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock may have been wrong by millennia; not every disk keeps such a time."""
    trained(tmp_path, "softmax", 2, 1_000)
    monkeypatch.setattr(Run, "trained_at", 400_000_000_000 * 10**9)
    assert [(each.changed, each.finished) for each in list_runs(tmp_path)] == [("", True)]


def test_a_damaged_run_is_listed_as_one(tmp_path: Path) -> None:
    """It can be removed like any other."""
    runs = tmp_path / "runs"
    run = trained(runs, "softmax", 1, 1_000)
    (run.path / "settings.json").write_text("{")
    (found,) = list_runs(runs)
    assert "settings.json is damaged" in found.problem
    assert not found.finished
    remove_run(found.run)
    assert list(runs.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"no zip", b"PK\x03\x04 cut short"])
def test_a_run_without_its_checkpoint_is_damaged(tmp_path: Path, content: bytes | None) -> None:
    """However far it was trained; one that has only begun has none yet."""
    run = trained(tmp_path, "softmax", 2, 1_000)
    run.checkpoint_path.unlink()
    if content is not None:
        run.checkpoint_path.write_bytes(content)
    (found,) = list_runs(tmp_path)
    assert "checkpoint.pt" in found.problem
    assert (found.finished, found.recipe, found.done) == (False, "softmax", 2)
    run.checkpoint_path.unlink(missing_ok=True)
    run.write_metrics([])
    assert summary_of(run).problem == ""


def test_only_what_was_named_goes(tmp_path: Path) -> None:
    """Of a link only the link, not what it leads to."""
    kept = trained(tmp_path / "elsewhere", "softmax", 1, 1_000)
    gone = trained(tmp_path / "runs", "cnn", 1, 1_000)
    (tmp_path / "runs" / "best").symlink_to(kept.path, target_is_directory=True)
    (gone.path / "inner").mkdir()
    (gone.path / "inner" / "link").symlink_to(kept.path, target_is_directory=True)
    for run in (gone, Run(tmp_path / "runs" / "best")):
        remove_run(run)
    assert list((tmp_path / "runs").iterdir()) == []
    assert summary_of(kept).done == 1


def test_a_run_of_somebody_else_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One folder that may not be looked into leaves the others as they are."""
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "checkpoint.pt").write_bytes(b"")
    look = Path.stat

    def stat(path: Path, **options: Any) -> os.stat_result:
        if path.parent.name == "theirs":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    assert [each.run.name for each in list_runs(tmp_path)] == ["mine"]
    assert find_run(None, tmp_path).name == "mine"
    for ask in (lambda: find_run(Path("theirs"), tmp_path), lambda: list_runs(tmp_path)):
        with pytest.raises(StorageError, match="look into") as caught:
            ask()
        assert "readable" in caught.value.hint
        (tmp_path / "mine" / "checkpoint.pt").unlink(missing_ok=True)
