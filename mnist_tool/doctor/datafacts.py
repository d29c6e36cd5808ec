"""Look at the folders where a data set lies or may have been put by mistake; change nothing."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mnist_tool.advice import reason
from mnist_tool.dataset.bytes.archives import HEAD
from mnist_tool.dataset.bytes.recognise import describe
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.identity import name_known
from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.store import Store
from mnist_tool.doctor.invocation import Invocation
from mnist_tool.doctor.ptfile import PtFile, recognise
from mnist_tool.doctor.ptwriter import PROCESSED_NAMES

__all__ = ["DataFacts", "Place", "RawFile", "gather", "odd_names", "processed_files"]

CHUNK = 1 << 20
LEFTOVER_PATTERNS = ("*.part", "*.tmp", ".*.tmp", "*.crdownload", "*.download", "*.aria2")


@dataclass(frozen=True)
class RawFile:
    """One place under ``raw/`` and what lies there.

    Parameters
    ----------
    file : DataFile
        What should be there.
    path : Path
        Where.
    state : {'right', 'missing', 'wrong'}
        ``right``: the registered bytes.
    problem : str
        What is wrong with it, in words.
    """

    file: DataFile
    path: Path
    state: Literal["right", "missing", "wrong"]
    problem: str = ""


@dataclass(frozen=True)
class Place:
    """A folder other than the right one that holds files of this data set.

    Parameters
    ----------
    folder : Path
        Where they lie.
    files : tuple of Path
        The plain IDX files there that are the registered ones, byte for byte.
    packed : bool
        Whether there are also (or only) ``.gz`` files of these names.
    """

    folder: Path
    files: tuple[Path, ...]
    packed: bool


@dataclass(frozen=True)
class DataFacts:
    """Everything the data checks judge.

    Parameters
    ----------
    root : Path
        The data root; `origin` says who set it.
    stands : {'folder', 'file', 'nothing'}
        What stands there.
    dataset : Dataset
        What should be there.
    raw : tuple of RawFile
        One per file.
    processed : tuple of PtFile
        ``training.pt`` and ``test.pt``, present or not.
    places : tuple of Place
        Where else its files lie.
    odd : tuple of (Path, Path)
        Files under a wrong name and the name they should have.
    bad_packed : tuple of Path
        ``.gz`` files in ``raw/`` that do not unpack to the right bytes.
    leftovers : tuple of Path
        What broken downloads left.
    cached : tuple of Path
        Bad ``.gz`` files among the temporary files, where the package ``mnist`` keeps its
        downloads and takes them for good (datapythonista/mnist#19).
    writable : bool
        Whether files can be made there (or in the nearest folder above that exists).
    free : int
        Free bytes on that disk.
    invocation : Invocation
        How this user calls the tool.
    """

    root: Path
    origin: str
    stands: Literal["folder", "file", "nothing"]
    dataset: Dataset
    raw: tuple[RawFile, ...]
    processed: tuple[PtFile, ...]
    places: tuple[Place, ...]
    odd: tuple[tuple[Path, Path], ...]
    bad_packed: tuple[Path, ...]
    leftovers: tuple[Path, ...]
    cached: tuple[Path, ...]
    writable: bool
    free: int
    invocation: Invocation

    @property
    def raw_folder(self) -> Path:
        """Where the plain files belong."""
        return self.root / self.dataset.folder / "raw"

    @property
    def complete(self) -> bool:
        """Whether all raw files are the registered ones."""
        return all(entry.state == "right" for entry in self.raw)

    @property
    def absent(self) -> bool:
        """Whether there is nothing at all yet."""
        return all(entry.state == "missing" for entry in self.raw)


def gather(
    root: Path, origin: str, dataset: Dataset, cwd: Path, invocation: Invocation
) -> DataFacts:
    """Look at a data root.

    Parameters
    ----------
    root : Path
        The folder that holds, or should hold, the data set's folder.
    origin : str
        Where that setting came from.
    dataset : Dataset
        What to look for.
    cwd : Path
        Where the user stands; files unpacked there by mistake are found.
    invocation : Invocation
        How this user calls the tool.

    Returns
    -------
    DataFacts
        What is there.
    """
    folder = root / dataset.folder / "raw"
    near = _nearest(root)
    known = Store(root, dataset)
    return DataFacts(
        root,
        origin,
        "folder" if root.is_dir() else "file" if root.exists() else "nothing",
        dataset,
        raw=tuple(_raw_file(entry, folder / entry.name, known) for entry in dataset.files),
        processed=processed_files(root, dataset),
        places=tuple(_places(root, dataset, cwd)),
        odd=tuple(_oddly_named(folder, dataset)),
        bad_packed=tuple(_bad_packed(folder, dataset)),
        leftovers=tuple(sorted({p for name in LEFTOVER_PATTERNS for p in _glob(folder, name)})),
        cached=tuple(_cached(dataset)),
        writable=os.access(near, os.W_OK | os.X_OK),
        free=shutil.disk_usage(near).free,
        invocation=invocation,
    )


def processed_files(root: Path, dataset: Dataset) -> tuple[PtFile, ...]:
    """Recognise the two files of old torchvision, training first."""
    folder = root / dataset.folder / "processed"
    return tuple(recognise(folder / name) for name in PROCESSED_NAMES.values())


def odd_names(file: DataFile) -> list[str]:
    """Return the wrong names that archivers and typing give a file.

    The header of the original ``.gz`` carries a name with a dot, so everything that restores that
    name makes ``train-images.idx3-ubyte``.

    Examples
    --------
    >>> from mnist_tool.dataset.registry import MNIST
    >>> odd_names(MNIST.file("test", "labels"))[:2]
    ['t10k-labels.idx1-ubyte', 't10k-labels-idx3-ubyte']
    """
    stem, dimension = file.name.removesuffix("-ubyte").rsplit("-", 1)
    wrong = {"idx1": "idx3", "idx3": "idx1"}[dimension]
    names = [f"{stem}.{dimension}-ubyte", f"{stem}-{wrong}-ubyte", f"{stem}.{wrong}-ubyte"]
    return [*names, f"{file.name}.bin", f"{file.name}.idx"]


def _nearest(path: Path) -> Path:
    path = path.absolute()
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return [path for path in folder.glob(pattern) if path.is_file()]
    except OSError:
        return []


def _raw_file(file: DataFile, path: Path, store: Store | None = None) -> RawFile:
    """Look at one file as `Store.status` does, but record nothing: doctor only reads."""
    try:
        found = path.stat()
        stamp = store.stamp(file) if store else None
        if stamp is not None and stamp.proves(found):
            return RawFile(file, path, "right")
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            stream.seek(0)
            while found.st_size == file.size and (chunk := stream.read(CHUNK)):
                digest.update(chunk)
    except FileNotFoundError:
        return RawFile(file, path, "missing", "missing")
    except OSError as error:
        return RawFile(file, path, "wrong", f"unreadable: {reason(error)}")
    if digest.hexdigest() == file.sha256:
        return RawFile(file, path, "right")
    return RawFile(file, path, "wrong", _problem(file, found.st_size, head, digest.hexdigest()))


def _problem(file: DataFile, size: int, head: bytes, digest: str) -> str:
    if not size:
        return "empty"
    if known := name_known(digest):
        return f"it is {known}"
    if not head.startswith(file.header):
        return f"it is {describe(head, size)}"
    if size < file.size:
        return f"cut off: {size:,} of {file.size:,} bytes"
    return "its content differs from the registered one" if size == file.size else "too long"


def _places(root: Path, dataset: Dataset, cwd: Path) -> Iterator[Place]:
    right = (root / dataset.folder / "raw").absolute()
    seen = {right}
    for folder in _candidates(root.absolute(), dataset.folder, cwd.absolute()):
        if folder in seen or not folder.is_dir():
            continue
        seen.add(folder)
        plain = [folder / entry.name for entry in dataset.files]
        files = tuple(
            path
            for path, entry in zip(plain, dataset.files, strict=True)
            if path.is_file() and _raw_file(entry, path).state == "right"
        )
        packed = any(path.with_name(path.name + ".gz").is_file() for path in plain)
        if files or packed:
            yield Place(folder, files, packed)


def _candidates(root: Path, name: str, cwd: Path) -> Iterator[Path]:
    """Yield the folders into which archives and copies are most often put by mistake."""
    for base in (
        root / name,
        root / root.name,
        root / "MNIST_data",
        root / "data",
        cwd,
        cwd / "data",
    ):
        yield base / name / "raw"
        yield base / "raw"
    yield root / name / name / name / "raw"
    yield root / "raw"
    yield from (root / name, root, root.parent / "raw", root.parent / name / "raw", cwd)


def _oddly_named(folder: Path, dataset: Dataset) -> Iterator[tuple[Path, Path]]:
    for entry in dataset.files:
        for name in odd_names(entry):
            for ending in ("", ".gz"):
                wrong = folder / (name + ending)
                if wrong.is_file():
                    yield wrong, folder / (entry.name + ending)


def _bad_packed(folder: Path, dataset: Dataset) -> Iterator[Path]:
    """Yield the .gz files that other programs would take for downloaded, and fail on."""
    for entry in dataset.files:
        path = folder / f"{entry.name}.gz"
        try:
            if path.is_file() and not _unpacks_to(path, entry):
                yield path
        except OSError:
            continue


def _cached(dataset: Dataset) -> Iterator[Path]:
    with contextlib.suppress(OSError):  # a machine without any folder for temporary files
        yield from _bad_packed(Path(tempfile.gettempdir()), dataset)


def _unpacks_to(path: Path, entry: DataFile) -> bool:
    import gzip
    import zlib

    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    if whole == entry.gz_sha256:
        return True
    digest = hashlib.sha256()
    try:
        with gzip.open(path) as stream:
            # One byte more than the file has shows one that is too long without reading it all.
            digest.update(stream.read(entry.size + 1))
    except (OSError, EOFError, zlib.error):
        return False
    return digest.hexdigest() == entry.sha256
