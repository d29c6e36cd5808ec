"""Remember where each file came from, and the stamp that lets the next check be quick."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mnist_tool.errors import StorageError
from mnist_tool.files import replacing

__all__ = ["Origin", "Provenance", "Stamp"]

SCHEMA = 1
# A file changed again within one tick of its file system's clock keeps its time. The coarsest
# common clock (FAT) ticks every two seconds; a stamp taken sooner after a change proves nothing.
COARSEST_TICK_NS = 2_000_000_000


@dataclass(frozen=True)
class Origin:
    """Where a file came from.

    Parameters
    ----------
    source : str
        Name of the source, as in ``mnist-tool sources``, or ``"local"``.
    location : str
        Address or path, without credentials.
    member : str
        The file or the member of an archive that it was; names of containers stand before it.
    """

    source: str
    location: str
    member: str = ""


@dataclass(frozen=True)
class Stamp:
    """What a file looked like from outside when its content was hashed."""

    size: int
    mtime_ns: int
    inode: int
    checked_ns: int

    @classmethod
    def of(cls, status: os.stat_result, checked_ns: int) -> Stamp:
        """Take the stamp of a file whose hashing began at `checked_ns`, in ns since the epoch."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino, checked_ns)

    def proves(self, status: os.stat_result) -> bool:
        """Return whether a file that now looks like `status` must have the content hashed then."""
        same = Stamp.of(status, self.checked_ns) == self
        return same and self.mtime_ns + COARSEST_TICK_NS < self.checked_ns

    def says_as_much_as(self, newer: Stamp) -> bool:
        """Return whether this stamp of the same file spares as much work as a newer one."""
        same = (self.size, self.mtime_ns, self.inode) == (newer.size, newer.mtime_ns, newer.inode)
        return same and self.mtime_ns + COARSEST_TICK_NS < self.checked_ns


class Provenance:
    """The record beside the files, ``MNIST/.mnist-tool.json``.

    A missing, unreadable or strange record only means that files are hashed again.

    Parameters
    ----------
    path : Path
        Where the record stands.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def read(self) -> dict[str, dict[str, Any]]:
        """Return what is known, by file name."""
        try:
            files = json.loads(self.path.read_text("utf-8"))["files"]
            return {name: dict(entry) for name, entry in files.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def stamp(self, name: str, sha256: str) -> Stamp | None:
        """Return the stamp of a file, if it was taken when the content had this SHA-256."""
        entry = self.read().get(name, {})
        try:
            return Stamp(**entry["stamp"]) if entry["sha256"] == sha256 else None
        except (KeyError, TypeError):
            return None

    def origin(self, name: str) -> Origin | None:
        """Return where a file came from, if that was recorded."""
        entry = self.read().get(name, {})
        try:
            return Origin(*(str(entry[key]) for key in ("source", "location", "member")))
        except KeyError:
            return None

    def record(self, name: str, sha256: str, stamp: Stamp, origin: Origin | None = None) -> None:
        """Note a file that was just verified; without `origin`, keep the one known before.

        A record that cannot be written is left out: it saves time, and nothing depends on it.
        """
        with self._lock:
            files = self.read()
            entry = files.get(name, {})
            if origin is not None:
                now = datetime.fromtimestamp(time.time(), timezone.utc).isoformat(
                    timespec="seconds"
                )
                entry = {**asdict(origin), "time": now}
            files[name] = {**entry, "sha256": sha256, "stamp": asdict(stamp)}
            text = json.dumps({"schema": SCHEMA, "files": files}, indent=2) + "\n"
            try:
                with replacing(self.path) as file:
                    file.write(text.encode())
            except StorageError:
                return
