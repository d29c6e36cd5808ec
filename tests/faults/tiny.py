"""A data set of a few kilobytes, registered like the real ones, and clocks to match."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.registry import DATASETS, Dataset
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.dataset.sources.drawn import Drawn
from mnist_tool.dataset.sources.index import Index
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.dataset.sources.npm import Npm

__all__ = [
    "CLOCKS",
    "CONTENT",
    "FILES",
    "PACKED",
    "TINY",
    "bad_things",
    "half_done",
    "laid_down",
    "register",
    "tar",
    "zipped",
]

SHAPES = {
    "train-images-idx3-ubyte": (60, 28, 28),
    "train-labels-idx1-ubyte": (60,),
    "t10k-images-idx3-ubyte": (20, 28, 28),
    "t10k-labels-idx1-ubyte": (20,),
}


def _content(name: str, shape: tuple[int, ...], salt: str) -> bytes:
    draw = random.Random(name + salt)
    count = 1
    for size in shape:
        count *= size
    top = 9 if "labels" in name else 255
    header = bytes((0, 0, 8, len(shape))) + b"".join(n.to_bytes(4, "big") for n in shape)
    return header + bytes(draw.randint(0, top) for _ in range(count))


def _dataset(name: str, folder: str, salt: str) -> tuple[Dataset, dict[str, bytes]]:
    contents = {file: _content(file, shape, salt) for file, shape in SHAPES.items()}
    files = []
    for file, shape in SHAPES.items():
        packed = gzip.compress(contents[file], mtime=0)
        files.append(
            DataFile(
                file,
                "train" if file.startswith("train") else "test",
                "images" if "images" in file else "labels",
                shape,
                hashlib.sha256(contents[file]).hexdigest(),
                len(packed),
                hashlib.sha256(packed).hexdigest(),
            )
        )
    return Dataset(name, name.capitalize(), folder, tuple(files)), contents


TINY, CONTENT = _dataset("tiny", "Tiny", "")
OTHER, OTHER_CONTENT = _dataset("other", "Other", "other")
FILES = TINY.files
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in CONTENT.items()}

KINDS = {kind.kind: kind for kind in (Mirror, Archive, Index, Npm, Drawn)}

# Limits that no busy machine reaches, and such as a test waits for that is about a limit.
CLOCKS = Clocks(
    connect_timeout=60.0,
    timeout=60.0,
    min_rate=1.0,
    grace=60.0,
    source_deadline=120.0,
    deadline=240.0,
    patience=60.0,
    lock_wait=60.0,
    backoff=0.05,
)
OPTIONS = [
    "--connect-timeout",
    "60",
    "--timeout",
    "60",
    "--min-rate",
    "1",
    "--grace",
    "60",
    "--source-deadline",
    "120",
    "--deadline",
    "240",
    "--patience",
    "60",
    "--lock-wait",
    "60",
]
HURRY = [
    "--connect-timeout",
    "1",
    "--timeout",
    "1",
    "--min-rate",
    "2000",
    "--grace",
    "1",
    "--patience",
    "0.3",
]


def register(*sources: tuple[str, str, str]) -> Dataset:
    """Put the tiny data sets into the registry; sources are (name, kind, location)."""
    made = tuple(KINDS[kind](name, location, "a test") for name, kind, location in sources)
    DATASETS["other"] = OTHER
    DATASETS["tiny"] = replace(TINY, sources=made)
    return DATASETS["tiny"]


def write_registry(path: Path, *sources: tuple[str, str, str]) -> None:
    """Note the sources for `tests.faults.child`, a process of its own, while others read them."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(sources))
    new.replace(path)


def tar(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    """Pack members into a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Pack members into a zip, the same at each time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def laid_down(path: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder and return it."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def half_done(folder: Path) -> int:
    """Return how many bytes of downloads lie there, while another process may rename its files."""
    found = 0
    for path in folder.glob("[!.]*.part"):  # a hidden one is what is known of them, half written
        with suppress(FileNotFoundError):
            found += path.stat().st_size
    return found


def bad_things(root: Path, before: Collection[Path] = ()) -> list[str]:
    """Return what must never be in a data folder: wrong content under a right name, leftovers.

    What was there `before` is the user's.
    """
    raw = root / TINY.folder / "raw"
    bad = [
        f"{name} is wrong"
        for name, content in CONTENT.items()
        if (raw / name).exists() and (raw / name).read_bytes() != content
    ]
    allowed = set(CONTENT) | set(PACKED) | {".mnist-tool.json", "raw", "set-aside"}
    found = (root / TINY.folder).rglob("*") if root.exists() else ()
    bad += [
        f"{path} is left over"
        for path in found
        if path.name not in allowed and "set-aside" not in path.parts and path not in before
    ]
    return bad
