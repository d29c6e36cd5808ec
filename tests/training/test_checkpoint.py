"""Checkpoints come back as they went, and anything else is refused with a reason."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mnist_tool.errors import CheckpointError, StorageError
from mnist_tool.training.checkpoint import Checkpoint, data_identity, restore_model
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer


@pytest.fixture
def checkpoint(split: tuple[Tensor, Tensor]) -> Checkpoint:
    """A checkpoint of a small training."""
    settings = Settings.of("softmax", epochs=1, batch_size=100)
    trainer = Trainer(settings, *split)
    metrics = [result.as_dict() for result in trainer.epochs()]
    return Checkpoint(
        recipe="softmax",
        settings=settings.as_dict(),
        state_dict=trainer.model.state_dict(),
        trainer=trainer.state_dict(),
        data=data_identity("mnist"),
        metrics=metrics,
    )


def test_round_trip(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """What is saved is what is loaded, and nothing else lies beside it."""
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path)
    loaded = Checkpoint.load(path)
    assert loaded.settings == checkpoint.settings
    assert loaded.metrics == checkpoint.metrics
    assert loaded.versions["torch"] == str(torch.__version__)
    assert loaded.data["sha256"]["t10k-labels-idx1-ubyte"].startswith("ff7bcfd4")
    assert all(
        torch.equal(loaded.state_dict[key], value) for key, value in checkpoint.state_dict.items()
    )
    assert torch.equal(loaded.trainer["random"], checkpoint.trainer["random"])
    assert list(tmp_path.glob(".*.part")) == []


def test_model_from_checkpoint_is_the_trained_one(checkpoint: Checkpoint) -> None:
    """The restored model is in eval mode and has the saved weights."""
    model = restore_model(checkpoint, Path("x"))
    assert not model.training
    assert torch.equal(model.state_dict()["1.weight"], checkpoint.state_dict["1.weight"])


def test_every_flipped_byte_is_noticed_or_harmless(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """A damaged file is refused, unless the damage is where no content lies."""
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path)
    sound = path.read_bytes()
    refused = 0
    for place in range(0, len(sound), len(sound) // 150):
        damaged = bytearray(sound)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            loaded = Checkpoint.load(path)
        except CheckpointError:
            refused += 1
        else:
            assert loaded.metrics == checkpoint.metrics
            assert torch.equal(loaded.state_dict["1.weight"], checkpoint.state_dict["1.weight"])
    assert refused > 100


@pytest.mark.parametrize("keep", [0, 1, 100, 20000])
def test_truncated_file_is_refused(checkpoint: Checkpoint, tmp_path: Path, keep: int) -> None:
    """A file cut anywhere is called damaged, and the message names it."""
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt is refused: .*damaged"):
        Checkpoint.load(path)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    """Another program's torch file, a tensor, a web page and a missing file are all refused."""
    foreign = tmp_path / "foreign.pt"
    for content in ({"state_dict": {}}, torch.zeros(3), {"format": "mnist-tool checkpoint 1"}):
        torch.save(content, foreign)
        with pytest.raises(CheckpointError, match="refused"):
            Checkpoint.load(foreign)
    foreign.write_text("<html>404</html>")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        Checkpoint.load(foreign)
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        Checkpoint.load(tmp_path / "none.pt")


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('executed')",)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    """A pickle that would run code is refused without running it, in both formats of torch."""
    for zipped in (True, False):
        path = tmp_path / "evil.pt"
        torch.save({"format": _Harmful()}, path, _use_new_zipfile_serialization=zipped)
        with pytest.raises(CheckpointError, match="such as code" if zipped else "not a checkpoint"):
            Checkpoint.load(path)
    path.write_bytes(pickle.dumps(_Harmful()))
    with pytest.raises(CheckpointError):
        Checkpoint.load(path)


def test_weights_of_another_recipe_are_refused(checkpoint: Checkpoint) -> None:
    """Weights that do not fit, and a recipe nobody knows, are told apart."""
    checkpoint.recipe = "cnn"
    with pytest.raises(CheckpointError, match=r"(?m)do not fit recipe cnn .* with 0\.weight\.$"):
        restore_model(checkpoint, Path("x"))
    checkpoint.recipe = "lenet"
    with pytest.raises(CheckpointError, match="'lenet' is not known"):
        restore_model(checkpoint, Path("x"))


def test_checkpoint_of_another_training_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """A file from another run, or of other data, does not pass for the run's own model."""
    run = Run(tmp_path)
    run.write_settings(Settings.from_dict(checkpoint.settings))
    checkpoint.save(run.checkpoint_path)
    assert torch.equal(run.model().state_dict()["1.weight"], checkpoint.state_dict["1.weight"])
    run.write_settings(Settings.of("softmax-adam"))
    with pytest.raises(CheckpointError, match="of recipe softmax, but its run is of softmax-adam"):
        run.model()
    run.write_settings(Settings.of("softmax", dataset="synthetic"))
    with pytest.raises(CheckpointError, match="mnist with other files than synthetic has"):
        run.model()


def test_weights_that_are_no_numbers_are_refused(checkpoint: Checkpoint) -> None:
    """A diverged model reads no digit."""
    checkpoint.state_dict["1.bias"][3] = float("nan")
    with pytest.raises(CheckpointError, match="not finite"):
        restore_model(checkpoint, Path("x"))


def test_folder_that_refuses(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """A folder that is gone is a storage error, and the old checkpoint is not touched."""
    with pytest.raises(StorageError):
        checkpoint.save(tmp_path / "gone" / "checkpoint.pt")


def test_failure_while_writing_keeps_the_old_checkpoint(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk fails before the rename, the previous checkpoint still loads."""
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space"):
        checkpoint.save(path)
    assert Checkpoint.load(path).metrics == checkpoint.metrics
    assert list(tmp_path.glob(".*")) == []
