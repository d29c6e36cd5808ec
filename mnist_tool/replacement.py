"""Write the file that a user has named; what is there is replaced only if it is one of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_tool.advice import reason, remedy
from mnist_tool.errors import SettingError, StorageError
from mnist_tool.files import commit, retried, stands, sweep, temporary

__all__ = ["replace_content", "spare"]

LONGEST = 64 << 20  # bytes of a file that are looked at: no page and no picture is longer


def replace_content(path: Path, content: bytes, what: str, option: str, *, ours: bytes) -> None:
    """Write a file that a user has named, whole or not at all; missing folders are made.

    Where the name is a link, what it leads to is replaced. A pipe or a device is written to as it
    is: there is no file to take its place. For `what`, `option` and `ours` see `spare`.

    Raises
    ------
    SettingError
        If what is there is not ours.
    StorageError
        If the disk or the folder refuses.
    """
    spare(path, what, option, ours)
    with _writing(path, what, option):
        if stands(path) == "other":
            path.write_bytes(content)
            return
        target = Path(os.path.realpath(path))
        retried(target.parent.mkdir, parents=True, exist_ok=True)
        sweep(target.parent)
        with temporary(target.parent, target.name) as (file, name):
            file.write(content)
            commit(file, name, target)


def spare(path: Path, what: str, option: str, ours: bytes) -> None:
    """Refuse to replace what this tool did not make; an empty file is nobody's.

    Parameters
    ----------
    path : Path
        What is to be written.
    what, option : str
        What it is, and the option that names its place; none if the command has no such option.
    ours : bytes
        What stands in each such file that this tool makes; none, if any file may be replaced.

    Raises
    ------
    SettingError
        If a file stands there that has something else in it.
    StorageError
        If it cannot be read.
    """
    if not ours or stands(path) != "file":
        return
    with _writing(path, what, option), path.open("rb") as file:
        there = file.read(LONGEST)
    if there and ours not in there:
        raise SettingError(
            f"{path} is there already, and it is no {what} of this tool.",
            hint=f"Move it away{_elsewhere(option)}.",
        )


@contextmanager
def _writing(path: Path, what: str, option: str) -> Iterator[None]:
    """Turn an ``OSError`` inside the block into a `StorageError` about a file that a user named."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The {what} {path} cannot be written: {reason(error)}.",
            hint=f"{remedy(error)}{_elsewhere(option)}.",
        ) from error


def _elsewhere(option: str) -> str:
    return f", or choose another place with {option}" if option else ""
