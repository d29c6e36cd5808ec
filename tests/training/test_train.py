"""Training from Python in one call: the same run as the command's, told to a progress bar."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import mnist_tool
from mnist_tool.errors import DivergedError, SettingError
from mnist_tool.training import events
from mnist_tool.training.events import EpochDone, Progressed, Started, Trained
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings
from mnist_tool.training.train import training_events


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.bars: list[tuple[str, int | None, str]] = []
        self.notes: list[str] = []
        self.details: list[str] = []
        self.done = 0

    @contextmanager
    def bar(self, label: str, total: int | None, unit: str = "B") -> Iterator[Listener]:
        """Be the bar as well."""
        self.bars.append((label, total, unit))
        self.done = 0
        yield self

    def note(self, text: str) -> None:
        """Remember it."""
        self.notes.append(text)

    def advance(self, amount: int) -> None:
        """Count."""
        self.done += amount

    def resize(self, total: int | None) -> None:
        """Ignore it."""

    def describe(self, detail: str) -> None:
        """Remember it."""
        self.details.append(detail)


def test_the_number_of_threads_is_left_as_it_was(synthetic_root: Path) -> None:
    """A recipe with its own number must not change the digits of the next training."""
    import torch

    before = torch.get_num_threads()
    given = {"dataset": "synthetic", "root": synthetic_root, "offline": True, "epochs": 1}
    try:
        torch.set_num_threads(3)
        mnist_tool.train("softmax", threads=1, **given)
        assert torch.get_num_threads() == 3
        with pytest.raises(DivergedError):
            mnist_tool.train("softmax", threads=1, learning_rate=1e38, **given)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_one_call_gives_the_commands_run(
    run_tool: Any, synthetic_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same costs and accuracies in a folder of the same form, and every image is counted."""
    listener = Listener()
    run = mnist_tool.train(
        "softmax",
        dataset="synthetic",
        epochs=2,
        label_smoothing=0.1,
        root=synthetic_root,
        offline=True,
        progress=listener,
    )
    words = ["--dataset", "synthetic", "--root", str(synthetic_root), "--no-pictures", "--json"]
    words += ["--epochs", "2", "--set", "label-smoothing=0.1"]
    commands = run_tool("train", *words).json["data"]
    assert (run.path, commands["run"]) == (Path("runs/softmax-1"), "runs/softmax-2")
    assert [e["cost"] for e in run.metrics()] == [e["cost"] for e in commands["epochs"]]
    assert json.loads(json.dumps(run.result())) == {"test": commands["test"]}
    label, total, unit = listener.bars[-1]
    assert (label, unit) == ("softmax", "img")
    assert listener.done == total == 2 * commands["epochs"][0]["images"]
    assert listener.notes[-1] == f"Epoch: 0002 cost = {run.metrics()[1]['cost']:.9f}"
    assert listener.details[-1].startswith("epoch 2/2, cost ")


def test_events_come_in_order_and_what_they_tell_is_kept(synthetic_root: Path) -> None:
    """From the start to the test; of a training that nobody follows any more, the epochs stay."""
    settings = Settings.of("softmax", dataset="synthetic", epochs=2, threads=1)
    told = list(training_events(settings, root=synthetic_root, offline=True))
    order = [kind for kind, _ in itertools.groupby(told, type)]
    assert order == [Started, Progressed, EpochDone, Progressed, EpochDone, Trained, events.Tested]
    started, tested = told[0], told[-1]
    assert isinstance(started, Started)
    assert isinstance(tested, events.Tested)
    assert started.run.result() == {"test": [each.as_dict() for each in tested.evaluations]}

    followed = training_events(settings, Path("left"), root=synthetic_root, offline=True)
    for event in followed:
        if isinstance(event, EpochDone):
            break
    followed.close()
    left = Run(Path("left"))
    assert len(left.metrics()) == 1
    again = list(training_events(settings, left, root=synthetic_root, offline=True))
    assert isinstance(again[0], Started)
    assert again[0].done == 1
    assert [each["cost"] for each in left.metrics()] == [
        each["cost"] for each in started.run.metrics()
    ]


def test_a_named_folder_is_never_overwritten(synthetic_root: Path) -> None:
    """What the command refuses is refused here, before anything is trained."""
    (Path("mine")).mkdir()
    Path("mine/notes.txt").write_text("keep me")
    with pytest.raises(SettingError, match="nothing is ever overwritten"):
        mnist_tool.train(run="mine", dataset="synthetic", root=synthetic_root, offline=True)
    with pytest.raises(SettingError, match="epochs"):
        mnist_tool.train(epochs=0)


@pytest.mark.parametrize("threads", [1024, 1025, 100_000])
def test_more_threads_than_the_machine_bears_begin_nothing(
    threads: int, synthetic_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch would hang, or end the process; no folder is made."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with pytest.raises(SettingError, match=r"--threads is .* or less"):
        mnist_tool.train("softmax", threads=threads, dataset="synthetic", root=synthetic_root)
    assert not Path("runs").exists()


def test_a_training_that_cannot_begin_leaves_no_folder(
    synthetic_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stops it before its first step."""

    def stop(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("mnist_tool.training.trainer.Trainer._make_steps", stop)
    with pytest.raises(MemoryError):
        mnist_tool.train("softmax", dataset="synthetic", root=synthetic_root, offline=True)
    assert not list(Path("runs").iterdir())
