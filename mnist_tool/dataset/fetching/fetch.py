"""Fetch a data set: look at the disk, and let the sources race for what is not there."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import astuple, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool import configuration
from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.fetching.named import SourceLike, sources_named
from mnist_tool.dataset.fetching.report import FetchedFile, FetchReport, failure
from mnist_tool.dataset.fetching.state import REASONS, Fetch
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.sources.base import Source
from mnist_tool.dataset.sources.local import Leftovers
from mnist_tool.dataset.store import OTHER_ROOT, FileStatus, Store, open_store
from mnist_tool.errors import DataError, SettingError
from mnist_tool.files import make_folder, stands, sweep
from mnist_tool.progress import Progress, listening

if TYPE_CHECKING:
    from mnist_tool.dataset.fetching.worker import Worker

__all__ = ["choose_clocks", "fetch", "prove", "race"]

# How often the sources at work are looked at.
LOOK = 0.1
# How long a source that is no longer needed may take to put its temporary file away.
LEAVE = 5.0
# Those that users can set.
CLOCKS = [clock.name for clock in fields(Clocks) if clock.name in configuration.SETTINGS]


def fetch(
    root: str | os.PathLike[str] | None = None,
    *,
    dataset: str = "mnist",
    sources: Sequence[SourceLike] | SourceLike | None = None,
    mirror: bool = False,
    force: bool = False,
    offline: bool | None = None,
    timeout: float | None = None,
    clocks: Clocks | None = None,
    progress: Progress | None = None,
    attempts: list[Attempt] | None = None,
) -> FetchReport:
    """Bring a data set to the disk, from wherever it can be had.

    Parameters
    ----------
    root : path, optional
        The folder that will hold ``MNIST/raw``; by default ``MNIST_TOOL_ROOT`` or ``MNIST_data``.
    dataset : str
        Name of the data set.
    sources : sequence, optional
        Exactly where to look, in order: names of registered sources, URLs, paths, or one open
        stream of bytes. By default all registered sources.
    mirror : bool
        Leave out what is known to refuse, and begin with the archive mirrors.
    force : bool
        Bring every file again, also where a verified one stands; it stays until its successor is
        verified.
    offline : bool, optional
        Use no network at all; by default ``MNIST_TOOL_OFFLINE``.
    timeout : float, optional
        Seconds of silence before a source is given up; by default ``MNIST_TOOL_TIMEOUT`` or 15.
    clocks : Clocks, optional
        All the limits of patience, instead of those of the environment.
    progress : Progress, optional
        Told of bars and news; by default tqdm in a notebook, and nobody elsewhere.
    attempts : list of Attempt, optional
        Gets every try as it ends, for whoever wants to tell of them even if Ctrl-C ends the fetch.

    Returns
    -------
    FetchReport
        Per file where it came from, and every attempt.

    Raises
    ------
    FetchError
        If some file could not be had; ``attempts``, ``missing`` and ``recipe`` say more.
    OfflineError
        The same, where the network was forbidden.
    StorageError
        If the disk or the folder refuses.
    SettingError
        If a name, an address or a path cannot be used.
    """
    store = open_store(root, dataset)
    if mirror and sources:
        raise SettingError(
            "Either --mirror or --from says where to look, not both.", hint="Leave one of them out."
        )
    chosen = list(store.dataset.fallbacks if mirror else store.dataset.sources)
    if sources:
        chosen = sources_named(store.dataset, sources)
    clocks = _checked(clocks) if clocks else choose_clocks(timeout=timeout)
    progress = listening(progress)
    attempts = [] if attempts is None else attempts
    without_network = bool(configuration.get("offline", offline))
    sweep(store.raw, store.folder)
    if not force and (files := _all_present(store)):
        return FetchReport(store.root, dataset, files)
    if not (force or sources) and (lying_about := _leftovers(store)):
        chosen.insert(0, Leftovers(paths=tuple(lying_about)))
    if without_network:
        chosen = [source for source in chosen if not source.network]
    report, complete = _bring(store, chosen, clocks, progress, attempts, force=force)
    if not complete:
        raise failure(report, store, offline=without_network, force=force)
    return report


def prove(store: Store) -> None:
    """Prove plain files by what lies packed beside them, as torchvision leaves both; no network.

    Only for files that nothing but their carriers can prove. What cannot be proven stays as it is.
    """
    unproven = [file for file in store.dataset.files if not store.record.expected(file)]
    if any(stands(store.path(file)) == "file" for file in unproven):
        with contextlib.suppress(DataError):
            fetch(store.root, dataset=store.dataset.name, offline=True)


def choose_clocks(**options: float | None) -> Clocks:
    """Take each clock from the option of its name, else as `configuration` decides."""
    chosen = configuration.get_all(CLOCKS, options)
    for name in ("connect_timeout", "patience"):
        chosen[name] = min(chosen[name], chosen["timeout"])
    return Clocks(**chosen)


def _checked(clocks: Clocks) -> Clocks:
    """Return clocks that somebody has made, if each is a length of time."""
    for name in CLOCKS:
        if name != "min_rate":
            configuration.get(name, getattr(clocks, name))
    return clocks


def _all_present(store: Store) -> list[FetchedFile]:
    """Return what became of the files if all are there and right, else nothing."""
    files = []
    for file in store.dataset.files:
        status = store.status(file)
        if status.state != "verified":
            return []
        files.append(_present(store, status))
    return files


def _leftovers(store: Store) -> list[Path]:
    """Return the files in the data folders that may hold data under another name.

    A root may be anybody's folder: nothing hidden, and nothing larger than any archive of a data
    set here.
    """
    found: list[Path] = []
    with contextlib.suppress(OSError, ValueError):
        for folder in (store.raw, store.folder, store.root):
            if folder.is_dir():
                found += filter(partial(_worth_a_look, store), sorted(folder.iterdir()))
    return found


def _worth_a_look(store: Store, path: Path) -> bool:
    size = store.dataset.largest_archive
    return path.is_file() and path.name[0] != "." and path.stat().st_size <= size


def _bring(
    store: Store,
    sources: Sequence[Source],
    clocks: Clocks,
    progress: Progress,
    attempts: list[Attempt],
    *,
    force: bool,
) -> tuple[FetchReport, bool]:
    """Bring what is missing, one fetch into a folder at a time; say whether all is there now."""
    from mnist_tool.dataset.cache import cache_folder, waiting_lock  # seldom needed

    cache = cache_folder()
    present: dict[str, FetchedFile] = {}
    wanted = []
    made = make_folder(store.raw, OTHER_ROOT)
    with waiting_lock(cache, store.folder, progress, clocks.lock_wait):
        for file in store.dataset.files:
            status = store.status(file)  # another fetch may have brought it meanwhile
            if status.state == "verified" and not force:
                present[file.name] = _present(store, status)
                continue
            wanted.append(file)
            if status.state == "wrong":
                progress.note(f"{status.path} is to be replaced: {status.problem}")
        until = time.monotonic() + clocks.deadline
        state = Fetch(store, cache, wanted, clocks, progress, attempts, until)
        try:
            race(state, sources)
        finally:
            for folder in made:
                with contextlib.suppress(OSError):  # it is of use: something is in it
                    folder.rmdir()
    report = FetchReport(store.root, store.dataset.name, [], attempts)
    for file in store.dataset.files:
        told = FetchedFile(file.name, store.path(file), "missing")
        if file.name in state.origins:
            told = FetchedFile(file.name, told.path, "fetched", *astuple(state.origins[file.name]))
        report.files.append(present.get(file.name, told))
    return report, not state.wanted


def _present(store: Store, status: FileStatus) -> FetchedFile:
    """Return what became of a file that was there; where it came from is on record."""
    origin = store.record.origin(status.file)
    parts = astuple(origin) if origin else ()
    return FetchedFile(status.file.name, status.path, "present", *parts)


# ---- the race ---------------------------------------------------------------------------------


def race(state: Fetch, sources: Sequence[Source]) -> None:
    """Ask sources until nothing is wanted any more.

    All are asked once without waiting; a second one beside the first while that is silent.
    Those whose failure may pass (a reset, a truncated body, a busy server) are asked again
    after a pause that doubles, or as long as the server said.

    Parameters
    ----------
    state : Fetch
        What is wanted; collects the attempts.
    sources : sequence of Source
        In the order in which they are asked.

    Raises
    ------
    StorageError
        If the disk or the folder refuses; no other source could help.
    """
    # The network takes longer to load than a look at the disk.
    from mnist_tool.dataset.fetching.worker import Worker

    workers = list(map(partial(Worker, state), sources))
    try:
        while state.wanted and time.monotonic() < state.deadline:
            working, quiet, following = 0, True, None
            for worker in workers:
                if worker.error is not None:
                    return  # it is raised below
                if worker.working:
                    quiet = worker.watch() and quiet
                    working += 1
                elif worker.due < (following.due if following else state.deadline):
                    following = worker
            if not working and following is None:
                return
            now = time.monotonic()
            if following is not None and quiet and following.due <= now:
                # Where several are silent it is the network that is: each further one gets half
                # the time, and all together no more than twice the patience.
                following.start(state.clocks.patience / 2**working)
            elif working or following is None:
                state.news.wait(LOOK)
                state.news.clear()
            else:
                state.progress.note(f"asking again in {following.due - now:.1f} s")
                time.sleep(following.due - now)
    finally:
        _end(state, workers)


def _end(state: Fetch, workers: Sequence[Worker]) -> None:
    """Tell whoever is still at work that it is over, and note who was not asked."""
    state.ended = True
    until = time.monotonic() + LEAVE
    for worker in workers:
        if worker.at_the_disk.acquire(timeout=max(0.0, until - time.monotonic())):
            worker.at_the_disk.release()
        if worker.working:
            worker.give_up(state.reason())
        elif not worker.turns and state.wanted and state.reason().outcome == "deadline":
            late = Attempt(worker.source.name, worker.source.shown, "", outcome="not-tried")
            late.message, late.hint = "time ran out before it", REASONS["deadline"][1]
            state.attempts.append(late)
    for worker in workers:
        if worker.error is not None:
            raise worker.error
