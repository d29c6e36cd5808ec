"""Collect what is missing: one fetch at a time, from one source after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import BinaryIO

from mnist_tool.dataset.carriers import (
    Archive,
    Carrier,
    Drawn,
    Index,
    Leftovers,
    LocalPath,
    Mirror,
    Stream,
)
from mnist_tool.dataset.clocks import Clocks
from mnist_tool.dataset.errand import Errand
from mnist_tool.dataset.lock import waiting_lock
from mnist_tool.dataset.registry import Source
from mnist_tool.dataset.report import FetchedFile, FetchReport, failure, present
from mnist_tool.dataset.store import FileStatus, Store
from mnist_tool.dataset.walk import walk
from mnist_tool.progress import Progress

__all__ = ["collect"]


def collect(
    store: Store,
    sources: Sequence[Source | BinaryIO],
    clocks: Clocks,
    progress: Progress,
    *,
    leftovers: bool,
    force: bool,
    offline: bool,
) -> FetchReport:
    """Bring what is missing to the disk.

    Parameters
    ----------
    store : Store
        Where the files go.
    sources : sequence of Source or binary stream
        Where to look, in order.
    clocks : Clocks
        The limits of patience.
    progress : Progress
        Told of bars and news.
    leftovers : bool
        Look first at what else lies in the data folders.
    force : bool
        Bring every file again.
    offline : bool
        Ask no source that needs the network.

    Returns
    -------
    FetchReport
        Per file where it came from, and every attempt.

    Raises
    ------
    FetchError, StorageError
        As `sources.fetch` does.
    """
    carriers = [_carrier(source) for source in sources]
    if leftovers:
        carriers = [Leftovers([store.raw, store.folder, store.root]), *carriers]
    made = store.prepare()
    with waiting_lock(store.folder, progress, clocks.lock_wait), _tidy(store, made):
        statuses = store.statuses()
        right = [] if force else [s for s in statuses if s.state == "verified"]
        wanted = [f for f in store.dataset.files if f not in [status.file for status in right]]
        for status in statuses:
            if status.state == "wrong":
                progress.note(f"{status.path} is to be replaced: {status.problem}")
        errand = Errand(store, wanted, clocks, progress)
        try:
            walk([c for c in carriers if not (offline and c.network)], errand)
        except BaseException as error:  # Ctrl-C too: whoever tells of it can tell what was tried
            error.attempts = errand.attempts  # type: ignore[attr-defined]
            raise
    report = _report(store, errand, right)
    if report.missing:
        raise failure(report, store, offline=offline, force=force)
    return report


def _carrier(source: Source | BinaryIO) -> Carrier:
    """Return who brings files from a source."""
    if not isinstance(source, Source):
        return Stream("stdin", source)
    if source.kind == "files":
        return Mirror(source.name, source.location)
    if source.kind == "archive":
        return Archive(source.name, source.location)
    if source.kind == "drawn":
        return Drawn(source.name)
    if source.kind == "local":
        return LocalPath(source.name, Path(source.location))
    project, filename = source.location.split()
    return Index(source.name, project, filename)


@contextlib.contextmanager
def _tidy(store: Store, made: Sequence[Path]) -> Iterator[None]:
    """Leave none of the folders behind that were made when nothing came of it."""
    try:
        yield
    finally:
        store.sweep()
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _report(store: Store, errand: Errand, right: Sequence[FileStatus]) -> FetchReport:
    report = FetchReport(store.root, store.dataset.name, attempts=errand.attempts)
    by_name = {status.file.name: present(store, status) for status in right}
    for file in store.dataset.files:
        origin = errand.origins.get(file.name)
        if file.name in by_name:
            report.files.append(by_name[file.name])
        elif origin is None:
            report.files.append(FetchedFile(file.name, store.path(file), "missing"))
        else:
            report.files.append(
                FetchedFile(file.name, store.path(file), "fetched", *astuple(origin))
            )
    return report
