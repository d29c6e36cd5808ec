"""What a command looks at: a run, its model, and the split that it takes images from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool import configuration
from mnist_tool.advice import command_line
from mnist_tool.cli.accuracy import calm_threads
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import SettingError
from mnist_tool.training.finding import find_run
from mnist_tool.training.runs import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from mnist_tool.training.evaluate import Evaluation

__all__ = ["Scene"]


@dataclass
class Scene:
    """A run and the data it is shown, each read when it is first needed.

    Parameters
    ----------
    out : Output
        Told how far a download is.
    run_path, runs, root : Path or None
        As given with ``--run``, ``--runs`` and ``--root``.
    dataset : str or None
        As given with ``--dataset``; by default the run's own.
    offline : bool or None
        As given with ``--offline``.
    split : str
        As given with ``--split``.
    beside : sequence of str
        What else ``--run`` may say to this command.
    """

    out: Output
    run_path: Path | None = None
    runs: Path | None = None
    root: Path | None = None
    dataset: str | None = None
    offline: bool | None = None
    split: str = "test"
    beside: Sequence[str] = ()

    def __post_init__(self) -> None:
        calm_threads()

    @cached_property
    def run(self) -> Run:
        """The run; raises `RunNotFoundError` where there is none."""
        return find_run(self.run_path, Path(configuration.get("runs", self.runs)), self.beside)

    @cached_property
    def model(self) -> nn.Module:
        """Its model, in eval mode; warns where the run is unfinished."""
        unfinished = self.run.unfinished()
        if unfinished:
            self.out.warn(unfinished)
        return self.run.model()

    @property
    def dataset_name(self) -> str:
        """The data set's name."""
        return self.dataset or self.run.settings.dataset

    @property
    def where(self) -> str:
        """How pictures call the run and the data."""
        return f"{self.run.name} on the {self.split} split of {DATASETS[self.dataset_name].title}"

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes of the data."""
        return DATASETS[self.dataset_name].classes

    def image_name(self, place: int) -> str:
        """How people call one of the images: ``Test image 3757``."""
        return f"{self.split.capitalize()} image {place}"

    def line(self, *words: str) -> str:
        """Write another command that looks where this one does, ready to be pasted."""
        return command_line(
            *words, dataset=self.dataset, run=self.run_path, runs=self.runs, root=self.root
        )

    def check_classes(self) -> None:
        """Refuse to show a model what it has no names for.

        Raises
        ------
        SettingError
            If it was trained to tell other things apart than the data has.
        """
        trained = DATASETS[self.run.settings.dataset]
        if trained.classes != self.classes:
            raise SettingError(
                f"{self.run.path} tells the {len(trained.classes)} classes of {trained.title} "
                f"apart, not the {len(self.classes)} of {DATASETS[self.dataset_name].title}.",
                hint="Train a model for them: "
                + command_line("train", dataset=self.dataset_name, runs=self.runs, root=self.root),
            )

    @cached_property
    def _data(self) -> tuple[Any, Any]:
        from mnist_tool.training.data import load

        with self.out.progress() as progress:
            return load(
                self.split,
                root=self.root,
                dataset=self.dataset_name,
                offline=self.offline,
                progress=progress,
            )

    @property
    def images(self) -> NDArray[np.uint8]:
        """The images of the split, uint8, shape (N, 28, 28)."""
        images: NDArray[np.uint8] = self._data[0].numpy()
        return images

    @property
    def labels(self) -> NDArray[np.int64]:
        """Their labels, int64, shape (N,)."""
        labels: NDArray[np.int64] = self._data[1].numpy()
        return labels

    def chances(self, places: list[int] | None = None) -> NDArray[np.float32]:
        """Return the model's probabilities for all images or some: shape (N, classes)."""
        from mnist_tool.training.evaluate import probabilities

        self.check_classes()
        images = self._data[0]
        chosen = images if places is None else images[places]
        rows: NDArray[np.float32] = probabilities(self.model, chosen).numpy()
        return rows

    def recognise(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the model's probabilities for images of one's own: uint8, shape (N, 28, 28)."""
        from mnist_tool.training.evaluate import recognise

        return recognise(self.model, images)

    def evaluate(self) -> list[Evaluation]:
        """Compare the model with all labels, on the pixels that its recipe is measured on."""
        from mnist_tool.training.evaluate import evaluate_scales

        self.check_classes()
        raw = self.run.settings.recipe.raw_accuracy
        return evaluate_scales(self.model, *self._data, raw=raw)
