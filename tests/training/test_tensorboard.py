"""Event files, read back by TensorBoard's own reader."""

from __future__ import annotations

import errno
import shutil
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch

import mnist_tool
from mnist_tool.errors import DependencyError, StorageError
from mnist_tool.training.events import EpochDone
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings
from mnist_tool.training.train import training_events
from tests.kept import keep

pytest.importorskip("tensorboard")
BATCH, HELD_OUT = 100, 500
GIVEN = {"dataset": "synthetic", "threads": 1, "device": "cpu", "validation": HELD_OUT}


def _read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    files = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0})
    return files.Reload()


def _scalars(files: Any, tag: str) -> dict[int, float]:
    """Return the values of a tag by their steps, of which none may come twice."""
    events = files.Scalars(tag)
    found = {event.step: event.value for event in events}
    assert len(found) == len(events)
    return found


@pytest.fixture(scope="module")
def runs(synthetic_root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The same short training without event files and with them."""
    folder = tmp_path_factory.mktemp("runs")
    without, followed = (
        mnist_tool.train(
            "softmax",
            epochs=2,
            root=synthetic_root,
            run=folder / str(wanted),
            offline=True,
            tensorboard=wanted,
            **GIVEN,
        )
        for wanted in (False, True)
    )
    keep(folder)
    return without, followed


def test_no_digit_depends_on_it(runs: tuple[Run, Run]) -> None:
    """Costs, weights and accuracies are the same; without, there is no such file."""
    without, followed = runs
    for name in ("cost", "validation_accuracy"):
        assert [e[name] for e in without.metrics()] == [e[name] for e in followed.metrics()]
    assert without.result() == followed.result()
    mine, theirs = (run.model().state_dict().values() for run in runs)
    assert all(map(torch.equal, mine, theirs))
    assert not list(without.path.glob("events*"))


def test_costs_and_accuracies_are_those_of_the_run(runs: tuple[Run, Run]) -> None:
    """By the batch and by the epoch."""
    run, files = runs[1], _read(runs[1].path)
    epochs = run.metrics()
    assert _scalars(files, "cost/epoch") == pytest.approx({e["epoch"]: e["cost"] for e in epochs})
    assert _scalars(files, "accuracy/validation") == pytest.approx(
        {e["epoch"]: e["validation_accuracy"] for e in epochs}
    )
    assert _scalars(files, "accuracy/test") == pytest.approx({2: run.accuracy})
    assert all(speed > 0 for speed in _scalars(files, "images a second").values())
    batches = _scalars(files, "cost/batch")
    assert max(batches) == 2 * epochs[0]["images"] // BATCH
    assert list(batches) == sorted(batches)
    assert len(batches) > 2


def test_settings_stand_beside_what_came_of_them(runs: tuple[Run, Run]) -> None:
    """As TensorBoard's hyper-parameters."""
    from tensorboard.plugins.hparams.metadata import PLUGIN_NAME, SESSION_START_INFO_TAG
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    content = _read(runs[1].path).PluginTagToContent(PLUGIN_NAME)[SESSION_START_INFO_TAG]
    started = HParamsPluginData.FromString(content).session_start_info.hparams
    assert started["recipe"].string_value == "softmax"
    assert started["learning_rate"].number_value == pytest.approx(0.1)
    assert set(started) == set(runs[1].settings.as_dict())


def test_mistakes_are_shown(runs: tuple[Run, Run], synthetic_root: Path) -> None:
    """Pictures, and a table that says what each is and what it was taken for."""
    files = _read(runs[1].path)
    (picture,) = files.Images("mistakes")
    assert picture.encoded_image_string.startswith(b"\x89PNG")
    assert picture.width == 8 * 4 * 28
    table = files.Tensors("mistakes/text_summary")[0].tensor_proto.string_val[0].decode()
    images, labels = mnist_tool.load("test", root=synthetic_root, dataset="synthetic")
    read = mnist_tool.evaluate(runs[1].model(), images, labels).mistakes
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()[2:]]
    assert [int(place) for place, _, _ in rows] == list(read[: len(rows)])
    for place, label, guess in rows:
        assert int(label) == labels[int(place)] != int(guess)


def test_a_training_that_is_gone_on_with_counts_nothing_twice(synthetic_root: Path) -> None:
    """What was written after the last checkpoint of a process that was killed is replaced."""
    settings = Settings.of("softmax", epochs=3, **GIVEN)
    given = {"root": synthetic_root, "offline": True, "tensorboard": True}
    with closing(training_events(settings, Path("left"), **given)) as events:
        for event in events:
            second = int(time.time())
            if isinstance(event, EpochDone):
                break
        for _ in range(2):  # two blocks more, of which no checkpoint knows
            next(events)
    before = _scalars(_read(Path("left")), "cost/batch")
    # TensorBoard reads files by the second in their names; within one, it may take "10" before "9".
    while int(time.time()) == second:
        time.sleep(0.02)
    list(training_events(settings, Run(Path("left")), **given))
    after = _read(Path("left"))
    assert _scalars(after, "cost/epoch").keys() == {1, 2, 3}
    assert _scalars(after, "cost/batch").keys() > before.keys()


def test_a_finished_run_that_is_tested_again_keeps_its_batches(
    runs: tuple[Run, Run], synthetic_root: Path
) -> None:
    """No epoch is left, so nothing is replaced."""
    run = Run(shutil.copytree(runs[1].path, "copy"))
    before = _scalars(_read(run.path), "cost/batch")
    list(training_events(run.settings, run, root=synthetic_root, offline=True, tensorboard=True))
    assert _scalars(_read(run.path), "cost/batch") == before


def test_a_disk_that_refuses_is_told(synthetic_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for every other file of a run."""
    from torch.utils.tensorboard import SummaryWriter

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SummaryWriter, "add_scalar", refuse)
    with pytest.raises(StorageError, match="No space left"):
        mnist_tool.train(root=synthetic_root, tensorboard=True, epochs=1, **GIVEN)


def test_a_missing_package_is_told_before_anything_is_made(
    synthetic_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what installs it."""
    for name in [each for each in sys.modules if each.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(DependencyError, match=r"pip install 'mnist-tool\[tensorboard\]'"):
        mnist_tool.train(root=synthetic_root, tensorboard=True, epochs=1, **GIVEN)
    assert not Path("runs").exists()


def test_the_members_of_a_committee_follow_one_another(synthetic_root: Path) -> None:
    """In one curve, with the accuracy of each beside that of all."""
    given = {**GIVEN, "root": synthetic_root, "run": Path("several"), "tensorboard": True}
    run = mnist_tool.train(epochs=2, members=2, **given)
    files, result = _read(run.path), run.result()
    assert result is not None
    costs = {step: each["cost"] for step, each in enumerate(run.metrics(), 1)}
    assert _scalars(files, "cost/epoch") == pytest.approx(costs)
    alone = {number: each["accuracy"] for number, each in enumerate(result["members"], 1)}
    assert _scalars(files, "accuracy/member") == pytest.approx(alone)
    assert _scalars(files, "accuracy/test") == pytest.approx({4: run.accuracy})
