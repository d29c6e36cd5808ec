"""A training in its run folder: what is kept, how it stops, how it goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mnist_tool.errors import CheckpointError, DivergedError
from mnist_tool.training.evaluate import evaluate, logits
from mnist_tool.training.events import EpochDone
from mnist_tool.training.runs import Run, new_run
from mnist_tool.training.session import Session
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import resolve_device

Split = tuple[Tensor, Tensor]
SETTINGS = Settings.of("mlp-dropout", epochs=4, batch_size=20)


def weights(model: nn.Module) -> Tensor:
    """Return all weights of a model as one vector."""
    return torch.cat([value.flatten() for value in model.state_dict().values()])


LEAVE_A_PART = """
import os, pathlib, sys
from mnist_tool.files import replacing
with replacing(pathlib.Path(sys.argv[1], "checkpoint.pt")) as file:
    file.write(b"half of it")
    file.flush()
    os._exit(9)
"""


def epochs(session: Session) -> Iterator[EpochDone]:
    """Train, and tell of the epochs alone."""
    return (event for event in session.train() if isinstance(event, EpochDone))


def told(run: Run) -> list[dict[str, object]]:
    """Return the metrics without the time they took."""
    return [{name: each[name] for name in each if name != "seconds"} for each in run.metrics()]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """An empty run folder."""
    return new_run(tmp_path / "runs", "mlp-dropout")


def test_every_epoch_is_on_the_disk_when_it_is_told(run: Run, split: Split) -> None:
    """Checkpoint and metrics are those of the epoch that is handed out."""
    for result in epochs(Session(run, SETTINGS, *split)):
        assert run.checkpoint().trainer["position"]["epoch"] == result.epoch
        assert run.metrics()[-1]["cost"] == result.cost
        assert len(run.metrics()) == result.epoch
    assert run.settings == SETTINGS


def test_run_gives_the_trained_model(run: Run, split: Split) -> None:
    """The model from the folder has the session's weights."""
    session = Session(run, SETTINGS, *split)
    list(session.train())
    assert torch.equal(weights(run.model()), weights(session.trainer.model))


# Trains in a fork of this process, so that a kill costs a fraction of a second.
def _train_until_killed(run: Run, split: Split, delay: float) -> bool:
    """Train in a child that is killed after so many seconds; say whether it was still training."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            list(Session(run, SETTINGS, *split).train())
            os._exit(0)
        os._exit(1)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments_and_continued(tmp_path: Path, split: Split) -> None:
    """However often and wherever it is killed, it ends with a whole training's digits."""
    whole = Session(new_run(tmp_path, "whole"), SETTINGS, *split)
    started = time.thread_time()  # however busy the machine is
    list(whole.train())
    length = time.thread_time() - started
    moments = random.Random(1)
    kills = 0
    for _ in range(3):
        run = new_run(tmp_path, "killed")
        while _train_until_killed(run, split, moments.uniform(0.1, 0.9) * length):
            kills += 1
            assert not run.checkpoint_path.exists() or run.checkpoint()
            if kills % 3 == 0:
                break
        again = Session(run, SETTINGS, *split)
        list(again.train())
        assert torch.equal(weights(again.trainer.model), weights(whole.trainer.model))
        assert told(run) == told(whole.run)
    assert kills
    assert not list(tmp_path.rglob("*.part"))


def test_killed_between_its_two_files_and_continued(run: Run, split: Split) -> None:
    """The metrics are those of the checkpoint again, and no temporary file stays."""
    list(Session(run, SETTINGS, *split).train())
    whole = run.metrics()
    run.write_metrics(whole[:-1])
    child = subprocess.run([sys.executable, "-c", LEAVE_A_PART, run.path], check=False)
    assert child.returncode == 9
    assert list(run.path.glob(".*.part"))
    list(Session(run, SETTINGS, *split).train())
    assert run.metrics() == whole
    assert not list(run.path.glob(".*.part"))


def test_killed_after_any_epoch_and_continued(tmp_path: Path, split: Split) -> None:
    """What a killed process leaves is continued to the weights and metrics of a whole training."""
    whole = Session(new_run(tmp_path, "whole"), SETTINGS, *split)
    list(whole.train())
    for last in range(1, 5):
        run = new_run(tmp_path, "killed")
        training = Session(run, SETTINGS, *split).train()
        for event in training:
            if isinstance(event, EpochDone) and event.epoch == last:
                break
        training.close()
        again = Session(run, SETTINGS, *split)
        list(again.train())
        assert torch.equal(weights(again.trainer.model), weights(whole.trainer.model))
        assert told(run) == told(whole.run)


