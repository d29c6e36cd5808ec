"""Several processes train one model: as one process does, kept once, and ended together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mnist_tool.errors import SettingError, TrainingError
from mnist_tool.training.events import EpochDone, Progressed
from mnist_tool.training.group import ALONE, VARIABLES, Group
from mnist_tool.training.runs import Run, new_run
from mnist_tool.training.session import Session
from mnist_tool.training.settings import Settings
from mnist_tool.training.train import training_events
from mnist_tool.training.trainer import Trainer

Split = tuple[Tensor, Tensor]


def set_variables(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    for name, value in zip(VARIABLES, values, strict=True):
        monkeypatch.setenv(name, value)


def test_torchruns_variables_say_which_process_this_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without all of them, or with one process, everything is as ever."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert Group.of_environment() is ALONE
    set_variables(monkeypatch, "3", "4", "1", "host", "29500")
    assert Group.of_environment() == Group(3, 4, 1)
    monkeypatch.delenv("MASTER_PORT")
    assert Group.of_environment() is ALONE
    set_variables(monkeypatch, "0", "1", "0", "host", "29500")
    assert Group.of_environment() is ALONE


@pytest.mark.parametrize(
    "said", [("2", "2", "0"), ("-1", "2", "0"), ("x", "2", "0"), ("0", "2", "1")]
)
def test_variables_that_make_no_sense_are_refused(
    said: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody waits for a process that is not there."""
    set_variables(monkeypatch, *said, "host", "29500")
    with pytest.raises(SettingError, match="make no sense"):
        Group.of_environment()


def test_a_batch_must_be_shared() -> None:
    """Each process gets as many images, and as many as the recipe needs; on processors."""
    Group(0, 4).check(Settings.of("softmax"))
    with pytest.raises(SettingError, match="3 processes cannot share") as caught:
        Group(0, 3).check(Settings.of("softmax"))
    assert "--batch-size 99" in caught.value.hint
    with pytest.raises(SettingError, match="cannot share") as caught:
        Group(0, 10).check(Settings.of("mlp-batchnorm", batch_size=10))
    assert "--batch-size 20" in caught.value.hint
    with pytest.raises(SettingError, match="processors"):
        Group(0, 2).check(Settings.of("softmax", device="cuda"))
    ALONE.check(Settings.of("softmax", device="cuda", batch_size=7))


def test_shares_are_parts_of_each_batch() -> None:
    """All together are the batch, each image once."""
    order = torch.randperm(30)
    shares = [Group(rank, 3).share(order, 6) for rank in range(3)]
    for number, batch in enumerate(order.view(5, 6)):
        parts = [share[2 * number : 2 * number + 2] for share in shares]
        assert torch.equal(torch.cat(parts), batch)
    assert torch.equal(ALONE.share(order, 6), order)


@pytest.mark.parametrize("recipe", ["softmax", "mlp-xavier"])
def test_a_training_of_several_goes_on_alone(recipe: str, split: Split) -> None:
    """And the other way: what the steps remember fits both."""
    settings = Settings.of(recipe, epochs=2, batch_size=50)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Group, "together", lambda self, model: model)
        monkeypatch.setattr(Group, "mean", lambda self, mine: mine)
        several = Trainer(settings, *split, Group(0, 2))
        next(several.epochs())
        weights, state = several.model.state_dict(), several.state_dict()
        alone = Trainer(settings, *split)
        alone.load_state_dict(weights, state)
        [last] = alone.epochs()
        again = Trainer(settings, *split, Group(0, 2))
        first = Trainer(settings, *split)
        next(first.epochs())
        again.load_state_dict(first.model.state_dict(), first.state_dict())
        [other] = again.epochs()
    assert last.epoch == other.epoch == 2


class Told(Group):
    """A group in which another process is told to stop after some blocks."""

    def any(self, mine: bool) -> bool:
        return True


def test_all_stop_where_one_is_told_to(split: Split, tmp_path: Path) -> None:
    """At the same block, with a checkpoint to go on from; only the first writes it."""
    settings = Settings.of("mlp-xavier", epochs=2, batch_size=50)
    run = new_run(tmp_path, "mlp-xavier")
    session = Session(run, settings, *split, Told())
    with pytest.raises(TrainingError, match="told to stop") as caught:
        list(session.train())
    assert "--resume" in caught.value.hint
    assert run.checkpoint().trainer["position"]["batch"] > 0
    other = new_run(tmp_path, "mlp-xavier")
    session = Session(other, settings, *split, Told(rank=1))
    with pytest.raises(TrainingError, match="told to stop"):
        list(session.train())
    assert list(other.path.iterdir()) == []


def test_a_process_that_is_gone_is_named(split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever torch says, and wherever it is noticed."""
    import torch.distributed as dist

    def gone(*_: object, **__: object) -> None:
        raise RuntimeError("Connection closed by peer [10.0.0.1]:1234")

    for name in ("init_process_group", "barrier", "broadcast_object_list", "all_reduce"):
        monkeypatch.setattr(dist, name, gone)
    group = Group(1, 2, 1)
    for call in (
        lambda: group.joined().__enter__(),
        lambda: group.one_after_the_other().__enter__(),
        lambda: group.from_first(7),
        lambda: group.any(False),
        lambda: group.mean(torch.ones(1)),
    ):
        with pytest.raises(TrainingError, match="has ended"):
            call()
    monkeypatch.setattr(Group, "together", lambda self, model: model)
    trainer = Trainer(Settings.of("softmax", epochs=1, batch_size=50), *split, group)
    monkeypatch.setattr(trainer, "_steps", gone)
    with pytest.raises(TrainingError, match="has ended"):
        list(trainer.train())


def test_two_processes_train_as_one(synthetic_root: Path, tmp_path: Path) -> None:
    """With torchrun, going on from one process: one run, one text, and the costs of one."""
    settings = Settings.of("softmax", epochs=3, dataset="synthetic", threads=1)
    whole = Run(tmp_path / "whole")
    for _ in training_events(settings, whole.path, root=synthetic_root, offline=True):
        pass
    part = Run(tmp_path / "part")
    with closing(training_events(settings, part.path, root=synthetic_root, offline=True)) as events:
        for event in events:
            if isinstance(event, EpochDone):
                break
            assert not isinstance(event, Progressed) or event.epoch == 1
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += ["-m", "mnist_tool", "--", "train", "--resume", "--run", str(part.path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": ""}
    done = subprocess.run(
        [*command, "--root", str(synthetic_root), "--offline", "--no-pictures", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["data"]["learned"]
    costs = [[epoch["cost"] for epoch in run.metrics()] for run in (whole, part)]
    assert costs[1] == pytest.approx(costs[0], rel=1e-5)
    assert part.accuracy == pytest.approx(whole.accuracy, abs=0.005)
