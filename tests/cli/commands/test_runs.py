"""runs as people and programs use it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.cli.commands import runs
from mnist_tool.errors import StorageError
from mnist_tool.training.runs import Run as Folder
from mnist_tool.training.settings import Settings
from mnist_tool.training.train import training_events

Run = Callable[..., Any]


@pytest.fixture
def shelf(run_folder: Path) -> Path:
    """Three copies of a run, in a folder of the usual name."""
    for number in (1, 2, 3):
        shutil.copytree(run_folder, Path("runs", f"softmax-{number}"))
    return Path("runs")


def test_runs_are_listed_with_what_they_reached(run_tool: Run, shelf: Path) -> None:
    """The document has what the table has, and more."""
    done = run_tool("runs")
    listed = run_tool("runs", "--json").json["data"]["runs"]
    assert {each["name"] for each in listed} == {path.name for path in shelf.iterdir()}
    for each in listed:
        (line,) = (x for x in done.stdout.splitlines() if x.startswith(f"{each['name']}\t"))
        assert line.split("\t")[1:5] == ["softmax", "synthetic", "3/3", f"{each['accuracy']:.2%}"]
        assert each["finished"] is True
        assert each["size"] > 1000


def test_one_is_shown_with_its_settings(run_tool: Run, shelf: Path) -> None:
    """By its name or its folder."""
    done = run_tool("runs", "show", "softmax-2")
    assert done.stdout == run_tool("runs", "show", str(shelf / "softmax-2")).stdout
    assert "learning_rate   0.1" in done.stdout


def test_removing_is_asked_for(run_tool: Run, shelf: Path) -> None:
    """Where nobody can answer nothing goes; what goes is named first."""
    refused = run_tool("runs", "rm", "softmax-2")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert len(list(shelf.iterdir())) == 3
    done = run_tool("runs", "rm", "softmax-2", "--yes")
    assert "softmax-2" in done.stdout
    assert sorted(path.name for path in shelf.iterdir()) == ["softmax-1", "softmax-3"]
    assert run_tool("runs", "rm", "softmax-2", "--yes").exit_code == 3


def test_clean_keeps_the_newest(run_tool: Run, shelf: Path) -> None:
    """As many as were said."""
    newest = run_tool("runs", "--json").json["data"]["runs"][0]["name"]
    done = run_tool("runs", "clean", "--keep", "1", "--yes", "--json")
    assert len(done.json["data"]["removed"]) == 2
    assert [path.name for path in shelf.iterdir()] == [newest]
    assert run_tool("runs", "clean", "--keep", "1", "--yes").stdout == ""


def test_one_that_stays_stops_none_of_the_others(
    run_tool: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and the command says by its exit code that not all is gone."""
    remove = runs.remove_run

    def refuse(run: Any) -> None:
        if run.name == "softmax-1":
            raise StorageError("Cannot write in runs/softmax-1: no.", hint="Make it writable.")
        remove(run)

    monkeypatch.setattr(runs, "remove_run", refuse)
    done = run_tool("runs", "rm", "softmax-1", "softmax-3", "--yes", "--json")
    assert done.exit_code == 3
    assert done.json["data"]["removed"] == ["runs/softmax-3"]
    assert ["softmax-1" in each["message"] for each in done.json["errors"]] == [True]
    assert sorted(path.name for path in shelf.iterdir()) == ["softmax-1", "softmax-2"]


