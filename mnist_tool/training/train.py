"""Train, test and keep everything in a run folder: as events, or in one call from Python."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool import configuration
from mnist_tool.dataset.arrays import read_split
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.own import look_in
from mnist_tool.dataset.roots import check_root
from mnist_tool.dataset.store import open_store
from mnist_tool.errors import SettingError
from mnist_tool.progress import Bar, Progress, Silent, listening
from mnist_tool.training.events import EpochDone, Event, Progressed, Started, Tested, Trained
from mnist_tool.training.group import Group
from mnist_tool.training.learning import LearningWarning, doubt, warning
from mnist_tool.training.runs import Run, make_run, new_run
from mnist_tool.training.settings import Settings, check_threads

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["TrainingBar", "train", "training_events"]


def train(
    recipe: str = "softmax",
    *,
    run: Path | str | None = None,
    root: Path | str | None = None,
    offline: bool | None = None,
    progress: Progress | None = None,
    tensorboard: bool = False,
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
    tensorboard : bool
        Write event files into the run's folder, for TensorBoard to follow it.
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
    DependencyError
        If event files are wanted and tensorboard is missing.

    Warns
    -----
    LearningWarning
        If the model does no better than guessing, or its cost did not fall.

    Examples
    --------
    >>> from mnist_tool import train
    >>> run = train("fast-cnn", seed=1)  # doctest: +SKIP
    >>> run.result()["test"][-1]["accuracy"]  # doctest: +SKIP
    0.9925
    """
    look_in(root)
    settings = Settings.of(recipe, **changes)
    listener = listening(progress)
    folder = Path(run) if run else None
    events = training_events(
        settings, folder, root=root, offline=offline, progress=listener, tensorboard=tensorboard
    )
    with closing(events), ExitStack() as until_trained:
        for event in events:
            if isinstance(event, Started):
                place = event.run
                bar = until_trained.enter_context(TrainingBar.open(listener, event))
            elif isinstance(event, Progressed):
                bar.progress(event)
            elif isinstance(event, EpochDone):
                listener.note(event.line)
            elif isinstance(event, Trained):
                until_trained.close()
            elif isinstance(event, Tested) and event.doubt:
                warnings.warn(warning(event.doubt, settings), LearningWarning, stacklevel=2)
    return place


def training_events(
    settings: Settings,
    run: Run | Path | None = None,
    *,
    runs: Path | None = None,
    root: Path | str | None = None,
    offline: bool | None = None,
    progress: Progress | None = None,
    tensorboard: bool = False,
) -> Generator[Event, None, None]:
    """Train and test, and tell what happens when it has happened.

    The events are `Started`; for each epoch that is left `Progressed` again and again, then
    `EpochDone`; `Trained`; `Tested`. What an event tells is in the run's folder already. Until
    `Trained`, SIGINT and SIGTERM are held back to a moment from which the training can go on.

    Parameters
    ----------
    settings : Settings
        What to do.
    run : Run or path, optional
        A run to go on with, or a folder for a new one; by default the next in `runs`.
    runs, root : path, optional
        Folders of all runs and of the data; else as configured.
    offline : bool, optional
        Forbid the network; else as configured.
    progress : Progress, optional
        Told how far a download is.
    tensorboard : bool
        Write event files into the run's folder, see `tensorboard.written_down`.

    Raises
    ------
    SettingError
        If this machine has no such device or not so many threads, or the folder for a new run is
        not empty.
    DataError
        If the data cannot be had.
    CheckpointError
        If the run cannot be gone on with.
    DivergedError
        If the cost runs away.
    StorageError
        If the run's folder cannot be written.
    TrainingError
        If the run is being trained already.
    DependencyError
        If event files are wanted and tensorboard is missing.
    """
    with _said_of(run):
        check_threads(settings.recipe.threads)
    group = Group.of_environment()
    group.check(settings)
    events = _events(settings, run, runs, root, offline, progress, group)
    if not (tensorboard and group.leads):
        return events
    from mnist_tool.training.data import load
    from mnist_tool.training.tensorboard import check_tensorboard, written_down

    check_tensorboard()
    test = partial(load, "test", root=root, dataset=settings.dataset, offline=True)
    return written_down(events, test)


