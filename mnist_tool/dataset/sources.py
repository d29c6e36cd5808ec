"""Fetch a data set: decide which sources, walk over them, and report what each one did."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

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
from mnist_tool.dataset.download import Clocks
from mnist_tool.dataset.errand import Attempt, Errand
from mnist_tool.dataset.lock import waiting_lock
from mnist_tool.dataset.registry import Dataset, Source, get_dataset
from mnist_tool.dataset.store import FileStatus, Store
from mnist_tool.dataset.walk import walk
from mnist_tool.errors import FetchError, OfflineError, SettingError
from mnist_tool.files import sweep
from mnist_tool.progress import Progress, Silent

__all__ = [
    "FetchReport",
    "FetchedFile",
    "carrier_for",
    "fetch",
    "manual_recipe",
    "portal_suspected",
]


@dataclass(frozen=True)
class FetchedFile:
    """What became of one file.

    Parameters
    ----------
    name : str
        Its name under ``raw/``.
    path : Path
        Where it stands.
    state : {'present', 'fetched', 'missing'}
        It was there and is right; it was brought; or no source had it.
    source, location : str
        Where it came from, also when that was an earlier time; empty if unknown.
    """

    name: str
    path: Path
    state: Literal["present", "fetched", "missing"]
    source: str = ""
    location: str = ""


@dataclass
class FetchReport:
    """What a fetch did.

    Parameters
    ----------
    root : Path
        The root that now holds the data set.
    dataset : str
        Its name.
    files : list of FetchedFile
        One per file of the data set.
    attempts : list of Attempt
        Every try at every source, in the order in which they ended.
    """

    root: Path
    dataset: str
    files: list[FetchedFile] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """Names of the files that nobody brought."""
        return [file.name for file in self.files if file.state == "missing"]


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
    carriers = _plan(store.dataset, sources, mirror)
    clocks = clocks or Clocks.from_settings(timeout)
    progress = progress or Silent()
    if not force and (report := _all_present(store)):
        return report
    store.prepare()
    with waiting_lock(store.folder, progress), _tidy(store):
        present = [] if force else [s for s in store.statuses() if s.state == "verified"]
        wanted = [f for f in store.dataset.files if f not in [status.file for status in present]]
        errand = Errand(store, wanted, clocks, progress)
        if not force:
            carriers = [Leftovers([store.raw, store.folder, store.root]), *carriers]
        walk([c for c in carriers if not (without_network and c.network)], errand)
    report = _report(store, errand, present)
    if report.missing:
        raise _failure(report, store, offline=without_network)
    return report


@contextlib.contextmanager
def _tidy(store: Store) -> Iterator[None]:
    """Leave no empty folders of ours behind when nothing came of it."""
    try:
        yield
    finally:
        sweep(store.raw)
        for folder in (store.raw, store.folder, store.root):
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
    source, location = (origin.source, origin.location) if origin else ("", "")
    return FetchedFile(status.file.name, status.path, "present", source, location)


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
                FetchedFile(file.name, store.path(file), "fetched", origin.source, origin.location)
            )
    return report


# ---- which sources ---------------------------------------------------------------------------


def _plan(
    dataset: Dataset, sources: Sequence[str | os.PathLike[str] | BinaryIO] | None, mirror: bool
) -> list[Carrier]:
    if sources:
        return [carrier_for(given, dataset) for given in sources]
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
    scheme = urlsplit(text).scheme.lower()
    if scheme in {"http", "https"}:
        return _address(text)
    path = Path(urlsplit(text).path if scheme == "file" else text).expanduser()
    if path.exists():
        return LocalPath("local", path)
    raise _unknown_source(text, dataset)


def _address(url: str) -> Carrier:
    """A URL that ends like a folder is a mirror's base, any other one file to look into."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise SettingError(f"{url} names no host.", hint="Give a full address: https://HOST/PATH/")
    last = parts.path.rpartition("/")[2]
    if "." in last or last.endswith("ubyte") or parts.query:
        return Archive(parts.hostname, url)
    return Mirror(parts.hostname, url if url.endswith("/") else url + "/")


def _unknown_source(text: str, dataset: Dataset) -> SettingError:
    names = [source.name for source in dataset.sources]
    near = difflib.get_close_matches(text, names, n=1)
    known = f"Did you mean --from {near[0]}?" if near else f"Known names: {', '.join(names)}."
    return SettingError(
        f"--from {text}: there is no file or folder of that name, and no source.",
        hint=f"{known} Or give a URL or an existing path.",
    )


# ---- when nothing works ----------------------------------------------------------------------


def _failure(report: FetchReport, store: Store, *, offline: bool) -> FetchError:
    total = len(store.dataset.files)
    lacking = ", ".join(report.missing)
    there = total - len(report.missing)
    what = f"{there} of {total} files of {store.dataset.title} are in {store.raw}"
    if offline:
        error: FetchError = OfflineError(
            f"{what}; missing: {lacking}. --offline or MNIST_TOOL_OFFLINE forbids the network.",
            hint="Allow the network, or import the files: mnist-tool fetch --from PATH",
        )
    else:
        portal = (
            " It looks like a login portal answers for every host."
            if portal_suspected(report.attempts)
            else ""
        )
        error = FetchError(
            f"No source brought everything: {what}; missing: {lacking}.{portal}",
            hint="Open a web page and sign in first." if portal
            else "Download the files elsewhere and import them: mnist-tool fetch --from PATH",
        )  # fmt: skip
    error.attempts = report.attempts
    error.missing = report.missing
    error.recipe = manual_recipe(store, report.missing)
    return error


def portal_suspected(attempts: Sequence[Attempt]) -> bool:
    """Return whether several hosts sent the very same web page, as a login portal does."""
    hosts: Counter[str] = Counter()
    for page, _ in {(a.page, urlsplit(a.location).netloc) for a in attempts if a.page}:
        hosts[str(page)] += 1
    return any(count > 1 for count in hosts.values())


def manual_recipe(store: Store, missing: Sequence[str]) -> list[str]:
    """Say how to bring the files by hand: what to download, where to put it, how to import it.

    Parameters
    ----------
    store : Store
        Where the files belong.
    missing : sequence of str
        Names of the files that are needed.

    Returns
    -------
    list of str
        Lines for people.
    """
    root = "" if store.root == settings.get("root") else f" --root {store.root}"
    mirrors = [s for s in store.dataset.sources if s.kind == "files" and s.name != "lecun"]
    archives = [s.location for s in store.dataset.sources if s.kind == "archive"]
    lines = ["On a machine with a network, download:"]
    lines += [f"  {mirrors[0].location}{name}.gz" for name in missing] if mirrors else []
    lines += [f"  or everything at once: {url}" for url in archives]
    lines += [
        "Bring them here on any medium, under any name, packed or not, and import them:",
        f"  mnist-tool fetch --from PATH{root}",
        f"(or put them into {store.raw} and run: mnist-tool fetch --offline{root})",
    ]
    return lines
