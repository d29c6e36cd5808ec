"""What `export` writes, others read, and `fetch --from` reads back."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import scipy.io

from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.dataset.export import FORMATS, export
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.errors import DependencyError, FetchError, SettingError, StorageError
from mnist_tool.progress import Silent
from tests.faults import tiny

TRAIN_X, TRAIN_Y, TEST_X, TEST_Y = (decode(tiny.CONTENT[file.name]) for file in tiny.FILES)
OUT = Path("out")
# What each format is called that is written into the folder OUT.
WRITTEN = {
    "tar.gz": ["Tiny.tar.gz"],
    "gz": [f"{file.name}.gz" for file in tiny.FILES],
    "npz": ["tiny.npz"],
    "csv": ["tiny_train.csv", "tiny_test.csv"],
    "parquet": ["tiny_train.parquet", "tiny_test.parquet"],
    "png": ["tiny-png"],
    "mat": ["tiny.mat"],
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, tiny_registered: None) -> Path:
    """A root with the tiny data set, and an empty folder."""
    OUT.mkdir()
    tiny.laid_down(tmp_path / "root" / tiny.TINY.folder / "raw", tiny.CONTENT)
    return tmp_path / "root"


def write(root: Path, target: Any = OUT, **options: Any) -> list[Path]:
    """Export the tiny data set."""
    return [each.path for each in export(target, root=root, dataset="tiny", **options)]


@pytest.mark.parametrize("form", FORMATS)
def test_fetch_reads_back_what_is_written(form: str, root: Path, tmp_path: Path) -> None:
    """All formats, under their usual names in a folder that is there."""
    written = write(root, form=form)
    assert written == [OUT / name for name in WRITTEN[form]]
    assert sorted(OUT.iterdir()) == sorted(written)
    fetch(tmp_path / "again", dataset="tiny", sources=[OUT], offline=True)
    for name, content in tiny.CONTENT.items():
        assert (tmp_path / "again" / "Tiny" / "raw" / name).read_bytes() == content


@pytest.mark.parametrize("form", ["tar.gz", "gz", "npz", "csv", "png"])
def test_the_same_data_makes_the_same_bytes(form: str, root: Path) -> None:
    """At any time, on any machine with the same zlib."""
    for place in ("a", "b"):
        Path(place).mkdir()
        write(root, Path(place), form=form)
    first, second = (
        {str(p.relative_to(place)): p.read_bytes() for p in Path(place).rglob("*") if p.is_file()}
        for place in ("a", "b")
    )
    assert first == second


def test_numpy_reads_the_archive_as_keras_does(root: Path) -> None:
    """Under Keras' names."""
    write(root, "mnist.npz")
    with np.load("mnist.npz", allow_pickle=False) as found:
        assert sorted(found) == ["x_test", "x_train", "y_test", "y_train"]
        for name, wanted in (("x_train", TRAIN_X), ("y_train", TRAIN_Y), ("x_test", TEST_X)):
            assert found[name].dtype == np.uint8
            assert np.array_equal(found[name], wanted)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pandas_reads_the_tables(form: str, root: Path) -> None:
    """A row for each image."""
    for path, images, labels in zip(
        write(root, f"x.{form}"), (TRAIN_X, TEST_X), (TRAIN_Y, TEST_Y), strict=True
    ):
        table = getattr(pandas, f"read_{form}")(path)
        assert table["label"].tolist() == labels.tolist()
        if form == "csv":
            assert list(table)[:2] == ["label", "pixel0"]
            assert np.array_equal(table.drop(columns="label"), images.reshape(len(images), -1))
        else:
            assert table["image"][0]["bytes"].startswith(b"\x89PNG")


def test_pyarrow_sees_what_hugging_face_looks_for(root: Path) -> None:
    """The metadata that say which column is a picture, and the names of the classes."""
    import json

    import pyarrow.parquet as pq

    write(root, "x.parquet", split="test")
    schema = pq.read_schema("x.parquet")
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert features["label"]["names"] == list("0123456789")


def test_scipy_reads_the_matlab_file(root: Path) -> None:
    """A row for each image, labels in one row."""
    write(root, "x.mat")
    found = scipy.io.loadmat("x.mat")
    assert np.array_equal(found["trainX"], TRAIN_X.reshape(60, 784))
    assert np.array_equal(found["testY"], TEST_Y[None])


def test_torchvision_reads_the_pictures(root: Path) -> None:
    """ImageFolder finds the classes, in their order."""
    from torchvision.datasets import ImageFolder

    write(root, "digits", form="png")
    for split, images, labels in (("train", TRAIN_X, TRAIN_Y), ("test", TEST_X, TEST_Y)):
        folder = ImageFolder(f"digits/{split}")
        assert folder.classes == [str(n) for n in sorted(set(labels.tolist()))]
        for path, target in folder.samples:
            number = int(Path(path).stem)
            assert int(folder.classes[target]) == labels[number]
            assert np.array_equal(np.asarray(folder.loader(path))[..., 0], images[number])


def test_the_archive_is_the_lectures(root: Path) -> None:
    """To be unpacked into MNIST_data."""
    write(root, "MNIST.tar.gz")
    with tarfile.open("MNIST.tar.gz") as archive:
        archive.extractall("unpacked", filter="data")
    raw = Path("unpacked/Tiny/raw")
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == tiny.CONTENT


