"""Keep broken-off downloads, so that the next try goes on where they stopped.

They lie in the user's cache folder, never beside the data. A download in progress belongs to one
process by its name; taking one over is a rename, which only one process can win.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mnist_tool import configuration
from mnist_tool.files import gone, owner, scratch_folder, storing

__all__ = ["OTHER_CACHE", "Partial", "cache_folder", "claim"]

OTHER_CACHE = "Or name a folder for broken-off downloads with MNIST_TOOL_CACHE=FOLDER"
KEEP_SECONDS = 7 * 24 * 3600
_OWNED = re.compile(r"(?P<key>.+)\.(?P<owner>[0-9a-f]{8}\.\d+)-[0-9a-f]{8}\.part")


def cache_folder() -> Path:
    """Return the folder for what may be lost at any time; it need not exist."""
    chosen: Path | None = configuration.get("cache")
    if chosen is not None:
        return chosen
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mnist-tool"


@dataclass
class Partial:
    """The beginning of one download.

    Parameters
    ----------
    path : Path
        Where the bytes are; the file may not exist yet.
    note : Path
        Beside it: which URL and validator the bytes came with.
    """

    path: Path
    note: Path

    def validator(self, url: str) -> str | None:
        """Return the ETag or date with which these bytes came from this very URL."""
        try:
            noted = json.loads(self.note.read_text("utf-8"))
            same = noted["url"] == _hashed(url) and noted["validator"]
            return str(noted["validator"]) if same else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, url: str, validator: str | None) -> None:
        """Note where the bytes come from; without the note they only cannot be continued."""
        with contextlib.suppress(OSError):
            noted = {"url": _hashed(url), "validator": validator}
            self.note.write_text(json.dumps(noted), "utf-8")

    def discard(self) -> None:
        """Forget the bytes: they are used up, or no good."""
        for path in (self.path, self.note):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _hashed(url: str) -> str:
    """An address may hold a password, which must not lie in a cache."""
    return hashlib.sha256(url.encode()).hexdigest()


@contextmanager
def claim(key: str) -> Iterator[Partial]:
    """Take the beginning of a download for this process alone, and give it back afterwards.

    Parameters
    ----------
    key : str
        Names the content, such as a file name and part of its hash; a safe file name.

    Yields
    ------
    Partial
        With the bytes of an earlier try, where there are any.
    """
    with _folder() as folder:
        _forget_old(folder)
        own = folder / f"{key}.{owner()}-{os.urandom(4).hex()}.part"
        _take_over(folder, key, own)
        try:
            yield Partial(own, folder / f"{key}.json")
        finally:
            with contextlib.suppress(OSError):
                if own.exists():
                    own.replace(folder / f"{key}.part")


@contextmanager
def _folder() -> Iterator[Path]:
    """Give the cache folder, or a throw-away one where that cannot be written."""
    folder = cache_folder() / "partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        with contextlib.ExitStack() as stack:
            with storing(scratch_folder(), OTHER_CACHE):
                name = stack.enter_context(tempfile.TemporaryDirectory(prefix="mnist-tool-"))
            yield Path(name)
        return
    yield folder


def _take_over(folder: Path, key: str, own: Path) -> None:
    """Rename the longest free beginning to our name; whoever loses a race starts from nothing."""
    free = [folder / f"{key}.part"]
    for path in folder.glob(f"{key}.*.part"):
        match = _OWNED.fullmatch(path.name)
        if match and match["key"] == key and gone(match["owner"]):
            free.append(path)
    for path in sorted(free, key=_size, reverse=True):
        with contextlib.suppress(OSError):
            path.rename(own)
            return


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _forget_old(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > KEEP_SECONDS:
                    path.unlink()
