"""Let one fetch at a time work on a folder, to save a second download; nothing depends on it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool import configuration
from mnist_tool.dataset.partials import cache_folder
from mnist_tool.progress import Progress

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["waiting_lock"]

# Before anybody is told that we wait.
QUIET_WAIT = 0.5


@contextlib.contextmanager
def waiting_lock(folder: Path, progress: Progress, wait: float) -> Iterator[None]:
    """Hold the lock of a data folder, or go on without it when waiting does not help.

    Every writer has its own temporary files and the hash decides, so two at once are only slower.
    The lock therefore lies in the user's cache folder, waits a bounded time, and is left out
    where locks do not work.

    Parameters
    ----------
    folder : Path
        The data folder.
    progress : Progress
        Told for whom we wait.
    wait : float
        Seconds to wait at most.
    """
    lock = _acquire(folder, progress, wait) if configuration.get("lock") else None
    try:
        yield
    finally:
        if lock is not None:
            _put_away(lock)


def _acquire(folder: Path, progress: Progress, wait: float) -> BaseFileLock | None:
    import filelock

    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    base = cache_folder() / "locks" / name
    holder = base.with_suffix(".holder")
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(base.with_suffix(".lock"))
        try:
            lock.acquire(timeout=QUIET_WAIT)
        except filelock.Timeout:
            progress.note(f"waiting for another fetch into {folder} ({_who(holder)})")
            lock.acquire(timeout=wait)
        holder.write_text(f"process {os.getpid()} on {platform.node()}", "utf-8")
    except filelock.Timeout:
        progress.note("it takes long; fetching beside it")
        return None
    except (OSError, NotImplementedError):
        return None
    return lock


def _put_away(lock: BaseFileLock) -> None:
    """Leave no file behind; removed while it is held, the lock of a waiting fetch stays whole."""
    path = Path(lock.lock_file)
    for done_with in (path.with_suffix(".holder"), path):
        with contextlib.suppress(OSError):  # Windows keeps an open file
            done_with.unlink()
    lock.release()


def _who(holder: Path) -> str:
    try:
        return holder.read_text("utf-8")
    except OSError:
        return "unknown"
