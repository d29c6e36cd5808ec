"""Committees: what they say, how they are trained and kept, how they go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mnist_tool.errors import CheckpointError
from mnist_tool.training import models
from mnist_tool.training.checkpoint import Checkpoint
from mnist_tool.training.committee import Committee, united
from mnist_tool.training.evaluate import probabilities
from mnist_tool.training.events import EpochDone
from mnist_tool.training.recipes import RECIPES
from mnist_tool.training.runs import Run, new_run
from mnist_tool.training.session import Session
from mnist_tool.training.settings import MOST_MEMBERS, Settings
from mnist_tool.training.unpack import LARGEST
from tests.kept import keep

Split = tuple[Tensor, Tensor]
SETTINGS = Settings.of("mlp-dropout", epochs=2, batch_size=20, members=3)


def weights(model: nn.Module) -> Tensor:
    """Return all weights of a model as one vector."""
    return torch.cat([value.flatten() for value in model.state_dict().values()])


def told(run: Run) -> list[dict[str, object]]:
    """Return the metrics without the time they took."""
    return [{name: each[name] for name in each if name != "seconds"} for each in run.metrics()]


def trained(run: Run, settings: Settings, split: Split) -> Run:
    """Train to the end."""
    session = Session(run, settings, *split)
    list(session.train())
    session.evaluate(*split)
    return run


@pytest.fixture(scope="module")
def whole(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A committee of three that nothing has interrupted."""
    with torch.random.fork_rng(devices=[]):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        run = trained(new_run(tmp_path_factory.mktemp("runs"), "committee"), SETTINGS, split)
        keep(run.path)
        yield run
        torch.set_num_threads(threads)


@pytest.mark.parametrize("name", ["cnn-ensemble", "committee"])
def test_the_prediction_is_the_mean_of_the_members(name: str, split: Split) -> None:
    """Of their probabilities, on every image; computed here by torch's softmax."""
    torch.manual_seed(3)
    members = [models.build(RECIPES[name].model).eval() for _ in range(3)]
    with torch.no_grad():
        pixels = split[0].float().div(255).unsqueeze(1)
        expected = torch.stack([member(pixels).softmax(1) for member in members]).mean(0)
    said = probabilities(united(members), split[0])
    torch.testing.assert_close(said, expected, rtol=1e-5, atol=1e-7)
    with torch.no_grad():
        logarithms = united(members)(pixels)
    torch.testing.assert_close(logarithms.exp(), expected, rtol=1e-5, atol=1e-7)
    assert torch.equal(said.argmax(1), expected.argmax(1))


def test_members_that_are_sure_are_weighed_as_well() -> None:
    """Probabilities too small for float32 on their own are finite numbers in the sum."""
    sure = [nn.Sequential(nn.Flatten(), nn.Linear(784, 10)) for _ in range(2)]
    with torch.no_grad():
        for place, member in enumerate(sure):
            member[1].weight.zero_()  # type: ignore[operator]
            member[1].bias.copy_(torch.eye(10)[place] * 500)  # type: ignore[operator]
        logits = Committee(sure)(torch.zeros(1, 1, 28, 28))
    assert torch.isfinite(logits).all()
    assert logits.softmax(1)[0, :2].tolist() == [0.5, 0.5]


def test_one_member_is_the_model_itself(tmp_path: Path, split: Split) -> None:
    """A committee of one has the files and the weights of a run of its recipe."""
    member = models.build("linear")
    assert united([member]) is member
    alone = Settings.of("best", batch_size=100, epochs=2)
    one = Settings.of("committee", batch_size=100, epochs=2, members=1)
    runs = [trained(new_run(tmp_path, each.recipe.name), each, split) for each in (alone, one)]
    assert told(runs[0]) == told(runs[1])
    assert torch.equal(weights(runs[0].model()), weights(runs[1].model()))
    first, second = (run.result() for run in runs)
    assert first == second


def test_another_training_in_between_takes_no_threads_away(tmp_path: Path, split: Split) -> None:
    """The digits depend on their number, which is that of the first member for all of them."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        session = Session(new_run(tmp_path, "between"), SETTINGS, *split)
        for _ in session.train():
            torch.set_num_threads(1)
        assert session.trainer.threads == 2
    finally:
        torch.set_num_threads(before)


def test_each_member_is_what_its_seed_alone_would_be(
    tmp_path: Path, split: Split, whole: Run
) -> None:
    """Bit for bit, costs and weights; and the run keeps how each does by itself."""
    committee, result = whole.model(), whole.result()
    assert isinstance(committee, Committee)
    assert result is not None
    for number, member in enumerate(committee.members, 1):
        run = trained(new_run(tmp_path, "alone"), SETTINGS.of_member(number), split)
        assert torch.equal(weights(member), weights(run.model()))
        assert [each | {"member": number} for each in told(run)] == [
            each for each in told(whole) if each["member"] == number
        ]
        assert result["members"][number - 1]["accuracy"] == run.accuracy
    assert torch.unique(torch.stack([*map(weights, committee.members)]), dim=0).shape[0] == 3


@pytest.mark.parametrize("last", [1, 2, 3, 4])
def test_killed_after_any_epoch_and_continued(
    last: int, tmp_path: Path, split: Split, whole: Run
) -> None:
    """Between two members or within one, it ends with a whole training's bits."""
    run = new_run(tmp_path, "killed")
    training = Session(run, SETTINGS, *split).train()
    for event in training:
        if isinstance(event, EpochDone) and len(run.metrics()) == last:
            break
    training.close()
    members = last // SETTINGS.recipe.epochs
    assert ("it trained 1 of its 2 epochs of the first" in run.unfinished()) == (members == 0)
    assert (f"trained {members} of its 3 members" in run.unfinished()) == (members > 0)
    voters = getattr(run.model(), "members", [run.model()])
    assert len(voters) == max(1, members)
    again = Session(run, SETTINGS, *split)
    assert len(again.metrics) == last
    list(again.train())
    assert not run.unfinished()
    assert told(run) == told(whole)
    assert torch.equal(weights(run.model()), weights(whole.model()))


