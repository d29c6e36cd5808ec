"""Make and remove folders, so that each stands there whole or not at all; and one for a moment."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mnist_tool.advice import reason
from mnist_tool.errors import StorageError
from mnist_tool.files import (
    ELSEWHERE,
    remove,
    retried,
    storage_error,
    storing,
    sync_folder,
    temporary_name,
)

__all__ = [
    "OTHER_SCRATCH",
    "held",
    "remove_folder",
    "replacing_folder",
    "scratch",
    "scratch_folder",
]

OTHER_SCRATCH = "Or choose another folder with TMPDIR=FOLDER"


@contextmanager
def replacing_folder(path: Path) -> Iterator[Callable[[str, bytes], None]]:
    """Make a folder that takes the place of `path` when the block ends without an exception.

    Parameters
    ----------
    path : Path
        The final name; what stands there is removed only when the new folder is complete.

    Yields
    ------
    callable
        Writes a file of the folder: its name, with slashes for folders within, and its content.

    Raises
    ------
    StorageError
        If the disk or the folder refuses; also for any other ``OSError`` inside the block.
    """
    new, old = (temporary_name(path.parent, path.name) for _ in range(2))
    made: set[Path] = set()

    def write(name: str, content: bytes) -> None:
        """Write a file of the folder."""
        target = new / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(content)

    with storing(path.parent):
        try:
            retried(new.mkdir)
            yield write
            getattr(os, "sync", lambda: None)()  # file by file it would take minutes
            _exchange(path, new, old)
            sync_folder(path.parent)
        finally:
            for folder in (new, old):
                remove(folder)


def _exchange(path: Path, new: Path, old: Path) -> None:
    if not os.path.lexists(path):
        retried(new.rename, path)
        return
    retried(path.rename, old)
    try:
        retried(new.rename, path)
    except OSError:
        retried(old.rename, path)
        raise


def remove_folder(folder: Path, elsewhere: str = ELSEWHERE) -> None:
    """Remove a folder with all that is in it; nobody sees half of it under its name meanwhile.

    Of a link only the link goes. What a folder within does not let go is found out before anything
    is gone; where the disk refuses in the midst, what is left has its name back.

    Raises
    ------
    StorageError
        If the disk or the folder refuses.
    """
    with storing(folder, elsewhere):
        if folder.is_symlink():
            retried(folder.unlink)
            return
        _check_removable(folder, elsewhere)
        hidden = temporary_name(folder.parent, folder.name)
        retried(folder.rename, hidden)
        try:
            shutil.rmtree(hidden)
        except OSError:
            retried(hidden.rename, folder)
            raise


def _check_removable(folder: Path, elsewhere: str) -> None:
    """Refuse as the first folder within would that does not let go what is in it."""

    def refuse(error: OSError) -> None:
        raise storage_error(error, Path(error.filename), elsewhere) from error

    effective = os.access in os.supports_effective_ids
    for place, folders, files in os.walk(folder, onerror=refuse):
        may = os.access(place, os.W_OK | os.X_OK, effective_ids=effective)
        if (folders or files) and not may:
            refuse(PermissionError(errno.EACCES, os.strerror(errno.EACCES), place))


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold a folder until the block ends, or the process, however it does.

    Nothing is written for it, so nothing is left. On Windows, and on disks that know no such locks,
    everybody gets every folder.

    Yields
    ------
    bool
        False where somebody else on this machine holds it.
    """
    if sys.platform == "win32":  # folders cannot be opened there
        yield True
        return
    import fcntl

    with ExitStack() as until_closed:
        granted = True
        try:
            descriptor = os.open(folder, os.O_RDONLY)
            until_closed.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            granted = False
        except OSError:  # no such lock, or no such folder, which its use will tell
            pass
        yield granted


def scratch_folder() -> Path:
    """Return the system's folder for temporary files.

    Raises
    ------
    StorageError
        If there is none that can be written, such as on a full disk.
    """
    try:
        return Path(tempfile.gettempdir())
    except OSError as error:
        raise StorageError(
            f"No folder for temporary files can be written: {reason(error)}.",
            hint="Free some space, or name another folder with TMPDIR=FOLDER.",
        ) from error


@contextmanager
def scratch(elsewhere: str = OTHER_SCRATCH) -> Iterator[Path]:
    """Give a new folder for what is needed only inside the block; for `elsewhere` see `storing`.

    Raises
    ------
    StorageError
        If the system's folder for temporary files refuses it.
    """
    place = scratch_folder()
    with storing(place, elsewhere):
        made = tempfile.TemporaryDirectory(prefix="mnist-tool-", ignore_cleanup_errors=True)
    with made as name:
        yield Path(name)
