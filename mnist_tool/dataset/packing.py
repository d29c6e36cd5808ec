"""Pack verified files: each as a .gz, in its original bytes where they can be had, or all in a tar.

What is packed here is the same on every machine: no times, names or owners of this one go in.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from mnist_tool.dataset.arrays import read_bytes
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.store import RAW, Store

__all__ = ["pack_gzip", "pack_tar"]

LEVEL = 6
PLAIN_HEADER = 10  # bytes of a gzip header without a name
GZIP_LIMIT = 120.0  # seconds


def pack_gzip(store: Store, file: DataFile, out: BinaryIO) -> bool:
    """Write the .gz of a verified file.

    Parameters
    ----------
    store : Store
        The folder it is in.
    file : DataFile
        A file of its data set.
    out : binary stream
        Gets the bytes.

    Returns
    -------
    bool
        Whether they are the original ones, whose digests others check. They are where they lie
        beside the file, or where GNU gzip is installed, which still packs as it did then.

    Raises
    ------
    MissingDataError, CorruptDataError
        If the file is not there, or not the registered content.
    """
    content = read_bytes(store, file)
    for original in (_beside, _as_gnu_does):
        packed = original(store, file)
        if packed is not None and hashlib.sha256(packed).hexdigest() == file.gz_sha256:
            out.write(packed)
            return True
    with gzip.GzipFile("", "wb", LEVEL, out, mtime=0) as stream:
        stream.write(content)
    return False


def _beside(store: Store, file: DataFile) -> bytes | None:
    """Return what lies beside the file as its .gz, if it has the right size."""
    path = store.raw / f"{file.name}.gz"
    try:
        return path.read_bytes() if path.stat().st_size == file.gz_size else None
    except OSError:
        return None


def _as_gnu_does(store: Store, file: DataFile) -> bytes | None:
    """Return what GNU gzip makes of the file, with the header of the original."""
    program = shutil.which("gzip")
    # Nothing of the user's folder is run.
    if not file.gz_time or program is None or not Path(program).is_absolute():
        return None
    seconds = datetime.fromisoformat(file.gz_time).replace(tzinfo=timezone.utc).timestamp()
    name = file.name.replace("-idx", ".idx").encode()  # as it was called then
    header = b"\x1f\x8b\x08\x08" + int(seconds).to_bytes(4, "little") + b"\0\x03" + name + b"\0"
    try:
        with store.path(file).open("rb") as stream:
            made = subprocess.run(
                [program, f"-{LEVEL}", "-n", "-c"],
                stdin=stream,
                capture_output=True,
                timeout=GZIP_LIMIT,
                check=True,
                env={key: value for key, value in os.environ.items() if key != "GZIP"},
            ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return header + made[PLAIN_HEADER:]


def pack_tar(
    store: Store,
    out: BinaryIO,
    files: Iterable[DataFile] | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Write a tar.gz with files of a data set, in the folders in which torchvision looks.

    Parameters
    ----------
    store : Store
        The folder they are in.
    out : binary stream
        Gets the bytes.
    files : iterable of DataFile, optional
        Which of them; by default all.
    advance : callable
        Told of so many bytes that are packed.

    Raises
    ------
    MissingDataError, CorruptDataError
        If a file is not there, or not the registered content.
    """
    with (
        gzip.GzipFile("", "wb", LEVEL, out, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for file in store.dataset.files if files is None else files:
            member = tarfile.TarInfo(f"{store.dataset.folder}/{RAW}/{file.name}")
            member.size = file.size
            archive.addfile(member, io.BytesIO(read_bytes(store, file)))
            advance(file.size)