@pytest.mark.skipif(os.name == "nt", reason="a file that is open stays there anyhow")
def test_what_is_being_trained_stays(run_tool: Run, shelf: Path, synthetic_root: Path) -> None:
    """`clean` leaves it and `rm` refuses it, nor is it trained twice; afterwards all can."""
    root = ["--root", str(synthetic_root), "--offline", "--no-pictures"]
    settings = Settings.of("softmax", epochs=100, dataset="synthetic", threads=1)
    place = Folder(shelf / "softmax-1")
    os.utime(place.checkpoint_path, (1, 1))
    events = training_events(settings, place, root=synthetic_root, offline=True)
    next(events)
    cleaned = run_tool("runs", "clean", "--keep", "1", "--yes")
    assert "runs/softmax-1 is being trained at this moment, and stays.\n" in cleaned.stderr
    assert sorted(shelf.iterdir()) == sorted([place.path, shelf / "softmax-3"])
    for words in (["runs", "rm", "softmax-1", "--yes"], ["train", "--resume", *root]):
        done = run_tool(*words, *(["--run", "softmax-1"] if "train" in words else []))
        assert done.exit_code == 3
        assert "runs/softmax-1 is being trained at this moment." in done.stderr
        assert "Ctrl-C" in done.stderr
    events.close()
    assert run_tool("train", "--resume", "--run", "softmax-1", *root).exit_code == 0
    assert run_tool("runs", "rm", "softmax-1", "--yes").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("rm", "--yes"),
        ("clean", "softmax-1"),
        ("clean", "--keep", "-1"),
        ("--keep", "1"),
        ("list", "--yes"),
        ("show", "softmax-1", "--yes"),
        ("rm", "softmax-1", "--yes", "--keep", "1"),
    ],
)
def test_what_makes_no_sense_removes_nothing(
    words: tuple[str, ...], run_tool: Run, shelf: Path
) -> None:
    """And says what would."""
    done = run_tool("runs", *words)
    assert done.exit_code == 2
    assert len(list(shelf.iterdir())) == 3


def test_what_is_wrong_with_a_run_is_called_a_problem(run_tool: Run, shelf: Path) -> None:
    """In the list by that word, and in full where it is shown."""
    (shelf / "softmax-1" / "checkpoint.pt").unlink()
    rows = [line.split("\t") for line in run_tool("runs").stdout.splitlines()]
    assert [row[3] for row in rows if row[0] == "softmax-1"] == ["problem"]
    shown = run_tool("runs", "show", "softmax-1").stdout
    assert "  problem: There is no checkpoint runs/softmax-1/checkpoint.pt.\n" in shown


def test_who_lists_names_is_not_told_to_remove_them(run_tool: Run, shelf: Path) -> None:
    """To see them is what was meant; `clean` did mean to remove."""
    for action, meant in (("list", "show"), ("clean", "rm")):
        hint = run_tool("runs", action, "softmax-1").stderr
        assert f": mnist-tool runs {meant} softmax-1\n" in hint
    assert (shelf / "softmax-1").exists()


def test_a_name_means_what_the_list_shows(run_tool: Run, shelf: Path) -> None:
    """Not a folder of that name in the current one, which ./NAME is; and each run once."""
    shutil.copytree(shelf / "softmax-1", "softmax-1")
    (shelf / "best").symlink_to(Path("softmax-1").resolve(), target_is_directory=True)
    assert run_tool("runs", "show", "softmax-1").stdout.startswith("runs/softmax-1\n")
    assert "best\t" in run_tool("runs").stdout
    same = ["softmax-1", "runs/softmax-1", str(shelf.resolve() / "softmax-1")]
    done = run_tool("runs", "rm", *same, "--yes")
    assert (done.exit_code, done.stdout.count("softmax-1")) == (0, 1)
    assert "1 removed" in done.stderr
    done = run_tool("runs", "rm", "best", "--yes")
    assert "1 removed, 0 kB freed." in done.stderr
    assert sorted(path.name for path in shelf.iterdir()) == ["softmax-2", "softmax-3"]
    assert Path("softmax-1/checkpoint.pt").exists()


@pytest.mark.parametrize("said", [".", "..", "../../softmax-1", "softmax-1"])
def test_nobody_is_left_in_a_folder_that_is_gone(
    said: str, run_tool: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says to go out of it first, however the run was named."""
    inner = shelf.resolve() / "softmax-1" / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner.parent if said == "." else inner)
    done = run_tool("runs", "rm", said, "--yes", "--runs", str(inner.parents[1]))
    assert done.exit_code == 3
    assert "Go out of it first: cd .." in done.stderr
    assert (inner.parent / "checkpoint.pt").exists()


def test_no_runs_yet(run_tool: Run) -> None:
    """It says how to get one."""
    done = run_tool("runs")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "next: mnist-tool train" in done.stderr
