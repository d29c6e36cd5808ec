"""What a training tells while it goes on, in the order in which it happens; no torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tool.training.runs import Run
from mnist_tool.training.settings import Settings

if TYPE_CHECKING:
    from mnist_tool.training.evaluate import Evaluation

__all__ = ["EpochDone", "Event", "Progressed", "Started", "Tested", "Trained"]


@dataclass(frozen=True)
class Started:
    """The data is there and the run's folder is made.

    Parameters
    ----------
    run : Run
        Where everything is kept.
    settings : Settings
        What is done.
    images : int
        Images that an epoch trains on.
    done : int
        Epochs that an earlier process has done, of all members together.
    """

    run: Run
    settings: Settings
    images: int
    done: int

    @property
    def total(self) -> int:
        """Images of all epochs."""
        return self.settings.epochs * self.images

    def epoch(self, event: Progressed | EpochDone) -> int:
        """Return which of all epochs it is, from 1; those of the members before count, too."""
        return ((event.member or 1) - 1) * self.settings.recipe.epochs + event.epoch

    def images_done(self, event: Progressed) -> int:
        """Return how many of them are done."""
        return (self.epoch(event) - 1) * self.images + event.images

    def place(self, event: Progressed, *, brief: bool = False) -> str:
        """Say in which epoch the training is, and of which member where there are several.

        What is `brief` leaves out the words where both stand.
        """
        recipe = self.settings.recipe
        epoch = f"{event.epoch}/{recipe.epochs}"
        if not event.member:
            return f"epoch {epoch}"
        member = f"{event.member}/{recipe.members}"
        return f"{member}, {epoch}" if brief else f"member {member}, epoch {epoch}"


@dataclass(frozen=True)
class Progressed:
    """A block of batches is done, and the training stands where it could be continued from.

    Parameters
    ----------
    epoch : int
        Number of the epoch, from 1.
    images : int
        Images of the epoch that are done.
    cost : float
        Of the last batch.
    member : int, optional
        Which member of a committee it is, from 1; ``None`` where a model is trained alone.
    """

    epoch: int
    images: int
    cost: float
    member: int | None = None


@dataclass(frozen=True)
class EpochDone:
    """An epoch is done, and on the disk where there is a run.

    Parameters
    ----------
    epoch : int
        Its number, from 1.
    cost : float
        Mean over its batches of their mean cross-entropy, in the lecture's float32.
    seconds : float
        Time it took here; of an interrupted epoch, only the part after the interruption.
    images : int
        Images it trained on.
    course : list of float
        How the cost went within the epoch: the means over its first fiftieth, its second ...; of
        fewer batches than that, each batch's cost.
    validation_accuracy : float or None
        Share of the held-out images that are right, where some are held out.
    member : int, optional
        As in `Progressed`.
    """

    epoch: int
    cost: float
    seconds: float
    images: int
    course: list[float] = field(default_factory=list)
    validation_accuracy: float | None = None
    member: int | None = None

    @property
    def line(self) -> str:
        """What is told of it, in the lecture's form, behind the member of a committee."""
        validation = self.validation_accuracy
        suffix = "" if validation is None else f" validation accuracy = {validation:.4f}"
        prefix = f"Member: {self.member:02d} " if self.member else ""
        return f"{prefix}Epoch: {self.epoch:04d} cost = {self.cost:.9f}{suffix}"

    def as_dict(self) -> dict[str, Any]:
        """Return a line of ``metrics.jsonl``."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Trained:
    """All epochs are done.

    Parameters
    ----------
    metrics : list of dict
        Those of all epochs, of earlier processes too; see `EpochDone.as_dict`.
    """

    metrics: list[dict[str, Any]]


@dataclass(frozen=True)
class Tested:
    """The model was tried on the test images.

    Parameters
    ----------
    evaluations : list of Evaluation
        On pixels 0 to 255 first, for the lecture's recipes; then on pixels 0 to 1.
    doubt : str
        Why the model seems not to have learned; empty where it has, see `learning.doubt`.
    members : list of Evaluation
        Each member of a committee by itself, on pixels 0 to 1.
    """

    evaluations: list[Evaluation]
    doubt: str = ""
    members: list[Evaluation] = field(default_factory=list)


Event = Started | Progressed | EpochDone | Trained | Tested
