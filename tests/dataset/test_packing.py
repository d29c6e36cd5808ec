"""What is packed has the bytes of old where that is possible, and the same ones everywhere."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.packing import pack_gzip, pack_tar
from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError, MissingDataError
from tests.faults import tiny

IMAGES = tiny.FILES[0]


@pytest.fixture
def full(store: Store) -> Store:
    """The tiny data set, whole."""
    tiny.laid_down(store.raw, tiny.CONTENT)
    return store


def gnu_gzip() -> bool:
    program = shutil.which("gzip")
    said = program and subprocess.run([program, "--version"], capture_output=True, check=False)
    return bool(said) and said.stdout.startswith(b"gzip")


@pytest.mark.mnist
@pytest.mark.skipif(not gnu_gzip(), reason="needs GNU gzip")
@pytest.mark.parametrize("file", MNIST.files[1:], ids=lambda file: file.name)
def test_gnu_gzip_packs_as_it_did_in_1998(mnist_root: Path, file: DataFile) -> None:
    """The digest is that of the files that torchvision and TensorFlow Datasets check."""
    out = io.BytesIO()
    assert pack_gzip(Store(mnist_root, MNIST), file, out)
    assert hashlib.sha256(out.getvalue()).hexdigest() == file.gz_sha256


def test_the_original_is_taken_from_beside_the_file(full: Store) -> None:
    """If it is the original: content is what counts."""
    path = full.raw / f"{IMAGES.name}.gz"
    path.write_bytes(tiny.PACKED[path.name])
    out = io.BytesIO()
    assert pack_gzip(full, IMAGES, out)
    assert out.getvalue() == tiny.PACKED[path.name]
    path.write_bytes(tiny.PACKED[path.name][:-1] + b"x")
    out = io.BytesIO()
    assert not pack_gzip(full, IMAGES, out)
    assert gzip.decompress(out.getvalue()) == tiny.CONTENT[IMAGES.name]


def test_without_the_original_it_is_the_same_everywhere(full: Store) -> None:
    """No name, time or system is in it."""
    out = io.BytesIO()
    assert not pack_gzip(full, IMAGES, out)
    assert gzip.decompress(out.getvalue()) == tiny.CONTENT[IMAGES.name]
    assert out.getvalue()[3:8] + out.getvalue()[9:10] == b"\0\0\0\0\0\xff"


def test_a_tar_has_the_folders_in_which_torchvision_looks(full: Store) -> None:
    """With nothing of this machine in it, so it is the same each time."""
    first, second = io.BytesIO(), io.BytesIO()
    pack_tar(full, first)
    pack_tar(full, second)
    assert first.getvalue() == second.getvalue()
    with tarfile.open(fileobj=io.BytesIO(first.getvalue())) as archive:
        members = archive.getmembers()
        content = {m.name: (archive.extractfile(m) or io.BytesIO()).read() for m in members}
    assert content == {f"Tiny/raw/{name}": each for name, each in tiny.CONTENT.items()}
    assert {(m.mtime, m.uid, m.uname, m.mode) for m in members} == {(0, 0, "", 0o644)}


def test_nothing_wrong_is_packed(full: Store) -> None:
    """A damaged file is no more given on than read."""
    (full.raw / IMAGES.name).write_bytes(b"x" * IMAGES.size)
    for pack in (lambda out: pack_gzip(full, IMAGES, out), lambda out: pack_tar(full, out)):
        with pytest.raises(CorruptDataError):
            pack(io.BytesIO())
    (full.raw / IMAGES.name).unlink()
    with pytest.raises(MissingDataError):
        pack_gzip(full, IMAGES, io.BytesIO())
