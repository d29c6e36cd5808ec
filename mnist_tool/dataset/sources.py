"""Fetch a data set: decide which sources, walk over them, and report what each one did."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mnist_tool import settings
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
from mnist_tool.dataset.outcomes import redact
from mnist_tool.dataset.registry import Dataset, Source, get_dataset
from mnist_tool.dataset.report import (
    FetchedFile,
    FetchReport,
    failure,
    manual_recipe,
    portal_suspected,
)
from mnist_tool.dataset.store import FileStatus, Store
from mnist_tool.dataset.walk import walk
from mnist_tool.errors import SettingError, StorageError
from mnist_tool.progress import Progress, Silent

__all__ = [
    "FetchReport",
    "FetchedFile",
    "carrier_for",
    "fetch",
    "manual_recipe",
    "portal_suspected",
]


def fetch(
    root: str | os.PathLike[str] | None = None,
    *,
    dataset: str = "mnist",
    sources: Sequence[str | os.PathLike[str] | BinaryIO] | None = None,
    mirror: bool = False,
    force: bool = False,
    offline: bool | None = None,
    timeout: float | None = None,
    clocks: Clocks | None = None,
    progress: Progress | None = None,
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
        Leave the primary site out and begin with the archive mirrors.
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
        Told of bars and news; silent by default.

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
    where = Path(settings.get("root", None if root is None else Path(root)))
    store = Store(where, get_dataset(dataset))
    without_network = bool(settings.get("offline", offline))
    if mirror and sources:
        raise SettingError("Either --mirror or --from says where to look, not both.",
                           hint="Leave one of them out.")  # fmt: skip
    carriers = _plan(store.dataset, sources, mirror)
    clocks = clocks or Clocks.from_settings(timeout=timeout)
    progress = progress or Silent()
    store.sweep()
    if not force and (report := _all_present(store)):
        return report
    made = store.prepare()
    with waiting_lock(store.folder, progress, clocks.lock_wait), _tidy(store, made):
        statuses = store.statuses()
        present = [] if force else [s for s in statuses if s.state == "verified"]
        wanted = [f for f in store.dataset.files if f not in [status.file for status in present]]
        for status in statuses:
            if status.state == "wrong":
                progress.note(f"{status.path} is to be replaced: {status.problem}")
        errand = Errand(store, wanted, clocks, progress)
        if not force and not sources:
            carriers = [Leftovers([store.raw, store.folder, store.root]), *carriers]
        try:
            walk([c for c in carriers if not (without_network and c.network)], errand)
        except StorageError as error:
            error.attempts = errand.attempts
            raise
    report = _report(store, errand, present)
    if report.missing:
        raise failure(report, store, offline=without_network, force=force)
    return report


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


def _all_present(store: Store) -> FetchReport | None:
    statuses = store.statuses()
    if any(status.state != "verified" for status in statuses):
        return None
    files = [_present(store, status) for status in statuses]
    return FetchReport(store.root, store.dataset.name, files)


def _present(store: Store, status: FileStatus) -> FetchedFile:
    origin = store.provenance.origin(status.file.name)
    return FetchedFile(
        status.file.name, status.path, "present", *(astuple(origin) if origin else ())
    )


def _report(store: Store, errand: Errand, present: list[FileStatus]) -> FetchReport:
    report = FetchReport(store.root, store.dataset.name, attempts=errand.attempts)
    by_name = {status.file.name: _present(store, status) for status in present}
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


# ---- which sources ---------------------------------------------------------------------------


def _plan(
    dataset: Dataset, sources: Sequence[str | os.PathLike[str] | BinaryIO] | None, mirror: bool
) -> list[Carrier]:
    if sources:
        return [carrier_for(given, dataset) for given in sources]
    if not dataset.sources:
        raise SettingError(
            f"{dataset.title} is registered only so that its files are called by their name.",
            hint="Fetch mnist or synthetic, or name a source with --from.",
        )
    return [_registered(source) for source in (dataset.fallbacks if mirror else dataset.sources)]


def _registered(source: Source) -> Carrier:
    if source.kind == "files":
        return Mirror(source.name, source.location)
    if source.kind == "archive":
        return Archive(source.name, source.location)
    if source.kind == "drawn":
        return Drawn(source.name)
    project, filename = source.location.split()
    return Index(source.name, project, filename)


def carrier_for(given: str | os.PathLike[str] | BinaryIO, dataset: Dataset) -> Carrier:
    """Find out what a user means by a source.

    Parameters
    ----------
    given : str, path or binary stream
        A registered name, an address, a path, or an open stream.
    dataset : Dataset
        Whose registered names count.

    Returns
    -------
    Carrier
        Ready to be walked to.

    Raises
    ------
    SettingError
        If it is none of these.
    """
    if not isinstance(given, str | os.PathLike):
        return Stream("stdin", given)
    text = os.fspath(given)
    for source in dataset.sources:
        if text == source.name:
            return _registered(source)
    scheme = text.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        return _address(text)
    if "://" in text and scheme != "file":
        raise SettingError(f"--from {redact(text)}: sources speak http or https, not {scheme}.",
                           hint="Download it with another program and give its path.")  # fmt: skip
    path = Path(unquote(urlsplit(text).path) if scheme == "file" else text).expanduser()
    if path.exists():
        return LocalPath("local", path)
    raise _unknown_source(text, dataset)


def _address(url: str) -> Carrier:
    """A URL that ends like a folder is a mirror's base, any other one file to look into."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if host is None:
        raise SettingError(f"{redact(url)} is no address.",
                           hint="Give a full one: https://HOST/PATH/")  # fmt: skip
    last = parts.path.rpartition("/")[2]
    if "." in last or last.endswith("ubyte") or parts.query:
        return Archive(host, url)
    return Mirror(host, url if url.endswith("/") else url + "/")


def _unknown_source(text: str, dataset: Dataset) -> SettingError:
    names = [source.name for source in dataset.sources]
    near = difflib.get_close_matches(text, names, n=1)
    known = f"Did you mean --from {near[0]}?" if near else f"Known names: {', '.join(names)}."
    shown = redact(text) if re.search(":.*@", text) else text  # an address without its scheme
    return SettingError(
        f"--from {shown}: there is no file or folder of that name, and no source.",
        hint=f"{known} Or give a URL or an existing path.",
    )
