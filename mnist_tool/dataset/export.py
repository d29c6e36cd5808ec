"""Write verified data in another form: for other programs, or for a place without a network."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mnist_tool import configuration
from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.arrays import read_split
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.packing import pack_gzip, pack_tar
from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.roots import check_root
from mnist_tool.dataset.store import Store, open_store
from mnist_tool.errors import SettingError
from mnist_tool.files import make_folder, replacing, stands, sweep
from mnist_tool.folders import replacing_folder
from mnist_tool.progress import Progress, Silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_tool.dataset.datafile import DataFile

__all__ = ["FORMATS", "Exported", "Format", "export"]

ELSEWHERE = "Or name another place to write to"

Arrays = tuple["NDArray[np.uint8]", "NDArray[Any]"]
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Piece:
    """What goes into one file or folder.

    Parameters
    ----------
    path : Path
        Its name.
    store : Store
        Where the data are.
    files : sequence of DataFile
        The data set's own files, where those are written.
    splits : sequence of str
        Otherwise the images and labels of these.
    limit : int or None
        So many of each split, the first ones.
    """

    path: Path
    store: Store
    files: Sequence[DataFile] = ()
    splits: Sequence[str] = ()
    limit: int | None = None

    @property
    def amount(self) -> int:
        """Bytes of its files, or else how many images it has."""
        count = self.store.dataset.count
        images = sum(len(range(count(split))[: self.limit]) for split in self.splits)
        return images + sum(file.size for file in self.files)

    def arrays(self) -> dict[str, Arrays]:
        """Read the images and labels of each split."""
        read = {split: read_split(self.store, split) for split in self.splits}
        return {
            split: (images[: self.limit], labels[: self.limit])
            for split, (images, labels) in read.items()
        }


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    path : Path
        The file or folder.
    images : int
        How many images, or labels, are in it.
    original : bool or None
        Of a .gz: whether it has the very bytes of the published one, where that is known.
    """

    path: Path
    images: int
    original: bool | None = None


@dataclass(frozen=True)
class Format:
    """A form that data can be written in; adding one is adding a row to `FORMATS`.

    Parameters
    ----------
    name : str
        The word for ``--format``.
    usual : str
        Name of what is written where none is given, with the data set's in braces.
    write : callable
        Writes one `Piece`, and tells how much of it is done.
    suffixes : tuple of str
        Ends of names that mean it.
    whole : bool
        Whether it consists of the data set's own files, which are always whole.
    each : {'', 'split', 'file'}
        What has a piece of its own; by default all is in one.
    """

    name: str
    usual: str
    write: Callable[[Piece, Advance], Exported]
    suffixes: tuple[str, ...] = ()
    whole: bool = False
    each: Literal["", "split", "file"] = ""


def export(
    target: str | os.PathLike[str] | None = None,
    *,
    root: str | os.PathLike[str] | None = None,
    dataset: str = "mnist",
    form: str | None = None,
    split: str | None = None,
    limit: int | None = None,
    force: bool = False,
    offline: bool | None = None,
    progress: Progress | None = None,
) -> list[Exported]:
    """Write verified data in another form; what is missing is fetched first.

    Parameters
    ----------
    target : path, optional
        The file or folder to write; in a folder that is there, under the usual name.
    root : path, optional
        The folder that holds ``MNIST/raw``; by default ``MNIST_TOOL_ROOT`` or ``MNIST_data``.
    dataset : str
        Name of the data set.
    form : str, optional
        One of `FORMATS`; by default what the target's name ends with, or ``"tar.gz"``.
    split : str, optional
        Which part of the data; by default all whole ones.
    limit : int, optional
        So many images of each split, the first ones.
    force : bool
        Replace what is there.
    offline : bool, optional
        As in `fetch`.
    progress : Progress, optional
        Told how far it is; silent by default.

    Returns
    -------
    list of Exported
        What was written.

    Raises
    ------
    SettingError
        If a name is unknown, or something is there already.
    DataError
        If the data cannot be had, or the disk or the folder refuses.
    DependencyError
        If a package is missing.
    """
    store, progress = open_store(root, dataset), progress or Silent()
    chosen = _format(target, form)
    splits = _splits(store.dataset, split, chosen, limit)
    pieces = _pieces(_place(target, chosen, store.dataset), chosen, store, splits, limit)
    _check_free([piece.path for piece in pieces], force=force)
    check_root(store.root, store.dataset)
    fetch(store.root, dataset=dataset, offline=offline, progress=progress)
    folder = pieces[0].path.parent
    make_folder(folder, ELSEWHERE)
    sweep(folder)
    total, unit = sum(piece.amount for piece in pieces), "B" if chosen.whole else "img"
    with progress.bar(chosen.name, total, unit) as bar:
        return [chosen.write(piece, bar.advance) for piece in pieces]


