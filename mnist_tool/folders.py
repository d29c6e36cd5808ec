"""Make a folder of files so that it stands there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_tool.files import remove, retried, storing, sync_folder, temporary_name

__all__ = ["replacing_folder"]


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
