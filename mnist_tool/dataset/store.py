"""What lies on the disk: check it, read it, and put only verified files there."""

from __future__ import annotations

import hashlib
import os
import shlex
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mnist_tool import configuration
from mnist_tool.dataset.content import (
    Readable,
    copy_hashed,
    difference,
    file_digest,
    name_stranger,
    read_exactly,
)
from mnist_tool.dataset.idx import decode
from mnist_tool.dataset.provenance import Origin, Provenance, Stamp
from mnist_tool.dataset.registry import DataFile, Dataset, get_dataset
from mnist_tool.dataset.sniff import name_known
from mnist_tool.errors import CorruptDataError, FormatError, MissingDataError
from mnist_tool.files import commit, make_folder, sweep, temporary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FileStatus", "Store", "verify"]

# Of an array of three dimensions: every registered file has so many bytes and more.
LONGEST_HEADER = 16
SET_ASIDE = "set-aside"


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
    """

    def __init__(self, root: Path, dataset: Dataset) -> None:
        self.root = root
        self.dataset = dataset
        self.folder = root / dataset.folder
        self.raw = self.folder / "raw"
        self.provenance = Provenance(self.folder / ".mnist-tool.json")

    def path(self, file: DataFile) -> Path:
        """Return where a file belongs."""
        return self.raw / file.name

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
        try:
            found = path.stat()
        except FileNotFoundError:
            if path.is_symlink():
                return FileStatus(file, path, "wrong", problem="it is a link that leads nowhere")
            return FileStatus(file, path, "missing", problem="it is not there")
        except NotADirectoryError:
            file_there = next(place for place in path.parents if place.is_file())
            return FileStatus(file, path, "missing", problem=f"{file_there} is a file, no folder")
        except OSError as error:
            return FileStatus(
                file, path, "wrong", problem=f"it cannot be looked at: {error.strerror}"
            )
        if not path.is_file():
            return FileStatus(file, path, "wrong", problem="it is not a file")
        stamp = self.provenance.stamp(file.name, file.sha256)
        if not full and stamp is not None and stamp.proves(found):
            return FileStatus(file, path, "verified", found.st_size, file.sha256)
        return self._hash(file, path, found)

    def _hash(self, file: DataFile, path: Path, found: os.stat_result) -> FileStatus:
        began = time.time_ns()
        try:
            digest, head = file_digest(path)
        except OSError as error:
            problem = f"it cannot be read: {error.strerror}"
            return FileStatus(file, path, "wrong", found.st_size, problem=problem)
        if digest == file.sha256:
            self._stamp(file, Stamp.of(found, began))
            return FileStatus(file, path, "verified", found.st_size, digest)
        problem = difference(file, found.st_size, digest, head)
        return FileStatus(file, path, "wrong", found.st_size, digest, problem)

    def _stamp(self, file: DataFile, stamp: Stamp) -> None:
        """Note that a file was hashed, unless an older note says as much."""
        before = self.provenance.stamp(file.name, file.sha256)
        if before is None or not before.says_as_much_as(stamp):
            self.provenance.record(file.name, file.sha256, stamp)

    def statuses(self, *, full: bool = False) -> list[FileStatus]:
        """Check every file of the data set; see `status`."""
        return [self.status(file, full=full) for file in self.dataset.files]

    # ---- reading -----------------------------------------------------------------------------

    def read(self, file: DataFile) -> NDArray[np.uint8]:
        """Read one verified file.

        Parameters
        ----------
        file : DataFile
            A file of this data set.

        Returns
        -------
        ndarray of uint8, shape `file.shape`
            Pixels 0 (paper) to 255 (ink), or labels 0 to 9; writable memory of its own.

        Raises
        ------
        MissingDataError
            If it is not there.
        CorruptDataError
            If it is not the registered content.
        """
        import numpy as np

        path = self.path(file)
        content = np.empty(file.size, np.uint8).data  # a bytearray would first be filled with 0
        try:
            began = time.time_ns()
            with path.open("rb") as stream:  # unbuffered, a network's disk could give less
                found = os.fstat(stream.fileno())
                count = stream.readinto(content) or 0
        except OSError as error:
            raise self._unreadable(file, error) from None
        stamp = self.provenance.stamp(file.name, file.sha256)
        if found.st_size != file.size or count != file.size:
            raise self._corrupt(self.status(file, full=True))
        if stamp is None or not stamp.proves(found):
            if hashlib.sha256(content).hexdigest() != file.sha256:
                raise self._corrupt(self.status(file, full=True))
            self.provenance.record(file.name, file.sha256, Stamp.of(found, began))
        array: NDArray[Any] = decode(content)
        return array

    def read_split(self, split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Read the verified images and labels of a split: ``train`` or ``test``; see `read`."""
        images, labels = (
            self.read(self.dataset.file(split, kind)) for kind in ("images", "labels")
        )
        return images, labels

    def _unreadable(self, file: DataFile, error: OSError) -> MissingDataError | CorruptDataError:
        status = self.status(file)
        if status.state == "missing":
            return MissingDataError(
                f"{self.dataset.title} is not complete: {status.path} is missing.",
                hint=f"Get it with: {self._command('fetch')}",
            )
        return CorruptDataError(
            f"{status.path} cannot be used: {status.problem or error.strerror}.",
            hint=f"Replace it with: {self._command('fetch')}",
        )

    def _corrupt(self, status: FileStatus) -> CorruptDataError:
        return CorruptDataError(
            f"{status.path} is not {self.dataset.title}'s file: {status.problem}.",
            hint=f"Replace it with: {self._command('fetch')}",
        )

    def _command(self, verb: str) -> str:
        """The command for this very folder, to be pasted."""
        words = ["mnist-tool", verb]
        if self.dataset.name != "mnist":
            words += ["--dataset", self.dataset.name]
        if self.root != configuration.get("root"):
            words += ["--root", str(self.root)]
        return shlex.join(words)

    # ---- writing -----------------------------------------------------------------------------

    def prepare(self) -> list[Path]:
        """Make the folders and remove what dead processes left in them.

        Returns
        -------
        list of Path
            The folders that were not there before, the innermost first.

        Raises
        ------
        StorageError
            If a folder cannot be made.
        """
        made = [place for place in (self.raw, self.folder, self.root) if not place.exists()]
        make_folder(self.raw)
        self.sweep()
        return made

    def sweep(self) -> None:
        """Remove what dead processes left behind."""
        sweep(self.raw)
        sweep(self.folder)

    def deposit(
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
        head = read_exactly(stream, LONGEST_HEADER)
        fitting = [file for file in wanted if head.startswith(file.header)]
        if not fitting:
            if name_strangers:
                name_stranger(stream, head, there=self.dataset)
            return None
        make_folder(self.raw)
        with temporary(self.raw, "incoming") as (target, name):
            began = time.time_ns()
            size, digest = copy_hashed(stream, head, target, limit=fitting[0].size)
            for file in fitting:
                if (size, digest) == (file.size, file.sha256):
                    self._make_room(self.path(file))
                    commit(target, name, self.path(file))
                    stamp = Stamp.of(self.path(file).stat(), began)
                    self.provenance.record(file.name, digest, stamp, origin)
                    return file
        what = difference(fitting[0], size, digest, head)
        raise FormatError(
            f"It looks like {fitting[0].name}, but {what}.",
            hint="Another source is needed for this file.",
        )

    def _make_room(self, path: Path) -> None:
        """Move away what would be lost: a folder, or a good file of another data set."""
        if path.is_symlink() or not (path.is_dir() or self._belongs_elsewhere(path)):
            return
        aside = self.folder / SET_ASIDE
        aside.mkdir(exist_ok=True)
        number = 1
        while (target := aside / f"{path.name}-{number}").exists():
            number += 1
        path.rename(target)

    def _belongs_elsewhere(self, path: Path) -> bool:
        try:
            digest = file_digest(path)[0] if path.is_file() else ""
        except OSError:
            return False
        own = {file.sha256 for file in self.dataset.files}
        return digest not in own and name_known(digest) is not None


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
    where = Path(configuration.get("root", None if root is None else Path(root)))
    return Store(where, get_dataset(dataset)).statuses(full=True)
