"""Train into a run folder: start or continue, keep a checkpoint, stop where it can go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from mnist_tool.advice import command_line
from mnist_tool.errors import CheckpointError
from mnist_tool.files import sweep
from mnist_tool.training import models
from mnist_tool.training.checkpoint import Checkpoint, data_identity, load_weights
from mnist_tool.training.committee import united
from mnist_tool.training.evaluate import Evaluation, evaluate, evaluate_scales
from mnist_tool.training.events import EpochDone, Progressed
from mnist_tool.training.group import ALONE, Group
from mnist_tool.training.interruption import deferred
from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer

__all__ = ["Session"]


class Session:
    """A training and the run folder it is kept in.

    Parameters
    ----------
    run : Run
        Its folder. A checkpoint in there is continued from, to exactly the weights and costs that
        an uninterrupted training would have.
    settings : Settings
        What to do; those of the checkpoint, where there is one.
    images : Tensor, uint8, shape (N, 28, 28)
        The training split.
    labels : Tensor, int64, shape (N,)
        Its labels.
    group : Group
        The processes that train it together; the first alone writes into the folder.

    Attributes
    ----------
    trainer : Trainer
        Of the member that is being trained; mostly there is one.
    metrics : list of dict
        Of all epochs so far, see `EpochDone.as_dict`.
    alone : list of Evaluation
        Each member of a committee by itself, when `evaluate` has been called.

    Raises
    ------
    CheckpointError
        If the checkpoint was trained on other data, or does not fit.
    """

    def __init__(
        self,
        run: Run,
        settings: Settings,
        images: Tensor,
        labels: Tensor,
        group: Group = ALONE,
    ) -> None:
        self.run = run
        self.settings = settings
        self.metrics: list[dict[str, Any]] = []
        self.alone: list[Evaluation] = []
        self._split = images, labels
        self._group = group
        if group.leads:
            sweep(run.path)  # what a process that was killed while it wrote has left
        checkpoint = run.checkpoint() if run.checkpoint_path.exists() else None
        self._trained = [self._restored(each) for each in checkpoint.members] if checkpoint else []
        self.trainer = self._next_trainer()
        if checkpoint:
            self._continue(checkpoint)
        elif group.leads:
            run.write_settings(settings)

    def train(self) -> Iterator[Progressed | EpochDone]:
        """Train the epochs that are left; each is on the disk before it is handed out.

        SIGINT and SIGTERM are held back to the end of the block of batches they fall in; then a
        checkpoint is written and the signal acts.

        Raises
        ------
        DivergedError
            If the cost runs away; the checkpoint of the last good epoch stays.
        StorageError
            If the run folder cannot be written.
        TrainingError
            If another process of the group was told to stop, or has ended.
        """
        with deferred() as pending:
            for event in self._train_members():
                if isinstance(event, EpochDone):
                    self.metrics.append(event.as_dict())
                    self.save()
                yield event
                if self._group.any(bool(pending)):
                    self.save()
                    if not pending:
                        raise self._group.interrupted()
                    return

    def _train_members(self) -> Iterator[Progressed | EpochDone]:
        """Train those that are left, one after the other."""
        if self.settings.recipe.members == 1:
            yield from self.trainer.train()
            return
        while True:
            member = len(self._trained) + 1
            for event in self.trainer.train():
                yield replace(event, member=member)
            if member == self.settings.recipe.members:
                return
            self._trained.append(self.trainer.model.eval())
            torch.set_num_threads(self.trainer.threads)  # the digits of the next depend on it, too
            self.trainer = self._next_trainer()

    def _next_trainer(self) -> Trainer:
        settings = self.settings.of_member(len(self._trained) + 1)
        return Trainer(settings, *self._split, self._group)

    def evaluate(self, images: Tensor, labels: Tensor) -> list[Evaluation]:
        """Test the model and keep the result in the run folder.

        Parameters
        ----------
        images, labels : Tensor
            The test split, see `evaluate.evaluate`.

        Returns
        -------
        list of Evaluation
            On pixels 0 to 255 first, for the lecture's recipes; then on pixels 0 to 1.
        """
        raw = self.settings.recipe.raw_accuracy
        members = [each.to(self.trainer.device) for each in (*self._trained, self.trainer.model)]
        results = evaluate_scales(united(members), images, labels, raw=raw)
        kept = {"test": results}
        if len(members) > 1:
            self.alone = [evaluate(member, images, labels) for member in members]
            kept["members"] = self.alone
        self.run.write_result({key: [each.as_dict() for each in kept[key]] for key in kept})
        return results

    def save(self) -> None:
        """Write the checkpoint, then the metrics."""
        if not self._group.leads:
            return
        Checkpoint(
            recipe=self.settings.recipe.name,
            settings=self.settings.as_dict(),
            state_dict=self.trainer.model.state_dict(),
            trainer=self.trainer.state_dict(),
            data=data_identity(self.settings.dataset),
            metrics=self.metrics,
            members=[member.state_dict() for member in self._trained],
        ).save(self.run.checkpoint_path)
        self.run.write_metrics(self.metrics)

    def _restored(self, weights: dict[str, Tensor]) -> nn.Module:
        """Return a member that was trained by an earlier process."""
        recipe = self.settings.recipe
        member = models.build(recipe.model, self.settings.classes)
        load_weights(member, weights, recipe.name, self.run.checkpoint_path)
        return member.eval()

    def _continue(self, checkpoint: Checkpoint) -> None:
        weights, path = checkpoint.state_dict, self.run.checkpoint_path
        load_weights(self.trainer.model, weights, checkpoint.recipe, path)
        before = len(checkpoint.members) * self.settings.recipe.epochs
        try:
            if before + checkpoint.trainer["position"]["epoch"] != len(checkpoint.metrics):
                raise ValueError("its position is not after its last epoch")
            self.trainer.load_state_dict(weights, checkpoint.trainer)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            why = f"it lacks {error}" if isinstance(error, KeyError) else error
            raise CheckpointError(
                f"{path} cannot be continued from: {why}.",
                hint=f"Train again: {command_line('train', runs=self.run.path.parent)}",
            ) from error
        self.metrics = checkpoint.metrics
        if self._group.leads:
            # A process killed between its two files has left the metrics one epoch behind.
            self.run.write_metrics(self.metrics)
