"""Train from Python in one call, followed on a progress bar: tqdm's in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool import configuration
from mnist_tool.progress import Bar, Progress, Silent, Tqdm, in_notebook
from mnist_tool.training.recipes import Settings
from mnist_tool.training.runs import Run, make_run, new_run

if TYPE_CHECKING:
    from mnist_tool.training.trainer import Watcher

__all__ = ["following", "train"]


def train(
    recipe: str = "softmax",
    *,
    run: Path | str | None = None,
    root: Path | str | None = None,
    offline: bool | None = None,
    progress: Progress | None = None,
    **changes: Any,
) -> Run:
    """Train a recipe, test it, and keep everything in a new run folder, as the command does.

    As in the lecture's script, the seed is that of torch's default generator, which stands
    elsewhere afterwards. The number of torch's threads is what it was before.

    Parameters
    ----------
    recipe : str
        Name of the recipe.
    run : path, optional
        Folder for this run, empty or not there yet; else the next in ``MNIST_TOOL_RUNS``, else
        in ``runs``.
    root : path, optional
        Folder that holds ``MNIST/raw``; else ``MNIST_TOOL_ROOT``, else ``MNIST_data``.
    offline : bool, optional
        Forbid the network; else ``MNIST_TOOL_OFFLINE``.
    progress : Progress, optional
        Told how far it is; by default tqdm in a notebook, and nobody elsewhere.
    **changes
        Settings in place of the recipe's own, see `Settings.of`.

    Returns
    -------
    Run
        The folder: ``model()`` is the trained module, ``metrics()`` has the costs of the epochs
        and ``result()`` the accuracies.

    Raises
    ------
    SettingError
        If a setting cannot be used.
    DataError
        If the data cannot be had.
    DivergedError
        If the cost runs away.

    Examples
    --------
    >>> from mnist_tool import train
    >>> run = train("fast-cnn", seed=1)  # doctest: +SKIP
    >>> run.result()["test"][-1]["accuracy"]  # doctest: +SKIP
    0.9925
    """
    settings = Settings.of(recipe, **changes)
    from mnist_tool.training.data import load
    from mnist_tool.training.session import Session
    from mnist_tool.training.trainer import resolve_device

    resolve_device(settings.device)
    listener = progress or (Tqdm() if in_notebook() else Silent())
    splits = {
        split: load(split, root=root, dataset=settings.dataset, offline=offline, progress=listener)
        for split in ("train", "test")
    }
    place = make_run(Path(run)) if run else new_run(Path(configuration.get("runs")), recipe)
    with _threads_kept():
        session = Session(place, settings, *splits["train"])
        images = session.trainer.batches * settings.batch_size
        with following(listener, settings, images) as watcher:
            for result in session.epochs(watcher):
                listener.note(f"Epoch: {result.epoch:04d} cost = {result.cost:.9f}")
        session.evaluate(*splits["test"])
    return place


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Set torch's number of threads back at the end: it is the whole process's."""
    import torch

    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def following(progress: Progress, settings: Settings, images: int) -> Iterator[Watcher]:
    """Open a bar for a whole training.

    Parameters
    ----------
    progress : Progress
        Where the bar is.
    settings : Settings
        Of the training.
    images : int
        Images per epoch.
    """
    with progress.bar(settings.recipe, settings.epochs * images, "img") as bar:
        yield _Follower(bar, settings.epochs, images)


class _Follower:
    """A `trainer.Watcher` that moves one bar through all epochs."""

    def __init__(self, bar: Bar, epochs: int, images: int) -> None:
        self._bar = bar
        self._epochs = epochs
        self._images = images
        self._done = 0

    def progress(self, epoch: int, images: int, cost: float) -> None:
        done = (epoch - 1) * self._images + images
        self._bar.describe(f"epoch {epoch}/{self._epochs}, cost {cost:.4f}")
        self._bar.advance(done - self._done)
        self._done = done