def test_ctrl_c_within_a_member(
    tmp_path: Path, split: Split, whole: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that was trained is lost, neither the members before nor half of an epoch."""
    monkeypatch.setattr("mnist_tool.training.data.BLOCK_IMAGES", 100)
    run = new_run(tmp_path, "stopped")

    def interrupted() -> None:
        for event in Session(run, SETTINGS, *split).train():
            if (event.member, event.epoch) == (2, 2):
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    checkpoint = run.checkpoint()
    assert (len(checkpoint.members), checkpoint.trainer["position"]["batch"]) == (1, 5)
    trained(run, SETTINGS, split)
    assert torch.equal(weights(run.model()), weights(whole.model()))
    assert run.result() == whole.result()


def _of_another_shape(checkpoint: Checkpoint) -> None:
    checkpoint.members[0] = dict(checkpoint.members[0]) | {"1.bias": torch.zeros(3)}


def _not_finite(checkpoint: Checkpoint) -> None:
    checkpoint.members[1]["1.bias"][0] = float("nan")


def _too_many(checkpoint: Checkpoint) -> None:
    checkpoint.members.append(checkpoint.members[0])


def _no_tensor(checkpoint: Checkpoint) -> None:
    member: Any = dict(checkpoint.members[0]) | {"1.bias": "none"}
    checkpoint.members[0] = member


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_of_another_shape, "do not fit recipe mlp-dropout .* beginning with 1.bias"),
        (_not_finite, "not finite"),
        (_too_many, "it has 4 members, but its run has 3"),
        (_no_tensor, "an entry of .*members.* not a tensor"),
    ],
)
def test_a_damaged_member_is_refused(
    spoil: Any, why: str, tmp_path: Path, split: Split, whole: Run
) -> None:
    """To use the committee, and to go on with it."""
    run = new_run(tmp_path, "damaged")
    run.write_settings(SETTINGS)
    checkpoint = whole.checkpoint()
    spoil(checkpoint)
    checkpoint.save(run.checkpoint_path)
    with pytest.raises(CheckpointError, match=why):
        run.model()
    with pytest.raises(CheckpointError, match=why):
        Session(run, SETTINGS, *split)


def test_a_checkpoint_that_lacks_a_member_is_not_continued(
    tmp_path: Path, split: Split, whole: Run
) -> None:
    """Its epochs are not those of its members."""
    run = new_run(tmp_path, "damaged")
    run.write_settings(SETTINGS)
    checkpoint = whole.checkpoint()
    replace(checkpoint, members=checkpoint.members[1:]).save(run.checkpoint_path)
    with pytest.raises(CheckpointError, match="position is not after its last epoch"):
        Session(run, SETTINGS, *split)


@pytest.mark.parametrize("name", models.MODELS)
def test_the_largest_committee_fits_into_a_checkpoint(name: str) -> None:
    """What is written can be read: all members, and what Adam keeps of one."""
    size = sum(4 * each.numel() for each in models.build(name).state_dict().values())
    assert size * (MOST_MEMBERS + 2) < LARGEST


def test_a_model_alone_leaves_no_trace_of_committees(tmp_path: Path, split: Split) -> None:
    """Its checkpoint and its metrics are read by earlier versions, and theirs by this one."""
    settings = SETTINGS.of_member(1)
    run = trained(new_run(tmp_path, "alone"), settings, split)
    assert "members" not in torch.load(run.checkpoint_path, weights_only=True)
    assert not any("member" in each for each in run.metrics())


def test_the_ensemble_of_the_course_learns(tmp_path: Path, split: Split) -> None:
    """Lab 10-4: two deep networks; between the last layers the ReLU and dropout it leaves out."""
    settings = Settings.of("cnn-ensemble", epochs=2, batch_size=40, learning_rate=0.003)
    assert settings.recipe.members == 2
    run = trained(new_run(tmp_path, "cnn-ensemble"), settings, split)
    kinds = [type(layer).__name__ for layer in models.build(settings.recipe.model).children()]
    assert kinds[:4] == ["Conv2d", "ReLU", "MaxPool2d", "Dropout"]
    assert kinds[-4:] == ["Linear", "ReLU", "Dropout", "Linear"]
    assert run.accuracy is not None
    assert run.accuracy > 0.3
