"""Fetch a data set: check what was asked for, then the disk, and bring what is not there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from mnist_tool import configuration
from mnist_tool.dataset.addresses import plan
from mnist_tool.dataset.clocks import Clocks
from mnist_tool.dataset.registry import get_dataset
from mnist_tool.dataset.report import FetchReport, present
from mnist_tool.dataset.store import Store
from mnist_tool.errors import SettingError
from mnist_tool.progress import Progress, Silent

__all__ = ["fetch"]


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
    KeyboardInterrupt
        Whatever else ends a fetch that has begun has its ``attempts`` too, Ctrl-C for example.
    """
    where = Path(configuration.get("root", None if root is None else Path(root)))
    store = Store(where, get_dataset(dataset))
    without_network = bool(configuration.get("offline", offline))
    if mirror and sources:
        raise SettingError("Either --mirror or --from says where to look, not both.",
                           hint="Leave one of them out.")  # fmt: skip
    planned = plan(store.dataset, sources, mirror=mirror)
    clocks = clocks or Clocks.from_settings(timeout=timeout)
    progress = progress or Silent()
    store.sweep()
    if not force and (report := _all_present(store)):
        return report
    from mnist_tool.dataset.collect import collect  # loads the network, slower than a look at disk

    return collect(
        store, planned, clocks, progress,
        leftovers=not (force or sources), force=force, offline=without_network,
    )  # fmt: skip


def _all_present(store: Store) -> FetchReport | None:
    statuses = store.statuses()
    if any(status.state != "verified" for status in statuses):
        return None
    files = [present(store, status) for status in statuses]
    return FetchReport(store.root, store.dataset.name, files)
