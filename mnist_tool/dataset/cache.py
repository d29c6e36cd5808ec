"""The user's cache folder: broken-off downloads to go on with, and a lock for each data folder.

Nothing in it is needed: what is lost, or cannot be written, is only done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mnist_tool import configuration
from mnist_tool.errors import SourceError, StorageError
from mnist_tool.files import gone, owner, replacing, sweep
from mnist_tool.folders import scratch
from mnist_tool.progress import Progress

__all__ = ["KEEP_SECONDS", "OTHER_CACHE", "Partial", "cache_folder", "claim", "waiting_lock"]

OTHER_CACHE = "Or name a folder for broken-off downloads with MNIST_TOOL_CACHE=FOLDER"
KEEP_SECONDS = 7 * 24 * 3600
_OWNED = re.compile(r"(?P<key>.+)\.(?P<owner>[0-9a-f]{8}\.\d+)-[0-9a-f]{8}\.part")
# Before anybody is told that we wait for another process.
QUIET_WAIT = 0.5


def cache_folder() -> Path | None:
    """Return the folder for what may be lost at any time; it need not exist.

    There is none where the user has no home, and so no folder that is theirs alone.
    """
    chosen: Path | None = configuration.get("cache")
    if chosen is not None:
        return chosen
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    place = configuration.user_path(base)
    return None if place.parts[:1] == ("~",) else place / "mnist-tool"


# ---- broken-off downloads --------------------------------------------------------------------


@dataclass
class Partial:
    """The beginning of one download.

    Parameters
    ----------
    path : Path
        Where the bytes are; the file may not exist yet.
    note : Path
        Beside it: with which address and validator the bytes came.
    address : str
        A hash of the URL: that may hold a password, which must not lie in a cache.
    """

    path: Path
    note: Path
    address: str

    def size(self) -> int:
        """Return how many bytes are there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def validator(self) -> str | None:
        """Return the ETag or date with which these bytes came from this very address."""
        try:
            noted = json.loads(self.note.read_text("utf-8"))
            same = noted["url"] == self.address and noted["validator"]
            return str(noted["validator"]) if same else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def remember(self, validator: str | None) -> None:
        """Note where the bytes come from; without the note they only cannot be continued."""
        noted = {"url": self.address, "validator": validator}
        with contextlib.suppress(StorageError), replacing(self.note, durable=False) as file:
            file.write(json.dumps(noted).encode())

    @contextmanager
    def used_up(self) -> Iterator[None]:
        """Forget the bytes after the block, in which what is in them is put away.

        Unless the disk refuses that: then they need not come again once it no longer does.
        """
        refused = False
        try:
            yield
        except StorageError:
            refused = True
            raise
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(
                f"what came cannot be read back: {getattr(error, 'strerror', None) or error}",
                outcome="unexpected",
                hint="Choose another folder for it with MNIST_TOOL_CACHE=FOLDER.",
            ) from error
        finally:
            if not refused:
                self.discard()

    def discard(self) -> None:
        """Forget the bytes."""
        for path in (self.path, self.note):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


@contextmanager
def claim(cache: Path | None, url: str, name: str | None = None) -> Iterator[Partial]:
    """Take the beginning of a download for this process alone, and give it back afterwards.

    A download in progress belongs to one process by its name; taking one over is a rename, which
    only one process can win.

    Parameters
    ----------
    cache : Path or None
        From `cache_folder`.
    url : str
        Where the bytes come from.
    name : str, optional
        For the bytes themselves, fit for a file, where they are the same from every host;
        by default they are the URL's own.

    Yields
    ------
    Partial
        With the bytes of an earlier try, where there are any.
    """
    address = hashlib.sha256(url.encode(errors="replace")).hexdigest()
    key = name or f"url-{address[:16]}"
    with _partial_folder(cache) as folder:
        sweep(folder)
        own = folder / f"{key}.{owner()}-{os.urandom(4).hex()}.part"
        _take_over(folder, key, own)
        try:
            yield Partial(own, folder / f"{key}.json", address)
        finally:
            with contextlib.suppress(OSError):
                if own.exists():
                    own.replace(folder / f"{key}.part")


@contextmanager
def _partial_folder(cache: Path | None) -> Iterator[Path]:
    """Give the one in the cache folder, or a throw-away one where that cannot be written."""
    try:
        if cache is None:
            raise FileNotFoundError
        folder = cache / "partial"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        with scratch(OTHER_CACHE) as folder:
            yield folder
        return
    yield folder


def _take_over(folder: Path, key: str, own: Path) -> None:
    """Rename the longest free beginning to our name; whoever loses a race starts from nothing.

    What nobody has gone on with for a week is forgotten.
    """
    free: list[tuple[int, Path]] = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            match = _OWNED.fullmatch(path.name)
            with contextlib.suppress(OSError):
                found = path.stat()
                if time.time() - found.st_mtime > KEEP_SECONDS:
                    path.unlink()
                elif path.name == f"{key}.part" or (
                    match and match["key"] == key and gone(match["owner"])
                ):
                    free.append((found.st_size, path))
    for _, path in sorted(free, reverse=True):
        with contextlib.suppress(OSError):
            path.rename(own)
            return


# ---- one fetch at a time ---------------------------------------------------------------------


@contextmanager
def waiting_lock(
    cache: Path | None, folder: Path, progress: Progress, wait: float
) -> Iterator[None]:
    """Hold the lock of a data folder, or go on without it when waiting does not help.

    Every writer has its own temporary files and the hash decides, so two at once are only slower:
    the lock saves a second download, and nothing depends on it. It therefore waits a bounded time,
    and is left out where locks do not work.

    Parameters
    ----------
    cache : Path or None
        From `cache_folder`; without one nobody waits.
    folder : Path
        The data folder.
    progress : Progress
        Told for whom we wait.
    wait : float
        Seconds to wait at most.
    """
    if cache is None or not configuration.get("lock"):
        yield
        return
    import filelock

    name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]
    lock = None
    try:
        base = cache / "locks" / name
        base.parent.mkdir(parents=True, exist_ok=True)
        holder, locked = base.with_suffix(".holder"), base.with_suffix(".lock")
        lock = filelock.FileLock(locked)
        try:
            lock.acquire(timeout=QUIET_WAIT)
        except filelock.Timeout:
            progress.note(f"waiting for another fetch into {folder} ({_told(holder)})")
            lock.acquire(timeout=wait)
        sweep(base.parent)
        with replacing(holder, durable=False) as file:
            file.write(f"process {os.getpid()} on {platform.node()}".encode())
    except filelock.Timeout:
        progress.note("it takes long; fetching beside it")
    except (OSError, StorageError, NotImplementedError):
        pass
    try:
        yield
    finally:
        if lock is not None and lock.is_locked:
            # Removed while it is held, the lock of a waiting fetch stays whole.
            for done_with in (holder, locked):
                with contextlib.suppress(OSError):  # Windows keeps an open file
                    done_with.unlink()
            lock.release()


def _told(holder: Path) -> str:
    try:
        return holder.read_text("utf-8")
    except OSError:
        return "unknown"
