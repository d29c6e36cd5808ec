"""Fetch a data set: check what was asked for, then the disk, and bring what is not there."""

from __future__ import annotations

import contextlib
import io
import os
import re
import time
from collections.abc import Sequence
from dataclasses import astuple, fields
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mnist_tool import configuration
from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.attempt import Attempt, redact
from mnist_tool.dataset.fetching.report import FetchedFile, FetchReport, failure
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.dataset.sources.base import Source
from mnist_tool.dataset.sources.local import Leftovers, LocalPath, OpenStream
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.dataset.store import FileStatus, Store, open_store
from mnist_tool.errors import DataError, SettingError
from mnist_tool.files import make_folder, stands, sweep
from mnist_tool.progress import Progress, listening

__all__ = ["choose_clocks", "fetch", "prove"]

Place = str | os.PathLike[str] | BinaryIO
# Those that users can set.
CLOCKS = [clock.name for clock in fields(Clocks) if clock.name in configuration.SETTINGS]


def fetch(
    root: str | os.PathLike[str] | None = None,
    *,
    dataset: str = "mnist",
    sources: Sequence[Place] | Place | None = None,
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
    chosen = _choose(store.dataset, sources, mirror=mirror)
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
    chosen = {}
    for name in CLOCKS:
        chosen[name] = configuration.get(name, options.get(name))
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


# ---- where to look ---------------------------------------------------------------------------


def _choose(
    dataset: Dataset, given: Sequence[Place] | Place | None, *, mirror: bool
) -> list[Source]:
    """Return the sources meant, in the order in which they are to be asked."""
    if given:
        if isinstance(given, str) or not isinstance(given, Sequence):
            given = (given,)
        return list(map(partial(_meant, dataset), given))
    return list(dataset.fallbacks if mirror else dataset.sources)


def _meant(dataset: Dataset, given: Place) -> Source:
    """Return the source that a name, an address, a path or a stream means."""
    if not isinstance(given, str | os.PathLike):
        if isinstance(given, io.TextIOBase) or not hasattr(given, "read"):
            raise SettingError(
                f"{type(given).__name__} is no name, address, path or stream of bytes.",
                hint="Open files with mode 'rb', or give their path as text.",
            )
        return OpenStream(stream=given)
    text = os.fspath(given)
    for source in dataset.sources:
        if text == source.name:
            return source
    scheme = text.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        return _addressed(text)
    if "://" in text and scheme != "file":
        raise SettingError(
            f"--from {redact(text)}: sources speak http or https, not {scheme}.",
            hint="Download it with another program and give its path.",
        )
    with contextlib.suppress(OSError, ValueError):  # a name that no file system takes
        named = unquote(urlsplit(text).path) if scheme == "file" else text
        path = configuration.user_path(named)
        if path.exists():
            return LocalPath("local", str(path))
    shown = redact(text) if re.search(":.*@", text) else text  # an address without its scheme
    raise SettingError(
        f"--from {shown}: there is no file or folder of that name, and no source.",
        hint=_known_sources(dataset, text),
    )


def _known_sources(dataset: Dataset, text: str) -> str:
    """Say what else could be named."""
    names = [source.name for source in dataset.sources]
    if not names:
        return "Give a URL or an existing path."
    known = did_you_mean(text, names, "--from {}", f"Known names: {', '.join(names)}.")
    return f"{known} Or give a URL or an existing path."


def _addressed(url: str) -> Source:
    """Take a URL that ends like a folder for a mirror's base, any other for one file."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if host is None:
        raise SettingError(
            f"{redact(url)} is no address.", hint="Give a full one: https://HOST/PATH/"
        )
    last = parts.path.rpartition("/")[2]
    if "." in last or last.endswith("ubyte") or parts.query:
        return Archive(host, url)
    return Mirror(host, url if url.endswith("/") else url + "/", plain=True)


# ---- bringing it -----------------------------------------------------------------------------


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
    # The network takes longer to load than a look at the disk.
    from mnist_tool.dataset.cache import waiting_lock
    from mnist_tool.dataset.fetching.race import race
    from mnist_tool.dataset.fetching.state import Fetch

    present: dict[str, FetchedFile] = {}
    wanted = []
    made = make_folder(store.raw)
    with waiting_lock(store.folder, progress, clocks.lock_wait):
        for file in store.dataset.files:
            status = store.status(file)  # another fetch may have brought it meanwhile
            if status.state == "verified" and not force:
                present[file.name] = _present(store, status)
                continue
            wanted.append(file)
            if status.state == "wrong":
                progress.note(f"{status.path} is to be replaced: {status.problem}")
        until = time.monotonic() + clocks.deadline
        state = Fetch(store, wanted, clocks, progress, attempts, until)
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