def _events(
    settings: Settings,
    run: Run | Path | None,
    runs: Path | None,
    root: Path | str | None,
    offline: bool | None,
    progress: Progress | None,
    group: Group,
) -> Generator[Event, None, None]:
    with group.joined():
        with group.one_after_the_other():
            splits = _read(settings, run, root, offline, progress or Silent())
        from mnist_tool.training.session import Session

        place = run if isinstance(run, Run) else _make(run, runs, settings.recipe.name, group)
        with place.held() if group.leads else nullcontext(), _threads_kept():
            with _removed_if_empty(place):
                session = Session(place, settings, *splits["train"], group)
            images = session.trainer.batches * settings.recipe.batch_size
            yield Started(place, settings, images, len(session.metrics))
            yield from session.train()
            yield Trained(session.metrics)
            if group.leads:
                results = session.evaluate(*splits["test"])
                yield Tested(results, doubt(session.metrics, results[-1]), session.alone)


@contextmanager
def _said_of(run: Run | Path | None) -> Iterator[None]:
    """Say of a setting that this machine does not bear that it is the run's: nobody typed it."""
    try:
        yield
    except SettingError as error:
        if not isinstance(run, Run):
            raise
        raise SettingError(
            f"{run.path} cannot go on here: its {error.message}",
            hint="Go on where it began, or train anew without --resume.",
        ) from error


def _read(
    settings: Settings,
    run: Run | Path | None,
    root: Path | str | None,
    offline: bool | None,
    progress: Progress,
) -> dict[str, tuple[Tensor, Tensor]]:
    """Fetch what is missing; then read both splits while torch loads."""
    store = open_store(root, settings.dataset)
    check_root(store.root, store.dataset)
    fetch(store.root, dataset=settings.dataset, offline=offline, progress=progress)
    with ThreadPoolExecutor(1) as thread:
        reading = {split: thread.submit(read_split, store, split) for split in ("train", "test")}
        from mnist_tool.training.data import tensors
        from mnist_tool.training.trainer import resolve_device

        with _said_of(run):
            resolve_device(settings.device)
    return {split: tensors(*arrays.result()) for split, arrays in reading.items()}


def _make(folder: Path | None, runs: Path | None, recipe: str, group: Group) -> Run:
    """Make a new run's folder: this one, or else the next among all runs; the first one does."""
    made = None
    if group.leads:
        place = Path(configuration.get("runs", runs))
        made = str((make_run(folder) if folder else new_run(place, recipe)).path)
    return Run(Path(group.from_first(made) or ""))


@contextmanager
def _removed_if_empty(run: Run) -> Iterator[None]:
    """Leave no empty folder of a training that cannot begin."""
    try:
        yield
    except BaseException:
        with suppress(OSError):  # there is something in it
            run.path.rmdir()
        raise


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Set torch's number of threads back at the end: it is the whole process's."""
    import torch

    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class TrainingBar:
    """One bar for all epochs of a training.

    Parameters
    ----------
    bar : Bar
        Where it is drawn.
    started : Started
        The training.
    """

    def __init__(self, bar: Bar, started: Started) -> None:
        self._bar = bar
        self._started = started
        self._done = 0

    @classmethod
    @contextmanager
    def open(cls, progress: Progress, started: Started) -> Iterator[TrainingBar]:
        """Open one in a listener."""
        recipe = started.settings.recipe
        with progress.bar(recipe.name, started.total, "img") as bar:
            yield cls(bar, started)

    def progress(self, event: Progressed) -> None:
        """Move it."""
        done = self._started.images_done(event)
        self._bar.describe(f"{self._started.place(event)}, cost {event.cost:.4f}")
        self._bar.advance(done - self._done)
        self._done = done