# ---- what, and where ---------------------------------------------------------------------------


def _format(target: str | os.PathLike[str] | None, form: str | None) -> Format:
    if form is not None:
        if form not in FORMATS:
            known = f"There are: {', '.join(FORMATS)}."
            hint = did_you_mean(form, FORMATS, "--format {}", known)
            raise SettingError(f"There is no format {form!r}.", hint=hint)
        return FORMATS[form]
    if target is None:
        return FORMATS["tar.gz"]
    name = os.fspath(target).lower()
    for each in FORMATS.values():
        if name.endswith(each.suffixes):
            return each
    raise SettingError(
        f"What {os.fspath(target)} is to be, its name does not say.",
        hint=f"Say it with --format: {', '.join(FORMATS)}.",
    )


def _splits(dataset: Dataset, split: str | None, form: Format, limit: int | None) -> list[str]:
    whole = [part.name for part in dataset.splits if (part.start, part.stop) == (0, None)]
    names = whole if split is None else [dataset.split(split).name]
    if limit is not None and limit < 1:
        raise SettingError(f"--limit {limit} leaves nothing.", hint="Give a number from 1 on.")
    if form.whole and (limit is not None or not set(names) <= set(whole)):
        other = ", ".join(each.name for each in FORMATS.values() if not each.whole)
        raise SettingError(
            f"A {form.name} holds whole files of {dataset.title}: fewer images under their names "
            "would pass for all.",
            hint=f"Choose another --format: {other}.",
        )
    return names


def _place(target: str | os.PathLike[str] | None, form: Format, dataset: Dataset) -> Path:
    usual = form.usual.format(name=dataset.name, folder=dataset.folder)
    if target is None:
        return Path(usual)
    path = configuration.user_path(target)
    return path / usual if stands(path) == "folder" and form.each != "file" else path


def _pieces(
    path: Path, form: Format, store: Store, splits: Sequence[str], limit: int | None
) -> list[Piece]:
    """Return what is written: one thing, a table for each split, or the files in a folder."""
    if form.whole:
        parts = {store.dataset.split(name).file for name in splits}
        files = [file for file in store.dataset.files if file.split in parts]
        if form.each == "file":
            return [Piece(path / f"{file.name}.gz", store, [file]) for file in files]
        return [Piece(path, store, files)]
    if form.each == "split" and len(splits) > 1:
        places = [path.with_name(f"{path.stem}_{split}{path.suffix}") for split in splits]
        each = zip(places, splits, strict=True)
        return [Piece(place, store, splits=[split], limit=limit) for place, split in each]
    return [Piece(path, store, splits=splits, limit=limit)]


def _check_free(places: Sequence[Path], *, force: bool) -> None:
    """Refuse to replace what is there, unless that is wanted and it is a file or a folder."""
    for place in places:
        if stands(place) == "other":
            raise SettingError(f"{place} is no file and no folder.", hint="Name another place.")
        if not force and os.path.lexists(place):
            raise SettingError(f"{place} is there already.", hint="Replace it with --force.")