def _interrupt(session: Session, epoch: int) -> None:
    """Press Ctrl-C after the first block of an epoch."""
    for event in session.train():
        if event.epoch == epoch:
            os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_saves_the_middle_of_an_epoch(
    tmp_path: Path, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C acts after the block it falls in, and nothing that was trained is lost."""
    monkeypatch.setattr("mnist_tool.training.data.BLOCK_IMAGES", 100)
    whole = Session(new_run(tmp_path, "whole"), SETTINGS, *split)
    list(whole.train())
    run = new_run(tmp_path, "stopped")
    with pytest.raises(KeyboardInterrupt):
        _interrupt(Session(run, SETTINGS, *split), epoch=2)
    position = run.checkpoint().trainer["position"]
    assert (position["epoch"], position["batch"]) == (1, 5)
    again = Session(run, SETTINGS, *split)
    list(again.train())
    assert torch.equal(weights(again.trainer.model), weights(whole.trainer.model))
    assert told(run) == told(whole.run)


def test_divergence_keeps_the_last_good_checkpoint(run: Run, split: Split) -> None:
    """After an error in epoch 2 the checkpoint of epoch 1 is still there and finite."""
    session = Session(run, SETTINGS, *split)
    training = epochs(session)
    next(training)
    with torch.no_grad():
        next(session.trainer.model.parameters()).fill_(float("nan"))
    with pytest.raises(DivergedError, match="epoch 2"):
        next(training)
    assert torch.isfinite(weights(run.model())).all()
    assert len(run.metrics()) == 1


def test_checkpoint_of_other_data_is_refused(run: Run, split: Split) -> None:
    """A run is not continued on files with other hashes."""
    list(Session(run, SETTINGS, *split).train())
    checkpoint = run.checkpoint()
    checkpoint.data["sha256"]["train-images-idx3-ubyte"] = "0" * 64
    checkpoint.save(run.checkpoint_path)
    with pytest.raises(CheckpointError, match="other data"):
        Session(run, SETTINGS, *split)


def test_checkpoint_without_its_parts_is_refused(run: Run, split: Split) -> None:
    """A checkpoint that lacks what continuing needs is refused in words."""
    list(Session(run, SETTINGS, *split).train())
    checkpoint = run.checkpoint()
    del checkpoint.trainer["position"]
    checkpoint.save(run.checkpoint_path)
    with pytest.raises(CheckpointError, match="refused: trainer has no position"):
        Session(run, SETTINGS, *split)


def test_a_checkpoint_that_cannot_be_continued_says_what_it_lacks(run: Run, split: Split) -> None:
    """In words, not as Python writes a key that is not there."""
    list(Session(run, SETTINGS, *split).train())
    checkpoint = run.checkpoint()
    checkpoint.trainer["steps"] = {}
    checkpoint.save(run.checkpoint_path)
    with pytest.raises(CheckpointError, match=r"cannot be continued from: it lacks '\w+'\."):
        Session(run, SETTINGS, *split)


def test_evaluation_is_kept(run: Run, split: Split) -> None:
    """Both scales of a lab's recipe are in the run's result."""
    session = Session(run, SETTINGS, *split)
    list(session.train())
    results = session.evaluate(*split)
    kept = run.result()
    assert kept is not None
    assert [each["pixels"] for each in kept["test"]] == ["0..255", "0..1"]
    assert kept["test"][1]["accuracy"] == results[1].accuracy > 0.5


@pytest.fixture(params=["cpu", "cuda", "mps"])
def device(request: pytest.FixtureRequest) -> str:
    """A device that trains; the test is skipped, loudly, where there is none of its kind."""
    name: str = request.param
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(name, True):
        pytest.skip(f"NO {name.upper()} HERE: the default path is untested on it")
    return name


@pytest.mark.device
@pytest.mark.parametrize("recipe", ["softmax", "fast-cnn"])
def test_a_device_trains_as_the_processor_does(
    recipe: str, device: str, split: Split, tmp_path: Path
) -> None:
    """Train, stop, go on and test: near what the processor computes, for devices round otherwise.

    What `auto` takes is the device, where there is one.
    """
    settings = Settings.of(recipe, epochs=2, batch_size=20, device=device)
    if device != "cpu":
        assert resolve_device("auto").type == device
    whole = Session(new_run(tmp_path, "whole"), settings, *split)
    costs = [each.cost for each in epochs(whole)]
    assert {each.device.type for each in whole.trainer.model.parameters()} == {device}

    on_cpu = replace(settings, device="cpu")
    own = Session(new_run(tmp_path, "own"), on_cpu, *split)
    assert costs == pytest.approx([each.cost for each in epochs(own)], rel=0.05)

    run = new_run(tmp_path, "cut")
    for _ in epochs(Session(run, settings, *split)):
        break
    again = Session(run, settings, *split)
    costs_again = [each.cost for each in epochs(again)]
    assert costs_again == pytest.approx(costs[1:], rel=0.05)

    # Dropout draws on the device: what it draws goes on, too.
    dropped = replace(settings, recipe=replace(SETTINGS.recipe, epochs=2), device=device)
    whole_costs = [
        each.cost for each in epochs(Session(new_run(tmp_path, "dropped"), dropped, *split))
    ]
    parted = new_run(tmp_path, "parted")
    for _ in epochs(Session(parted, dropped, *split)):
        break
    rest = [each.cost for each in epochs(Session(parted, dropped, *split))]
    assert rest == pytest.approx(whole_costs[1:], rel=1e-3)

    # The same weights, read from the folder onto the processor, and where they were trained.
    images, labels = split
    there, here = logits(again.trainer.model, images), logits(run.model(), images)
    assert torch.allclose(there, here, rtol=0.01, atol=0.02)
    tested = again.evaluate(images, labels)[-1]
    assert abs(tested.correct - evaluate(run.model(), images, labels).correct) <= 2
    assert tested.accuracy > 0.5
