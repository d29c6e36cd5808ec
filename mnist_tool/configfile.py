"""Read the settings that a project keeps: mnist-tool.toml, or a table in pyproject.toml."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mnist_tool.errors import SettingError

__all__ = ["OWN", "ConfigFile", "find"]

OWN, PYPROJECT, TABLE = "mnist-tool.toml", "pyproject.toml", "mnist-tool"
LARGEST = 1 << 20  # bytes


@dataclass(frozen=True)
class ConfigFile:
    """A file with settings.

    Parameters
    ----------
    path : Path
        Where it is.
    settings : mapping of str to str
        Each value as the text that the environment variable would have.
    """

    path: Path
    settings: Mapping[str, str]

    @property
    def shown(self) -> str:
        """How messages call it: by its name alone where the user stands beside it."""
        return self.path.name if self.path.parent == Path.cwd() else str(self.path)


def find(known: Collection[str]) -> ConfigFile | None:
    """Return the settings of the current folder, or of the nearest one above that has any.

    Parameters
    ----------
    known : collection of str
        Names of the settings there are.

    Raises
    ------
    SettingError
        If ``mnist-tool.toml`` cannot be read, or holds what is no setting or no value. What else is
        wrong with a ``pyproject.toml`` is its own tools' matter.
    """
    try:
        folder = Path.cwd()
    except OSError:  # it was removed
        return None
    for each in (folder, *folder.parents):
        for name in (OWN, PYPROJECT):
            path = each / name
            with suppress(OSError):
                facts = path.stat()
                if path.is_file() and (found := _read(path, facts.st_mtime_ns, facts.st_size)):
                    return _checked(found, known)
    return None


def _checked(file: ConfigFile, known: Collection[str]) -> ConfigFile:
    for name in file.settings:
        if name not in known:
            raise SettingError(
                f"{file.shown} sets {name}, and there is no such setting.",
                hint=f"There are: {', '.join(known)}.",
            )
    return file


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, size: int) -> ConfigFile | None:
    """Return what a file holds for us; its age and size are for the memory of this function."""
    del changed
    try:
        if size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        content = _parse(path.read_text("utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        if path.name == OWN:
            raise _refusal(path, str(error)) from error
        return None
    table = content if path.name == OWN else _inner(_inner(content, "tool"), TABLE)
    return None if table is None else ConfigFile(path, dict(_texts(path, table)))


def _parse(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _inner(table: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    found = (table or {}).get(name)
    return found if isinstance(found, dict) else None


def _texts(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each setting with its value as text."""
    for key, value in table.items():
        name = key.replace("-", "_")  # as options are written
        if isinstance(value, bool):
            yield name, str(int(value))
        elif isinstance(value, str | int | float):
            yield name, str(value)
        else:
            raise _refusal(path, f"{key} is a {type(value).__name__}, and no setting's value")


def _refusal(path: Path, why: str) -> SettingError:
    return SettingError(
        f"{path} cannot be used: {why.rstrip('.')}.",
        hint="Correct it; `mnist-tool init` in an empty folder writes one to begin with.",
    )
