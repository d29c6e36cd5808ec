"""Write files so that a reader only ever sees the whole old one or the whole new one."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, Literal, ParamSpec, TypeVar

from mnist_tool.advice import reason, remedy
from mnist_tool.errors import StorageError

__all__ = [
    "alive",
    "commit",
    "gone",
    "inside",
    "looking",
    "make_folder",
    "move",
    "owner",
    "remove",
    "replacing",
    "retried",
    "stands",
    "storage_error",
    "storing",
    "sweep",
    "sync_folder",
    "temporary",
    "temporary_name",
]

_TEMPORARY = re.compile(r"\..+\.([0-9a-f]{8}\.\d+)\.[0-9a-f]{8}\.part")
# Whoever wrote a temporary file on another machine is surely done with it after so long.
DAY = 24 * 3600
SHOWN = 40  # letters of the final name in a temporary one
ELSEWHERE = "Or choose another folder"  # which option does so, only a caller knows

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` when the block ends without an exception.

    Parameters
    ----------
    path : Path
        The final name; its folder must exist.
    durable : bool
        Wait until the disk has it: false for what may be lost with the machine's power.

    Yields
    ------
    file object
        Open for writing bytes, under a temporary name in the same folder.

    Raises
    ------
    StorageError
        If the disk or the folder refuses; also for any other ``OSError`` inside the block, so
        errors of reading must be turned into something else there.
    """
    with storing(path.parent), temporary(path.parent, path.name) as (file, name):
        yield file
        commit(file, name, path, durable=durable)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, as far as that is allowed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            retried(path.unlink, missing_ok=True)


@contextmanager
def temporary(folder: Path, stem: str) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a new, uniquely named temporary file, and remove it unless it was committed.

    Parameters
    ----------
    folder : Path
        Where the final file will stand, so that the rename stays within one file system.
    stem : str
        Part of the temporary name, for whoever looks at the folder meanwhile.

    Yields
    ------
    tuple of (file object, Path)
        The file, open for writing bytes with the mode the user's umask gives, and its name.

    Raises
    ------
    OSError
        If the disk or the folder refuses; see `storing`.
    """
    name = temporary_name(folder, stem)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(name, flags, 0o666), "wb") as file:
            yield file, name
    finally:
        with contextlib.suppress(OSError):
            retried(name.unlink, missing_ok=True)


def temporary_name(folder: Path, stem: str) -> Path:
    """Return a name that `sweep` knows; a final name may be as long as names can be."""
    return folder / f".{stem[:SHOWN]}.{owner()}.{os.urandom(4).hex()}.part"


def commit(file: BinaryIO, name: Path, final: Path, *, durable: bool = True) -> None:
    """Bring a temporary file to the disk and give it its final name.

    The data is synchronised before the rename and the folder after it, so that a crash at any
    moment leaves either no file or the whole one. What is not `durable` is not waited for.
    """
    file.flush()
    if durable:
        os.fsync(file.fileno())
    if os.name == "nt":  # an open file cannot be renamed there
        file.close()
    retried(name.replace, final)
    if durable:
        sync_folder(final.parent)


def move(path: Path, target: Path) -> None:
    """Give a file or a folder a name that nothing has yet; a file also on another disk.

    Raises
    ------
    OSError
        If that is refused; then it is where it was.
    """
    try:
        retried(path.rename, target)
    except OSError as error:
        if error.errno != errno.EXDEV or not path.is_file():
            raise
        with temporary(target.parent, target.name) as (file, name):
            with path.open("rb") as source:
                shutil.copyfileobj(source, file)
            commit(file, name, target)
        retried(path.unlink)


def retried(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Call again what failed for a moment only, as changes of names do and Python does not see to.

    A signal interrupts them on disks in a network, and on Windows a virus scanner forbids them.
    """
    until = time.monotonic() + 1  # second, of the scanner's
    while True:
        try:
            return call(*arguments, **options)
        except InterruptedError:  # noqa: PERF203 - each call may fail in its own way
            continue
        except PermissionError:
            if os.name != "nt" or time.monotonic() > until:
                raise
            time.sleep(0.05)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where folders can be waited for."""
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot synchronise a folder; the rename itself has happened.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF}:
            raise
    finally:
        os.close(descriptor)


def sweep(*folders: Path) -> list[Path]:
    """Remove the temporary files of processes that no longer live, and very old ones.

    Parameters
    ----------
    *folders : Path
        Where to look; they need not exist.

    Returns
    -------
    list of Path
        What was removed.
    """
    removed = []
    for folder in folders:
        with contextlib.suppress(OSError, ValueError):  # ValueError: a name no file system takes
            for path in sorted(folder.iterdir()):
                match = _TEMPORARY.fullmatch(path.name)
                if match and (gone(match[1]) or time.time() - path.stat().st_mtime > DAY):
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path)  # of a removal that was cut short
                    else:
                        remove(path)
                    removed.append(path)
    return removed


def owner() -> str:
    """Return a name for this process, for use in file names that several machines may see."""
    return f"{_machine()}.{os.getpid()}"


def gone(name: str) -> bool:
    """Return whether a process of this machine, named by `owner`, no longer lives."""
    machine, _, pid = name.partition(".")
    return machine == _machine() and not alive(int(pid))


@cache
def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def alive(pid: int) -> bool:
    """Return whether a process with this number runs on this machine."""
    if os.name == "nt":  # os.kill would end it there; a stale file is the smaller evil
        return True
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True


def stands(path: Path) -> Literal["folder", "file", "other", "nothing"]:
    """Return what stands at a path; nothing also where nobody may look, or no name is so long."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return "nothing"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def make_folder(folder: Path, elsewhere: str = ELSEWHERE) -> list[Path]:
    """Make a folder and its parents; for `elsewhere` see `storing`.

    Returns
    -------
    list of Path
        Those that were not there before, the innermost first.

    Raises
    ------
    StorageError
        If that is refused, or if something on the way is not a folder.
    """
    made = []
    with storing(folder, elsewhere):
        place = folder
        while not place.exists():
            made.append(place)
            place = place.parent
        retried(folder.mkdir, parents=True, exist_ok=True)
    return made


@contextmanager
def storing(path: Path, elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Turn an ``OSError`` inside the block into a `StorageError` about `path`.

    `elsewhere` is the part of the hint that says how to choose another place.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, path, elsewhere) from error


@contextmanager
def looking(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` inside the block, which writes nothing, into a `StorageError`."""
    try:
        yield
    except OSError as error:
        hint = remedy(error).replace("writable", "readable")
        raise StorageError(
            f"Cannot look into {path}: {reason(error)}.", hint=f"{hint}. {ELSEWHERE}."
        ) from error


def inside(folder: Path, which: Callable[[Path], bool]) -> list[Path]:
    """Return what `which` is true of in a folder; what it cannot look at is left out.

    Raises
    ------
    StorageError
        If the folder cannot be looked into, or nothing that is of use in it.
    """
    refused: list[OSError] = []

    def holds(path: Path) -> bool:
        """Return whether it is, and note who cannot tell."""
        try:
            return which(path)
        except OSError as error:  # somebody else's
            refused.append(error)
            return False

    with looking(folder):
        found = list(filter(holds, folder.iterdir() if folder.is_dir() else ()))
        if refused and not found:
            raise refused[0]
    return found


def storage_error(error: OSError, path: Path, elsewhere: str = ELSEWHERE) -> StorageError:
    """Say in words why the disk refused, and what would help."""
    return StorageError(
        f"Cannot write in {path}: {reason(error)}.", hint=f"{remedy(error)}. {elsewhere}."
    )