# ---- writing -----------------------------------------------------------------------------------


def _write_tar(piece: Piece, advance: Advance) -> Exported:
    with replacing(piece.path) as file:
        pack_tar(piece.store, file, piece.files, advance)
    return Exported(piece.path, sum(f.shape[0] for f in piece.files if f.role == "images"))


def _write_gz(piece: Piece, advance: Advance) -> Exported:
    (own,) = piece.files
    with replacing(piece.path) as file:
        original = pack_gzip(piece.store, own, file)
    advance(own.size)
    return Exported(piece.path, own.shape[0], original if own.gz_sha256 else None)


def _write_npz(piece: Piece, advance: Advance) -> Exported:
    from mnist_tool.dataset.bytes.forms.npy import write_npz

    named: dict[str, Any] = {}
    for split, (images, labels) in piece.arrays().items():
        named |= {f"x_{split}": images, f"y_{split}": labels}
    with replacing(piece.path) as file:
        write_npz(file, named)
    advance(piece.amount)
    return Exported(piece.path, piece.amount)


def _write_mat(piece: Piece, advance: Advance) -> Exported:
    from mnist_tool.dataset.bytes.forms import matlab

    named: dict[str, Any] = {}
    for split, (images, labels) in piece.arrays().items():
        flat = images.reshape(len(images), -1)
        named |= {f"{split}X": flat, f"{split}Y": labels.reshape(1, -1)}
    with replacing(piece.path) as file:
        matlab.write(file, named)
    advance(piece.amount)
    return Exported(piece.path, piece.amount)


def _write_csv(piece: Piece, advance: Advance) -> Exported:
    from mnist_tool.dataset.bytes.forms.delimited import write_csv

    ((images, labels),) = piece.arrays().values()
    with replacing(piece.path) as file:
        write_csv(file, images, labels, advance)
    return Exported(piece.path, piece.amount)


def _write_parquet(piece: Piece, advance: Advance) -> Exported:
    from mnist_tool.dataset.bytes.forms import parquet

    ((images, labels),) = piece.arrays().values()
    with replacing(piece.path) as file:
        parquet.write(file, images, labels, piece.store.dataset.classes, advance)
    return Exported(piece.path, piece.amount)


def _write_pictures(piece: Piece, advance: Advance) -> Exported:
    """Write a folder for each class; numbers of one width sort as they count."""
    from mnist_tool.dataset.bytes.forms.pictures import encoded

    width = len(str(len(piece.store.dataset.classes) - 1))
    arrays = piece.arrays()
    with replacing_folder(piece.path) as write:
        for split, (images, labels) in arrays.items():
            digits = max(5, len(str(len(images))))
            for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
                write(f"{split}/{label:0{width}}/{number:0{digits}}.png", encoded(image))
                advance(1)
    return Exported(piece.path, piece.amount)


FORMATS = {
    each.name: each
    for each in (
        # The lecture's archive: MNIST/raw/ with the four files, to unpack into MNIST_data.
        Format("tar.gz", "{folder}.tar.gz", _write_tar, (".tar.gz", ".tgz"), whole=True),
        # What a mirror has.
        Format("gz", "{name}-gz", _write_gz, whole=True, each="file"),
        # Keras' names: x_train ...
        Format("npz", "{name}.npz", _write_npz, (".npz",)),
        # Kaggle's names: label, pixel0 ...
        Format("csv", "{name}.csv", _write_csv, (".csv",), each="split"),
        # As Hugging Face has it.
        Format("parquet", "{name}.parquet", _write_parquet, (".parquet",), each="split"),
        # For torchvision's ImageFolder: train/7/00123.png.
        Format("png", "{name}-png", _write_pictures),
        # For MATLAB: trainX, trainY ...
        Format("mat", "{name}.mat", _write_mat, (".mat",)),
    )
}
