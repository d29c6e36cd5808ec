"""Look at the folders where a data set lies or may have been put by mistake; change nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.store import RAW, FileStatus, Store, copy_hashed, hash_file
from mnist_tool.diagnosis.invocation import Invocation
from mnist_tool.diagnosis.ptfile import PtFile, recognise
from mnist_tool.diagnosis.ptwriter import PROCESSED_NAMES
from mnist_tool.files import stands

__all__ = ["DataFacts", "Place", "gather", "may_be_opened", "odd_names", "processed_files"]

LEFTOVER_PATTERNS = ("*.part", "*.tmp", ".*.tmp", "*.crdownload", "*.download", "*.aria2")


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
    there : bool
        Whether it is a folder that exists.
    obstacle : Path or None
        What is no folder, but stands where the root or a folder above it should.
    dataset : Dataset
        What should be there.
    raw : tuple of FileStatus
        One per file, as the store has it.
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
    there: bool
    obstacle: Path | None
    dataset: Dataset
    raw: tuple[FileStatus, ...]
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
    def store(self) -> Store:
        """The folder of the data set, looked at and left as it is."""
        return Store(self.root, self.dataset, read_only=True)

    @property
    def complete(self) -> bool:
        """Whether all raw files are the registered ones."""
        return all(entry.state == "verified" for entry in self.raw)

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
    store = Store(root, dataset, read_only=True)
    near = _nearest(root)
    return DataFacts(
        root,
        origin,
        stands(root) == "folder",
        _obstacle(root),
        dataset,
        raw=tuple(store.statuses()),
        processed=processed_files(root, dataset),
        places=tuple(_places(root, dataset, cwd)),
        odd=tuple(_oddly_named(store)),
        bad_packed=tuple(_bad_packed(store.raw, dataset)),
        leftovers=tuple(sorted({p for name in LEFTOVER_PATTERNS for p in _glob(store.raw, name)})),
        cached=tuple(_cached(dataset)),
        writable=os.access(near, os.W_OK | os.X_OK),
        free=shutil.disk_usage(near).free,
        invocation=invocation,
    )


def processed_files(root: Path, dataset: Dataset) -> tuple[PtFile, ...]:
    """Recognise the two files of old torchvision, training first."""
    folder = root / dataset.folder / "processed"
    return tuple(recognise(folder / name) for name in PROCESSED_NAMES.values())


def may_be_opened(root: Path, processed: tuple[PtFile, ...]) -> bool:
    """Return whether everything that any torchvision would load from a root may be tried.

    torchvision before 0.2.2 looks for ``processed/`` in the root itself.
    """
    flat = (recognise(root / "processed" / name) for name in PROCESSED_NAMES.values())
    return all(file.kind == "missing" or file.may_be_tried for file in (*processed, *flat))


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
    stem, dimension, kind = file.name.rsplit("-", 2)
    wrong = "idx1" if dimension == "idx3" else "idx3"
    names = [f"{stem}.{dimension}-{kind}", f"{stem}-{wrong}-{kind}", f"{stem}.{wrong}-{kind}"]
    return [*names, f"{file.name}.bin", f"{file.name}.idx"]


def _nearest(path: Path) -> Path:
    path = path.absolute()
    return next((place for place in (path, *path.parents) if stands(place) == "folder"), path)


def _obstacle(root: Path) -> Path | None:
    found = next((place for place in (root, *root.parents) if stands(place) != "nothing"), root)
    return found if stands(found) in ("file", "other") else None


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return [path for path in folder.glob(pattern) if stands(path) == "file"]
    except (OSError, ValueError):  # ValueError: a name no file system takes
        return []


def _holds(path: Path, file: DataFile) -> bool:
    """Whether a file has the registered content, wherever it lies."""
    try:
        return path.stat().st_size == file.size and hash_file(path)[0] == file.sha256
    except OSError:
        return False


def _places(root: Path, dataset: Dataset, cwd: Path) -> Iterator[Place]:
    seen = {Store(root, dataset).raw.absolute()}
    for folder in _candidates(root.absolute(), dataset.folder, cwd.absolute()):
        if folder in seen or stands(folder) != "folder":
            continue
        seen.add(folder)
        plain = {folder / file.name: file for file in dataset.files}
        files = tuple(path for path, file in plain.items() if _holds(path, file))
        packed = any(stands(path.with_name(path.name + ".gz")) == "file" for path in plain)
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
        yield base / name / RAW
        yield base / RAW
    yield root / name / name / name / RAW
    yield root / RAW
    yield from (root / name, root, root.parent / RAW, root.parent / name / RAW, cwd)


def _oddly_named(store: Store) -> Iterator[tuple[Path, Path]]:
    for file in store.dataset.files:
        for name in odd_names(file):
            for ending in ("", ".gz"):
                wrong = store.raw / (name + ending)
                if stands(wrong) == "file":
                    yield wrong, store.raw / (file.name + ending)


def _bad_packed(folder: Path, dataset: Dataset) -> Iterator[Path]:
    """Yield the .gz files that other programs would take for downloaded, and fail on."""
    for entry in dataset.files:
        path = folder / f"{entry.name}.gz"
        try:
            if stands(path) == "file" and not _unpacks_to(path, entry):
                yield path
        except OSError:
            continue


def _cached(dataset: Dataset) -> Iterator[Path]:
    with contextlib.suppress(OSError):  # a machine without any folder for temporary files
        yield from _bad_packed(Path(tempfile.gettempdir()), dataset)


def _unpacks_to(path: Path, file: DataFile) -> bool:
    import gzip
    import zlib

    if hash_file(path)[0] == file.gz_sha256:
        return True
    try:
        with gzip.open(path) as stream:
            size, sha256 = copy_hashed(stream, b"", len, limit=file.size)
            return size == file.size and file.sha256 in ("", sha256)
    except (OSError, EOFError, zlib.error):
        return False
