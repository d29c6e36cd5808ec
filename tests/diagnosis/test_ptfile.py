"""The files of old torchvision: recognised from their bytes, never run, written without torch."""

from __future__ import annotations

import io
import os
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.registry import DATASETS, MNIST
from mnist_tool.dataset.store import Store
from mnist_tool.diagnosis.ptfile import recognise
from mnist_tool.diagnosis.ptwriter import legacy_chunks, write_processed
from mnist_tool.errors import CorruptDataError, MissingDataError

PAIR = (torch.zeros(2, 28, 28, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64))


class Hostile:
    """An object whose loading would run a command."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("echo harm",)


def saved(path: Path, content: Any, *, new: bool) -> Path:
    """A file of torch.save in one of its two formats."""
    torch.save(content, path, _use_new_zipfile_serialization=new)
    return path


@pytest.mark.parametrize(("new", "kind"), [(True, "zip"), (False, "legacy")])
def test_the_two_formats_of_torch_save_are_told_apart(tmp_path: Path, new: bool, kind: str) -> None:
    """What torch itself writes is recognised, and may be tried."""
    found = recognise(saved(tmp_path / "training.pt", PAIR, new=new))

    assert (found.kind, found.complete, found.may_be_tried) == (kind, True, True)
    assert found.version == (3 if new else None)


@pytest.mark.parametrize("new", [True, False])
def test_a_file_that_would_run_something_is_not_tried(tmp_path: Path, new: bool) -> None:
    """The names in its pickle are found without running it."""
    found = recognise(saved(tmp_path / "training.pt", (*PAIR, Hostile()), new=new))

    assert not found.may_be_tried
    assert "system" in found.refusal


@pytest.mark.parametrize("protocol", range(6))
def test_a_hostile_pickle_of_any_protocol_is_not_tried(tmp_path: Path, protocol: int) -> None:
    """Also where it is no file of torch.save at all."""
    path = tmp_path / "training.pt"
    path.write_bytes(pickle.dumps(Hostile(), protocol=protocol))
    found = recognise(path)

    assert found.kind != "legacy"
    assert not found.may_be_tried


def test_an_archive_with_two_members_of_one_name_is_not_tried(tmp_path: Path) -> None:
    """Readers may take different ones, so what was examined is not what would be loaded."""
    path = saved(tmp_path / "training.pt", PAIR, new=True)
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("data.pkl"))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, pickle.dumps(1, protocol=2))

    assert not recognise(path).may_be_tried


def test_a_tar_that_begins_like_another_format_is_a_tar(tmp_path: Path) -> None:
    """Old torch tries tar first, so a member's name must not hide it."""
    path = tmp_path / "training.pt"
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("pickle")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))

    assert (recognise(path).kind, recognise(path).may_be_tried) == ("tar", False)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><title>403</title></html>", "html"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "lfs"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04 and then nothing", "broken-zip"),
    ],
)
def test_what_is_no_data_is_called_by_its_name(tmp_path: Path, content: bytes, kind: str) -> None:
    """Web pages, pointers and stumps under the name of a data file."""
    path = tmp_path / "training.pt"
    path.write_bytes(content)

    assert recognise(path).kind == kind
    assert recognise(tmp_path / "other.pt").kind == "missing"


@pytest.mark.parametrize("new", [True, False])
def test_a_file_cut_anywhere_is_survived(tmp_path: Path, new: bool) -> None:
    """Every prefix gets an answer and none raises."""
    whole = saved(tmp_path / "training.pt", PAIR, new=new).read_bytes()
    path = tmp_path / "cut.pt"
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        assert recognise(path).size == size


@given(content=st.binary(max_size=400))
def test_any_bytes_get_an_answer(tmp_path_factory: Any, content: bytes) -> None:
    """Recognising never raises."""
    path = tmp_path_factory.mktemp("any") / "training.pt"
    path.write_bytes(content)

    assert recognise(path).size == len(content)


@given(count=st.integers(0, 5), rows=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_torch_reads_what_is_written_without_it(count: int, rows: int, seed: int) -> None:
    """The newest torch, with weights_only, is the witness; tests/legacy asks the old ones."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 256, (count, rows, 3), dtype=np.uint8)
    labels = draw.integers(0, 256, count, dtype=np.uint8)
    file = io.BytesIO(b"".join(legacy_chunks(pixels.tobytes(), pixels.shape, labels.tobytes())))
    images, targets = torch.load(file, weights_only=True)

    assert (images.dtype, targets.dtype) == (torch.uint8, torch.int64)
    assert torch.equal(images, torch.from_numpy(pixels))
    assert torch.equal(targets, torch.from_numpy(labels).long())


def test_processed_files_hold_what_the_raw_files_hold(synthetic_root: Path, tmp_path: Path) -> None:
    """Both splits, read back by torch, are the raw files."""
    store = Store(synthetic_root, DATASETS["synthetic"])
    for path, split in zip(
        write_processed(store, tmp_path / "processed"), ("train", "test"), strict=True
    ):
        images, labels = torch.load(path, weights_only=True)
        file = store.dataset.file(split, "images")
        assert images.numpy().tobytes() == store.path(file).read_bytes()[len(file.header) :]
        assert labels.shape == file.shape[:1]
        assert recognise(path).kind == "legacy"


def test_nothing_is_written_from_wrong_raw_files(tmp_path: Path) -> None:
    """Missing and altered raw files are refused, and no file appears."""
    store = Store(tmp_path, MNIST)
    with pytest.raises(MissingDataError):
        write_processed(store, tmp_path / "processed")
    store.raw.mkdir(parents=True)
    store.path(MNIST.files[0]).write_bytes(b"something else")
    with pytest.raises(CorruptDataError):
        write_processed(store, tmp_path / "processed")

    assert not list((tmp_path).glob("processed/*"))
