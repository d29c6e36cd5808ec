"""Follow a training in TensorBoard: its events as event files in the run's folder."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from mnist_tool.advice import install_extra
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import DependencyError
from mnist_tool.files import storing
from mnist_tool.training.events import EpochDone, Event, Progressed, Started, Tested

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["check_tensorboard", "written_down"]

FLUSH = 2  # seconds until what has happened can be seen
MISTAKES = 16  # pictures of test images that were read wrongly
ENLARGED = 4  # times, for 28 pixels are small on a screen

Split = Callable[[], "tuple[Tensor, Tensor]"]


def check_tensorboard() -> None:
    """Make sure that event files can be written.

    Raises
    ------
    DependencyError
        If the package is missing.
    """
    try:
        from torch.utils import tensorboard  # noqa: F401  # it asks for the package itself
    except ImportError as error:
        raise DependencyError(
            f"tensorboard writes event files: {error}.",
            hint=install_extra("tensorboard"),
        ) from error


def written_down(
    events: Generator[Event, None, None], test_split: Split
) -> Generator[Event, None, None]:
    """Hand on what a training tells, and write it down first.

    The files can be read while they grow. What a training that is gone on with does once more takes
    the place of what it did before it was killed.

    Parameters
    ----------
    events : generator
        Those of `train.training_events`.
    test_split : callable
        Returns the test images, uint8, and their labels, when they are wanted.

    Raises
    ------
    StorageError
        If the run's folder cannot be written.
    """
    with closing(events):
        started = next(events)
        assert isinstance(started, Started)
        yield started
        with closing(_EventFiles(started, test_split)) as files:
            for event in events:
                files.write(event)
                yield event


class _EventFiles:
    """The event files of one process that trains a run.

    Parameters
    ----------
    started : Started
        The training.
    test_split : callable
        See `written_down`.
    """

    def __init__(self, started: Started, test_split: Split) -> None:
        self._started = started
        self._test_split = test_split
        self._recipe = started.settings.recipe
        self._writer: Any = None

    def write(self, event: Event) -> None:
        """Write one event; the first one says from which step on earlier files do not count."""
        with storing(self._started.run.path):
            match event:
                case Progressed():
                    self._write_batch(event)
                case EpochDone():
                    self._write_epoch(event)
                case Tested():
                    self._write_test(event)

    def _open(self, step: int | None = None) -> Any:
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(
                str(self._started.run.path), purge_step=step, flush_secs=FLUSH
            )
        return self._writer

    def _write_batch(self, event: Progressed) -> None:
        step = self._started.images_done(event) // self._recipe.batch_size
        self._open(step).add_scalar("cost/batch", event.cost, step)

    def _write_epoch(self, event: EpochDone) -> None:
        writer, epoch = self._open(), self._started.epoch(event)
        writer.add_scalar("cost/epoch", event.cost, epoch)
        if event.seconds:
            writer.add_scalar("images a second", event.images / event.seconds, epoch)
        if event.validation_accuracy is not None:
            writer.add_scalar("accuracy/validation", event.validation_accuracy, epoch)

    def _write_test(self, event: Tested) -> None:
        """Write the accuracies beside the settings, and what was read wrongly."""
        epochs, result = self._started.settings.epochs, event.evaluations[-1]
        writer = self._open()
        writer.add_scalar("accuracy/test", result.accuracy, epochs)
        for number, member in enumerate(event.members, 1):
            writer.add_scalar("accuracy/member", member.accuracy, number)
        settings = {
            name: value if isinstance(value, bool | int | float | str) else str(value)
            for name, value in self._started.settings.as_dict().items()
        }
        metrics = {"test accuracy": result.accuracy, "test cost": result.cost}
        writer.add_hparams(settings, metrics, run_name=".")
        if result.mistakes:
            self._write_mistakes(writer, list(result.mistakes[:MISTAKES]))

    def _write_mistakes(self, writer: Any, places: list[int]) -> None:
        """Show test images that were read wrongly, and say as what."""
        from mnist_tool.training.evaluate import probabilities

        images, labels = (part[places] for part in self._test_split())
        names = DATASETS[self._started.settings.dataset].classes
        read = probabilities(self._started.run.model(), images).argmax(1)
        rows = [
            f"| {place} | {names[label]} | {names[guess]} |"
            for place, label, guess in zip(places, labels.tolist(), read.tolist(), strict=True)
        ]
        table = "\n".join(["| test image | label | read as |", "|---|---|---|", *rows])
        large = images.repeat_interleave(ENLARGED, 1).repeat_interleave(ENLARGED, 2)
        epochs = self._started.settings.epochs
        writer.add_images("mistakes", large.unsqueeze(1), epochs)
        writer.add_text("mistakes", table, epochs)

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            with storing(self._started.run.path):
                self._writer.close()
