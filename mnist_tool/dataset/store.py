"""What lies on the disk: check it, read it, and put only verified files there."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mnist_tool import configuration
from mnist_tool.dataset.bytes.carried import carrier_of, may_come_from
from mnist_tool.dataset.bytes.kinds import HEAD
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.identity import difference, longest_with, name_known, unproven
from mnist_tool.dataset.own import look_in
from mnist_tool.dataset.record import RECORD, Origin, Record, Stamp
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.errors import FormatError
from mnist_tool.files import commit, make_folder, move, storing, temporary

__all__ = [
    "OTHER_ROOT",
    "RAW",
    "SET_ASIDE",
    "FileStatus",
    "Store",
    "hash_file",
    "open_store",
    "verify",
]

# Under a data set's folder, as torchvision names it.
RAW = "raw"
# Beside it: where is put what stood in the way of a file.
SET_ASIDE = "set-aside"
# Every command that puts files there has this option.
OTHER_ROOT = "Or choose another folder with --root"
CHUNK = 1 << 20
# Of an array of three dimensions: every registered file has so many bytes and more.
LONGEST_HEADER = 16


def hash_file(path: Path, algorithm: str = "sha256") -> tuple[str, bytes]:
    """Return the digest and the first `HEAD` bytes of the file at `path`."""
    digest = hashlib.new(algorithm)
    first = b""
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            first = first or chunk[:HEAD]
            digest.update(chunk)
    return digest.hexdigest(), first


def copy_hashed(
    stream: Readable, head: bytes, write: Callable[[bytes], int], *, limit: int
) -> tuple[int, str]:
    """Copy `head` and `stream`, one byte past `limit` at most; return size and SHA-256."""
    digest = hashlib.sha256(head)
    size = write(head)
    while size <= limit and (chunk := stream.read(min(CHUNK, limit + 1 - size))):
        digest.update(chunk)
        size += write(chunk)
    return size, digest.hexdigest()


@dataclass(frozen=True)
class FileStatus:
    """How one file of a data set stands on the disk.

    Parameters
    ----------
    file : DataFile
        What it should be.
    path : Path
        Where it should be.
    state : {'verified', 'missing', 'wrong'}
        ``wrong``: something is there, but not the registered content.
    size : int or None
        Bytes found.
    sha256 : str or None
        SHA-256 found, where the content was hashed.
    problem : str
        One sentence about what is wrong; empty for a verified file.
    """

    file: DataFile
    path: Path
    state: Literal["verified", "missing", "wrong"]
    size: int | None = None
    sha256: str | None = None
    problem: str = ""


class Store:
    """The folder of one data set under a root.

    Parameters
    ----------
    root : Path
        The folder a user names: what torchvision calls ``root``.
    dataset : Dataset
        Which data set.
    read_only : bool
        Change nothing on the disk, not even the record of what was verified.
    """

    def __init__(self, root: Path, dataset: Dataset, *, read_only: bool = False) -> None:
        self.root = root
        self.dataset = dataset
        self.folder = root / dataset.folder
        self.raw = self.folder / RAW
        self.record = Record(self.folder / RECORD, read_only=read_only)

    def path(self, file: DataFile) -> Path:
        """Return where a file belongs."""
        return self.raw / file.name

    def complete(self) -> bool:
        """Return whether files of the right sizes stand in all places; nothing is hashed."""
        try:
            return all(self.path(file).stat().st_size == file.size for file in self.dataset.files)
        except (OSError, ValueError):
            return False

    # ---- checking ----------------------------------------------------------------------------

    def status(self, file: DataFile, *, full: bool = False) -> FileStatus:
        """Check one file.

        Parameters
        ----------
        file : DataFile
            A file of this data set.
        full : bool
            Hash the content even where the stamp of an earlier check still holds.

        Returns
        -------
        FileStatus
            What was found; a problem is a result here, not an exception.
        """
        path = self.path(file)
        began = time.time_ns()
        try:
            found = path.stat()
            if not path.is_file():
                return FileStatus(file, path, "wrong", problem="it is not a file")
            expected, stamp = self.record.expected(file), self.record.stamp(file)
            if not full and stamp is not None and stamp.proves(found):
                return FileStatus(file, path, "verified", found.st_size, expected)
            sha256, head = hash_file(path)
        except FileNotFoundError:
            if path.is_symlink():
                return FileStatus(file, path, "wrong", problem="it is a link that leads nowhere")
            return FileStatus(file, path, "missing", problem="it is not there")
        except NotADirectoryError:
            existing = (place for place in path.parents if place.exists())
            problem = f"{next(existing, path.parent)} is a file, no folder"
            return FileStatus(file, path, "missing", problem=problem)
        except (OSError, ValueError) as error:  # ValueError: no file system takes such a name
            reason = getattr(error, "strerror", None) or str(error)
            return FileStatus(file, path, "wrong", problem=f"it cannot be read: {reason}")
        if sha256 == expected:
            if stamp is None or not stamp.proves(found):
                self.record.note(file, Stamp.of(found, began), sha256)
            return FileStatus(file, path, "verified", found.st_size, sha256)
        problem = difference(file, found.st_size, sha256, head, expected)
        return FileStatus(file, path, "wrong", found.st_size, sha256, problem)

    def statuses(self, *, full: bool = False) -> list[FileStatus]:
        """Check every file of the data set; see `status`."""
        return [self.status(file, full=full) for file in self.dataset.files]

    # ---- writing -----------------------------------------------------------------------------

    def put(
        self,
        stream: Readable,
        wanted: Collection[DataFile],
        origin: Origin,
        *,
        name_strangers: bool = False,
    ) -> DataFile | None:
        """Take a file from a stream of plain IDX bytes, if it is one of those wanted.

        The only way for data into the folder: into a temporary file beside the target, hashed on
        the way, and renamed only if size and SHA-256 are the registered ones.

        Parameters
        ----------
        stream : Readable
            Plain bytes from the beginning of the IDX header.
        wanted : collection of DataFile
            What is still needed.
        origin : Origin
            Where the bytes come from, for the record.
        name_strangers : bool
            Find out what a registered file is that nobody wants, and raise its name.

        Returns
        -------
        DataFile or None
            What was stored; ``None`` if the header belongs to none of those wanted.

        Raises
        ------
        FormatError
            If the header fits but the content is not the registered one; with `name_strangers`
            also for a file that is not wanted.
        StorageError
            If the disk or the folder refuses.
        """
        head = stream.read(LONGEST_HEADER)  # all of it at once: what is inside is read ahead
        fitting = [
            file
            for file in wanted
            if head.startswith(file.header) and (file.sha256 or may_come_from(stream, file.proofs))
        ]
        if not fitting:
            for file in wanted:
                if head.startswith(file.header):
                    raise FormatError(unproven(file), hint=f"Give {file.packed} itself.")
            if name_strangers and (name := self._stranger(stream, head)):
                raise FormatError(f"it is {name}", hint="Another source is needed.")
            return None
        make_folder(self.raw, OTHER_ROOT)
        with (
            storing(self.raw, OTHER_ROOT),
            temporary(self.raw, "incoming") as (target, temporary_name),
        ):
            began = time.time_ns()
            size, sha256 = copy_hashed(stream, head, target.write, limit=fitting[0].size)
            for file in fitting:
                if size != file.size:
                    continue
                carrier = None if file.sha256 else carrier_of(stream, file.proofs)
                if sha256 != file.sha256 and carrier is None:
                    continue
                self._make_room(self.path(file))
                commit(target, temporary_name, self.path(file))
                stamp = Stamp.of(self.path(file).stat(), began)
                self.record.note(file, stamp, sha256, origin, carrier)
                return file
        what = difference(fitting[0], size, sha256, head)
        raise FormatError(
            f"it looks like {fitting[0].name}, but {what}",
            hint="Another source is needed for this file.",
        )

    def _stranger(self, stream: Readable, head: bytes) -> str | None:
        """Return the name of the registered file that `head` and the rest are, if they are one."""
        limit = longest_with(head)
        if not limit:
            return None
        _, sha256 = copy_hashed(stream, head, len, limit=limit)
        name = name_known(sha256)
        own = sha256 in {file.sha256 for file in self.dataset.files}
        return f"{name}, which is there already" if name and own else name

    def _make_room(self, path: Path) -> None:
        """Move away what would be lost: a folder, or a good file of another data set."""
        if path.is_dir() and not path.is_symlink():
            self.set_aside(path)
        elif path.is_file() and not path.is_symlink():
            try:
                sha256, _ = hash_file(path)
            except OSError:
                return
            own = {file.sha256 for file in self.dataset.files}
            if sha256 not in own and name_known(sha256):
                self.set_aside(path)

    def keep(self, body: Path, name: str) -> None:
        """Move an archive that others will need into ``raw/``; where that fails, do without."""
        with suppress(OSError):
            if not os.path.lexists(self.raw / name):
                move(body, self.raw / name)

    def set_aside(self, path: Path) -> Path:
        """Move what stands in the way into the folder for such things, and return where it is."""
        aside = self.folder / SET_ASIDE
        make_folder(aside)
        number = 1
        while os.path.lexists(target := aside / f"{path.name}-{number}"):
            number += 1
        try:
            move(path, target)  # a broken download may lie on another disk
        except OSError:
            with suppress(OSError):  # another thing is in it
                aside.rmdir()
            raise
        return target


def open_store(root: str | os.PathLike[str] | None, dataset: str) -> Store:
    """Return the store of a data set that is named as users name it.

    Parameters
    ----------
    root : path or None
        What was given, if it was; see `configuration`.
    dataset : str
        A registered name, or that of somebody's own data set below the root.

    Raises
    ------
    SettingError
        If there is no such data set, or a setting cannot be used.
    """
    where: Path = configuration.get("root", None if root is None else Path(root))
    entry = DATASETS.get(dataset)
    if entry is None:
        look_in(root)
        entry = DATASETS[dataset]
    return Store(where, entry)


def verify(root: str | os.PathLike[str] | None = None, dataset: str = "mnist") -> list[FileStatus]:
    """Hash every file of a data set and compare it with the registered content.

    Parameters
    ----------
    root : path, optional
        The folder that holds ``MNIST/raw``; by default ``MNIST_TOOL_ROOT`` or ``MNIST_data``.
    dataset : str
        Name of the data set.

    Returns
    -------
    list of FileStatus
        One per file; ``state`` is ``"verified"``, ``"missing"`` or ``"wrong"``.

    Raises
    ------
    SettingError
        If there is no such data set.
    """
    return open_store(root, dataset).statuses(full=True)
