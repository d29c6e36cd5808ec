"""Folders that many tests read and none may change, or their order would matter."""

from __future__ import annotations

from pathlib import Path

Listing = dict[str, tuple[int, int]]

_kept: dict[Path, Listing] = {}


def keep(folder: Path) -> Path:
    """From now on a test that changes anything below the folder fails."""
    _kept[folder] = _listing(folder)
    return folder


def changes() -> list[str]:
    """Return what changed since the last call, so that only the test that did it fails."""
    found = []
    for folder, before in _kept.items():
        now = _listing(folder)
        found += [str(folder / name) for name, _ in sorted(before.items() ^ now.items())]
        _kept[folder] = now
    return list(dict.fromkeys(found))


def _listing(folder: Path) -> Listing:
    """Return the size of each file below the folder and when it was changed last.

    Not of those whose name begins with a dot: by them the tool knows what it has checked already.
    """
    files = (path for path in folder.rglob("[!.]*") if path.is_file())
    told = ((str(path.relative_to(folder)), path.stat()) for path in files)
    return {name: (status.st_size, status.st_mtime_ns) for name, status in told}
