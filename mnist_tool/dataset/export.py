"""Write verified data in another form: for other programs, or for a place without a network."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True)
class Format:
    """A form that data can be written in.

    Parameters
    ----------
    name : str
        The word for ``--format``.
    about : str
        What it is, and who reads it.
    usual : str
        Name of what is written where none is given, with the data set's in braces.
    suffixes : tuple of str
        Ends of names that mean it.
    whole : bool
        Whether it consists of the data set's own files, which are always whole.
    """

    name: str
    about: str
    usual: str
    suffixes: tuple[str, ...] = ()
    whole: bool = False


FORMATS = {
    each.name: each
    for each in (
        Format(
            "tar.gz",
            "the lecture's archive: MNIST/raw/ with the four files; unpack it into MNIST_data",
            "{folder}.tar.gz",
            (".tar.gz", ".tgz"),
            whole=True,
        ),
        Format("gz", "a folder with the four .gz of a mirror", "{name}-gz", whole=True),
        Format(
            "npz",
            "NumPy's archive, with Keras' names: x_train ...",
            "{name}.npz",
            (".npz",),
        ),
        Format("csv", "a table for each split: label, pixel0, pixel1 ...", "{name}.csv", (".csv",)),
        Format(
            "parquet",
            "a table for each split as Hugging Face has it: PNG and label; needs pyarrow",
            "{name}.parquet",
            (".parquet",),
        ),
        Format("png", "folders of pictures for ImageFolder: train/7/00123.png", "{name}-png"),
        Format("mat", "MATLAB's file: trainX, trainY ...; needs scipy", "{name}.mat", (".mat",)),
    )
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
    path = _place(target, chosen, store.dataset)
    places = _places(path, chosen, store.dataset, splits)
    _check_free(places, force=force)
    check_root(store.root, store.dataset)
    fetch(store.root, dataset=dataset, offline=offline, progress=progress)
    make_folder(path if chosen.name == "gz" else path.parent, ELSEWHERE)
    sweep(path if chosen.name == "gz" else path.parent)
    if chosen.whole:
        return _write_files(store, chosen, places, splits, progress)
    arrays = {name: _first(read_split(store, name), limit) for name in splits}
    return _write_arrays(store.dataset, chosen, places, arrays, progress)


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
    return path / usual if stands(path) == "folder" and form.name != "gz" else path


def _places(path: Path, form: Format, dataset: Dataset, splits: Sequence[str]) -> list[Path]:
    """Return what is written: one thing, a table for each split, or the files in a folder."""
    if form.name == "gz":
        return [path / f"{file.name}.gz" for file in _files(dataset, splits)]
    if form.name not in {"csv", "parquet"} or len(splits) == 1:
        return [path]
    return [path.with_name(f"{path.stem}_{split}{path.suffix}") for split in splits]


def _check_free(places: Sequence[Path], *, force: bool) -> None:
    """Refuse to replace what is there, unless that is wanted and it is a file or a folder."""
    for place in places:
        if stands(place) == "other":
            raise SettingError(f"{place} is no file and no folder.", hint="Name another place.")
        if not force and os.path.lexists(place):
            raise SettingError(f"{place} is there already.", hint="Replace it with --force.")


def _files(dataset: Dataset, splits: Sequence[str]) -> list[DataFile]:
    parts = [dataset.split(name).file for name in splits]
    return [file for file in dataset.files if file.split in parts]


# ---- writing -----------------------------------------------------------------------------------

Arrays = tuple["NDArray[np.uint8]", "NDArray[Any]"]


def _first(arrays: Arrays, limit: int | None) -> Arrays:
    images, labels = arrays
    return images[:limit], labels[:limit]


def _write_files(
    store: Store,
    form: Format,
    places: Sequence[Path],
    splits: Sequence[str],
    progress: Progress,
) -> list[Exported]:
    """Write the data set's own files, packed."""
    files = _files(store.dataset, splits)
    written = []
    with progress.bar(form.name, sum(file.size for file in files)) as bar:
        if form.name == "tar.gz":
            with replacing(places[0]) as target:
                pack_tar(store, target, files, bar.advance)
            return [Exported(places[0], sum(f.shape[0] for f in files if f.role == "images"))]
        for place, file in zip(places, files, strict=True):
            with replacing(place) as target:
                original = pack_gzip(store, file, target)
            bar.advance(file.size)
            known = original if file.gz_sha256 else None
            written.append(Exported(place, file.shape[0], known))
    return written


def _write_arrays(
    dataset: Dataset,
    form: Format,
    places: Sequence[Path],
    arrays: Mapping[str, Arrays],
    progress: Progress,
) -> list[Exported]:
    """Write images and labels."""
    total = sum(len(labels) for _, labels in arrays.values())
    with progress.bar(form.name, total, "img") as bar:
        if form.name == "png":
            _write_pictures(places[0], dataset, arrays, bar.advance)
        elif form.name in {"csv", "parquet"}:
            tables = zip(places, arrays.values(), strict=True)
            return [_write_table(place, form, dataset, one, bar.advance) for place, one in tables]
        else:
            _write_archive(places[0], form, arrays)
            bar.advance(total)
    return [Exported(places[0], total)]


def _write_table(
    place: Path, form: Format, dataset: Dataset, arrays: Arrays, advance: Callable[[int], None]
) -> Exported:
    from mnist_tool.dataset.bytes.forms import delimited, parquet

    with replacing(place) as file:
        if form.name == "csv":
            delimited.write_csv(file, *arrays, advance)
        else:
            parquet.write(file, *arrays, dataset.classes, advance)
    return Exported(place, len(arrays[0]))


def _write_archive(place: Path, form: Format, arrays: Mapping[str, Arrays]) -> None:
    from mnist_tool.dataset.bytes.forms import matlab, npy

    named: dict[str, Any] = {}
    for split, (images, labels) in arrays.items():
        if form.name == "npz":
            named |= {f"x_{split}": images, f"y_{split}": labels}
        else:
            flat = images.reshape(len(images), -1)
            named |= {f"{split}X": flat, f"{split}Y": labels.reshape(1, -1)}
    with replacing(place) as file:
        (npy.write_npz if form.name == "npz" else matlab.write)(file, named)


def _write_pictures(
    place: Path,
    dataset: Dataset,
    arrays: Mapping[str, Arrays],
    advance: Callable[[int], None],
) -> None:
    """Write a folder for each class; numbers of one width sort as they count."""
    from mnist_tool.dataset.bytes.forms.pictures import encoded

    width = len(str(len(dataset.classes) - 1))
    with replacing_folder(place) as write:
        for split, (images, labels) in arrays.items():
            digits = max(5, len(str(len(images))))
            for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
                write(f"{split}/{label:0{width}}/{number:0{digits}}.png", encoded(image))
                advance(1)
