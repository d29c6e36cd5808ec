"""Runs are found by name or as the newest, and a wrong name leads to the right one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mnist_tool.errors import RunNotFoundError
from mnist_tool.training.finding import find_run, runs_in
from mnist_tool.training.runs import Run, new_run
from mnist_tool.training.settings import Settings
from mnist_tool.training.shelf import list_runs


def fill(run: Run, when: int) -> Run:
    """Give a run a checkpoint of that age."""
    run.checkpoint_path.write_bytes(b"")
    os.utime(run.checkpoint_path, (when, when))
    return run


def test_newest_run_is_the_one_last_trained(tmp_path: Path) -> None:
    """The run whose checkpoint is newest is taken, and one without a checkpoint never."""
    old, new = (fill(new_run(tmp_path, "softmax"), when) for when in (2000, 1000))
    new_run(tmp_path, "softmax")
    assert find_run(None, tmp_path) == old
    fill(new, 3000)
    assert find_run(None, tmp_path) == new


def test_there_is_one_newest(tmp_path: Path) -> None:
    """A picture makes no run newer; of two at once the later number; what is hidden is no run."""
    old, *_ = (fill(new_run(tmp_path, "softmax"), when) for when in (1000, 2000, 2000))
    (old.path / "digit.png").write_bytes(b"")
    fill(Run(shutil.copytree(old.path, tmp_path / ".softmax-1.part")), 3000)
    (tmp_path / "cnn-1").mkdir()
    Run(tmp_path / "cnn-1").write_settings(Settings.of("cnn"))
    names = ["cnn-1", "softmax-3", "softmax-2", "softmax-1"]
    assert [run.name for run in runs_in(tmp_path)] == names
    assert [each.run.name for each in list_runs(tmp_path)] == names
    assert find_run(None, tmp_path).name == "softmax-3"  # the other has nothing to be used yet


def test_run_by_folder_or_by_name(tmp_path: Path) -> None:
    """A run is found by its path and by its name among all runs."""
    run = fill(new_run(tmp_path, "cnn"), 1000)
    assert find_run(run.path, Path("elsewhere")) == run
    assert find_run(Path("cnn-1"), tmp_path) == run


def test_missing_runs_say_what_there_is(tmp_path: Path) -> None:
    """No run at all leads to train; a wrong name lists the runs there are."""
    with pytest.raises(RunNotFoundError, match="yet") as caught:
        find_run(None, tmp_path / "runs")
    assert f"mnist-tool train --runs {tmp_path / 'runs'}" in caught.value.hint
    fill(new_run(tmp_path, "cnn"), 1000)
    with pytest.raises(RunNotFoundError, match="cnn-1"):
        find_run(Path("cnn-2"), tmp_path)


def test_wrong_name_lists_the_runs_beside_it(tmp_path: Path) -> None:
    """Five runs of the folder that was named, newest first, whatever the folder of all runs is."""
    for when in range(1, 8):
        fill(new_run(tmp_path, "cnn"), when)
    with pytest.raises(RunNotFoundError, match=r"is cnn-7, .*cnn-3 and others") as caught:
        find_run(tmp_path / "cnn-99", Path("runs"))
    assert caught.value.hint.endswith(f"the newest: {tmp_path / 'cnn-7'}")
    with pytest.raises(RunNotFoundError) as caught:
        find_run(tmp_path / "none" / "cnn-1", Path("runs"))
    assert "mnist-tool train" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("softmax1", "Did you mean runs/softmax-1?"),
        ("mime", "Did you mean mine?"),
        ("softmax-9", "Name another one, such as the newest: runs/softmax-2"),
        ("other/softmax-9", "Name another one, such as the newest: other/softmax-3"),
        ("other/softmax1", "Did you mean runs/softmax-1?"),
        ("runs/softmax-1/checkpoint.pt", "Did you mean runs/softmax-1?"),
        ("softmax-1/checkpoint.pt", "Did you mean runs/softmax-1?"),
    ],
)
def test_a_wrong_name_is_looked_for_in_both_places(said: str, hint: str) -> None:
    """Among all runs and where it was named; a run in the current folder hides none of them."""
    for when, name in enumerate(["runs/softmax-1", "runs/softmax-2", "other/softmax-3", "mine"]):
        Path(name).mkdir(parents=True)
        fill(Run(Path(name)), when)
    with pytest.raises(RunNotFoundError) as caught:
        find_run(Path(said), Path("runs"))
    assert caught.value.hint == hint


def test_both_places_are_told() -> None:
    """All runs first, where a bare name was said."""
    for name in ("runs/softmax-1", "mine"):
        Path(name).mkdir(parents=True)
        fill(Run(Path(name)), 1)
    with pytest.raises(RunNotFoundError) as caught:
        find_run(Path("nope"), Path("runs"))
    assert "in runs there is softmax-1, and in . there is mine." in caught.value.message


def test_a_linked_run_is_called_as_it_is_typed() -> None:
    """Not as the folder it leads to, which lies elsewhere."""
    Path("else/mine").mkdir(parents=True)
    fill(Run(Path("else/mine")), 1)
    Path("runs").mkdir()
    Path("runs/best").symlink_to(Path("else/mine").resolve(), target_is_directory=True)
    assert [run.name for run in runs_in(Path("runs"))] == ["best"]
    os.chdir("else/mine")
    assert Run(Path()).name == "mine"
