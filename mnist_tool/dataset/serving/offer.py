"""What this machine offers to others: the packed files of a data set, made before it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from mnist_tool.advice import reason
from mnist_tool.dataset.datafile import Carrier, DataFile
from mnist_tool.dataset.packing import pack_gzip, pack_tar
from mnist_tool.dataset.row import Dataset
from mnist_tool.dataset.store import Store, hash_file
from mnist_tool.errors import MissingDataError, SettingError
from mnist_tool.files import replacing
from mnist_tool.progress import Progress

__all__ = ["Offer", "Offered", "prepare"]

GZIP, HTML = "application/gzip", "text/html; charset=utf-8"
BYTES = "application/octet-stream"
PAGE = "page.html"


@dataclass(frozen=True)
class Offered:
    """One file that others can have.

    Parameters
    ----------
    name : str
        The last part of its address.
    path : Path
        Where it lies here.
    size : int
        Its bytes.
    sha256 : str
        Of all its bytes.
    media_type : str
        What it is, for a browser.
    holds : DataFile or None
        The file of the data set in it, if it is just one.
    original : bool
        Whether these are the bytes that were published, whose digests others check.
    """

    name: str
    path: Path
    size: int
    sha256: str
    media_type: str = GZIP
    holds: DataFile | None = None
    original: bool = False


@dataclass(frozen=True)
class Offer:
    """All that others can have.

    Parameters
    ----------
    dataset : Dataset
        What it is.
    files : tuple of Offered
        Each of its files as a .gz, or where only that proves them what they were published in.
    archive : Offered
        All of them in one tar.gz.
    page : Offered or None
        A page besides, that somebody has made.
    """

    dataset: Dataset
    files: tuple[Offered, ...]
    archive: Offered
    page: Offered | None = None

    @property
    def everything(self) -> tuple[Offered, ...]:
        """Each thing that has an address of its own."""
        return (*self.files, self.archive, *([self.page] if self.page else []))

    @property
    def original(self) -> bool:
        """Whether all .gz are as they were published."""
        return all(each.original for each in self.files)

    @property
    def mirrors(self) -> str | None:
        """Whose `mirrors` in torchvision this machine can be; ``None`` where its MD5s differ."""
        known = self.dataset.folder in {"MNIST", "FashionMNIST", "KMNIST"}
        return self.dataset.folder if known and self.original else None


def prepare(store: Store, folder: Path, progress: Progress, page: Path | None = None) -> Offer:
    """Pack what is to be offered.

    Parameters
    ----------
    store : Store
        The folder with the data; each file is verified while it is read.
    folder : Path
        Gets the packed files; whoever gives it removes it.
    progress : Progress
        Told of each that is done.
    page : Path, optional
        An HTML page to offer besides.

    Returns
    -------
    Offer
        Ready to be served.

    Raises
    ------
    MissingDataError, CorruptDataError
        If a file is not there, or not the registered content; or if what was published is not, and
        nothing else would prove to others what they get.
    StorageError
        If the disk refuses.
    SettingError
        If the page cannot be read.
    """
    dataset = store.dataset
    besides = _besides(page) if page else None

    def pack(name: str, packer: Callable[[BinaryIO], Any], holds: DataFile | None) -> Offered:
        """Make one of them."""
        path = folder / name
        with replacing(path, durable=False) as file:
            original = bool(packer(file))
        bar.advance(1)
        return Offered(name, path, *_measured(path), GZIP, holds, original)

    with (
        progress.bar(f"packing {dataset.title}", len(dataset.files) + 1, "file") as bar,
        ThreadPoolExecutor() as pool,  # zlib and gzip let others work
    ):
        whole = pool.submit(pack, f"{dataset.folder}.tar.gz", partial(pack_tar, store), None)
        each = [
            pool.submit(pack, f"{file.name}.gz", partial(pack_gzip, store, file), file)
            for file in dataset.files
            if not file.proofs
        ]
        published = _published(store)
        files = (*(future.result() for future in each), *published)
        archive = whole.result()
    return Offer(dataset, files, archive, besides)


def _published(store: Store) -> Iterable[Offered]:
    """Return the published files that alone prove the files in them, each once."""
    found: dict[str, Offered] = {}
    for file in store.dataset.files:
        for carrier in file.proofs:
            name, path = carrier.name, store.raw / carrier.name
            if name not in found and _is(path, carrier):
                holds = None if carrier.member else file
                found[name] = Offered(name, path, *_measured(path), BYTES, holds, original=True)
            if name in found:
                break
        else:
            if file.proofs:
                raise _unproven(store, file)
    return found.values()


def _is(path: Path, carrier: Carrier) -> bool:
    try:
        return hash_file(path, carrier.algorithm)[0] == carrier.digest
    except OSError:
        return False


def _unproven(store: Store, file: DataFile) -> MissingDataError:
    name, title = file.packed, store.dataset.title
    return MissingDataError(
        f"Others know {title} by the files that were published, and {name} is not in {store.raw}.",
        hint=f"Put {name} there, from {store.dataset.card.homepage} or where it was downloaded.",
    )


def _besides(page: Path) -> Offered:
    try:
        return Offered(PAGE, page, *_measured(page), HTML)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is no path"
        raise SettingError(
            f"The page {page} cannot be read: {why}.", hint="Name an HTML file: --page FILE"
        ) from error


def _measured(path: Path) -> tuple[int, str]:
    return path.stat().st_size, hash_file(path)[0]
