"""What is kept beside the files of a data set: where each came from, and when it was checked."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mnist_tool.dataset.datafile import Carrier, DataFile
from mnist_tool.errors import StorageError
from mnist_tool.files import replacing

__all__ = ["COARSEST_TICK_NS", "RECORD", "Origin", "Record", "Stamp"]

RECORD = ".mnist-tool.json"
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
        same = Stamp.of(status, self.checked_ns) == self and isinstance(self.checked_ns, int)
        return same and self.mtime_ns + COARSEST_TICK_NS < self.checked_ns


class Record:
    """The record of one data folder: a JSON file, which is believed only as far as it fits.

    Parameters
    ----------
    path : Path
        The file.
    read_only : bool
        Write nothing.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._lock = threading.Lock()

    def entries(self) -> dict[str, Any]:
        """Return what is known of the files, by name.

        A missing, unreadable or strange record only means that files are hashed again.
        """
        try:
            files = json.loads(self.path.read_text("utf-8"))["files"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return {}
        return files if isinstance(files, dict) else {}

    def expected(self, file: DataFile) -> str:
        """Return the SHA-256 that a file must have; empty where nothing has proven one yet.

        It is the registered one. Where only a published carrier proves a file, it is what came out
        of that.
        """
        if file.sha256:
            return file.sha256
        entry = self.entries().get(file.name, {})
        try:
            carrier, sha256 = entry["carrier"], entry["sha256"]
        except (KeyError, TypeError):
            return ""
        known = carrier in [each.digest for each in file.proofs] and isinstance(sha256, str)
        return sha256 if known else ""

    def stamp(self, file: DataFile) -> Stamp | None:
        """Return the stamp of a file, if it was taken when the content was the right one."""
        entry = self.entries().get(file.name, {})
        try:
            right = entry["sha256"] == (file.sha256 or self.expected(file))
            return Stamp(**entry["stamp"]) if right else None
        except (KeyError, TypeError):
            return None

    def origin(self, file: DataFile) -> Origin | None:
        """Return where a file came from, if that was recorded."""
        entry = self.entries().get(file.name, {})
        try:
            return Origin(*(str(entry[key]) for key in ("source", "location", "member")))
        except (KeyError, TypeError):
            return None

    def note(
        self,
        file: DataFile,
        stamp: Stamp,
        sha256: str,
        origin: Origin | None = None,
        carrier: Carrier | None = None,
    ) -> None:
        """Note a file that was just verified.

        A record that cannot be written is left out: it saves time, and little depends on it.

        Parameters
        ----------
        file : DataFile
            Which one.
        stamp : Stamp
            What it looks like.
        sha256 : str
            Of its plain bytes.
        origin : Origin, optional
            Where it came from; by default what is known of that stays.
        carrier : Carrier, optional
            The published file that proved it; see `expected`.
        """
        if self._read_only:
            return
        with self._lock:
            files = self.entries()
            entry = files.get(file.name)
            if origin is not None:
                now = datetime.now(timezone.utc).isoformat(timespec="seconds")
                proof = {"carrier": carrier.digest} if carrier else {}
                entry = {**asdict(origin), "time": now, **proof}
            elif not isinstance(entry, dict):
                entry = {}
            files[file.name] = {**entry, "sha256": sha256, "stamp": asdict(stamp)}
            text = json.dumps({"schema": SCHEMA, "files": files}, indent=2) + "\n"
            try:
                with replacing(self.path) as target:
                    target.write(text.encode())
            except StorageError:
                return