@pytest.mark.mnist
def test_torchvision_takes_the_gz_for_its_own(mnist_root: Path) -> None:
    """It asks for the MD5 of the originals."""
    from torchvision.datasets import MNIST as THEIRS
    from torchvision.datasets.utils import check_integrity

    written = export("gz", root=mnist_root, form="gz", split="test", offline=True)
    assert all(each.original for each in written)
    md5 = dict(THEIRS.resources)
    assert [check_integrity(str(each.path), md5[each.path.name]) for each in written] == [True] * 2


def test_a_part_or_the_first_few(root: Path) -> None:
    """A split alone has the very name that was given."""
    assert write(root, "test.csv", split="test", limit=3) == [Path("test.csv")]
    assert pandas.read_csv("test.csv")["label"].tolist() == TEST_Y[:3].tolist()
    assert write(root, form="png", limit=2) == [OUT / "tiny-png"]
    assert len(list(OUT.rglob("*.png"))) == 4
    write(root, "gz", form="gz", split="train")
    assert [gzip.decompress(path.read_bytes()) for path in sorted(Path("gz").iterdir())] == [
        tiny.CONTENT[name] for name in sorted(tiny.CONTENT) if name.startswith("train")
    ]


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("x", {}, "What x is to be, its name does not say.*--format: tar.gz, gz"),
        ("x", {"form": "pqrquet"}, "no format 'pqrquet'.*parquet"),
        ("x.npz", {"limit": 0}, "--limit 0 leaves nothing"),
        ("x.npz", {"split": "tset"}, "no split 'tset'.*test"),
        ("x.tar.gz", {"limit": 5}, "would pass for all.*npz, csv"),
        ("x", {"form": "gz", "limit": 5}, "would pass for all"),
        (os.devnull, {"form": "npz", "force": True}, "is no file and no folder"),
    ],
)
def test_what_cannot_be_meant_is_told(
    target: str, options: dict[str, Any], words: str, root: Path
) -> None:
    """With what can be."""
    with pytest.raises(SettingError) as refused:
        write(root, target, **options)
    assert re.search(words, f"{refused.value.message} {refused.value.hint}")
    assert list(OUT.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_there_is_replaced_only_on_demand(form: str, root: Path) -> None:
    """And then whole."""
    written = write(root, form=form, split="test" if form == "png" else None)
    before = {path: path.read_bytes() for path in OUT.rglob("*") if path.is_file()}
    with pytest.raises(SettingError, match="is there already"):
        write(root, form=form)
    assert {path: path.read_bytes() for path in OUT.rglob("*") if path.is_file()} == before
    assert write(root, form=form, force=True) == written
    if form == "png":
        assert (OUT / "tiny-png" / "train").is_dir()


class Stops(Silent):
    """Interrupts at the first bit of progress."""

    @contextmanager
    def bar(self, label: str, total: int | None, unit: str = "B") -> Iterator[Any]:
        class Bar:
            def advance(self, amount: int) -> None:
                raise KeyboardInterrupt

        yield Bar()


@pytest.mark.parametrize("form", FORMATS)
def test_an_interruption_leaves_nothing_half_done(form: str, root: Path) -> None:
    """Neither under the right name nor under another."""
    with pytest.raises(KeyboardInterrupt):
        write(root, form=form, progress=Stops())
    complete = {"gz": 1, "npz": 1, "mat": 1}  # these were written before anything was told
    assert len(list(OUT.rglob("*"))) == complete.get(form, 0)


@pytest.mark.parametrize(("form", "package"), [("parquet", "pyarrow"), ("mat", "scipy")])
def test_without_the_package_the_command_is_told(
    form: str, package: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is written."""
    monkeypatch.setitem(sys.modules, package, None)
    if package == "scipy":
        monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(DependencyError) as missing:
        write(root, form=form)
    assert missing.value.hint == "pip install 'mnist-tool[formats]'"
    assert list(OUT.iterdir()) == []


def test_a_folder_that_cannot_be_is_told(root: Path) -> None:
    """Where a file stands on the way."""
    Path("file").write_bytes(b"x")
    with pytest.raises(StorageError, match="file"):
        write(root, "file/x.npz")


def test_wrong_data_is_not_passed_on(root: Path) -> None:
    """Everything is verified while it is read, and fetched where it can be."""
    (root / tiny.TINY.folder / "raw" / tiny.FILES[0].name).write_bytes(b"wrong")
    with pytest.raises(FetchError, match="3 of 4 files"):
        write(root, form="npz", offline=True)
    assert list(OUT.iterdir()) == []


def test_killed_at_any_moment(synthetic_root: Path) -> None:
    """The folder is not there, and the next export sweeps what is left."""
    words = ["export", "digits", "--format", "png", "--dataset", "synthetic", "--root"]
    command = [sys.executable, "-m", "mnist_tool", *words, str(synthetic_root)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not any(Path().glob(".digits.*.part/*/*/*.png")) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not Path("digits").exists()
    assert any(Path().glob(".digits.*.part"))
    export("digits", root=synthetic_root, dataset="synthetic", form="png", limit=1)
    assert sorted(path.name for path in Path().iterdir()) == ["digits", "out"]
