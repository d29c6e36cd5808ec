"""A disk that refuses: full, read-only, broken; at each step of writing."""

from __future__ import annotations

import errno
import io
import os
import stat
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mnist_tool import fetch as fetch_function
from mnist_tool import folders
from mnist_tool.dataset.arrays import read
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.store import Store
from mnist_tool.errors import StorageError
from tests.faults import tiny
from tests.faults.conftest import Run, Serve, outcomes
from tests.faults.rows import good
from tests.faults.server import Request, Server, Wire, answer

pytestmark = pytest.mark.usefixtures("mirror")


def test_a_full_disk_stops_the_walk(
    small_disk: Path, serve: Serve, fetch: Run, mirror: Server
) -> None:
    """Full is full: the folder is named, no other source is asked, nothing is left."""
    second = serve(good)
    tiny.register(("good", "files", mirror.url), ("second", "files", second.url))
    done = fetch("--json", where=small_disk / "data")
    assert done.exit_code == 3
    assert done.json["errors"][0]["code"] == "storage"
    assert str(small_disk) in done.json["errors"][0]["message"]
    assert "Free some space" in done.json["errors"][0]["hint"]
    assert outcomes(done)["good"] >= {"storage"}
    assert second.requests == []
    assert tiny.bad_things(small_disk / "data") == []


def test_what_has_arrived_does_not_come_again_once_there_is_room(
    small_disk: Path, fetch: Run, mirror: Server
) -> None:
    """A whole body that found none waits in the cache, for whichever folder is chosen next."""
    done = fetch("--json", where=small_disk / "data")
    [refused] = [a["what"] for a in done.json["data"]["attempts"] if a["outcome"] == "storage"]
    assert fetch().exit_code == 0
    assert [request.name for request in mirror.requests].count(refused) == 1


def test_a_leftover_that_the_disk_refuses_is_on_record(
    small_disk: Path, fetch: Run, mirror: Server
) -> None:
    """A .gz beside the raw file that cannot be unpacked for lack of room was an attempt too."""
    name = "t10k-images-idx3-ubyte.gz"
    raw = tiny.laid_down(small_disk / "data" / "Tiny" / "raw", {name: tiny.PACKED[name]})
    (small_disk / "filler").write_bytes(bytes(24 << 10))
    done = fetch("--json", where=small_disk / "data")
    assert done.exit_code == 3
    assert done.json["errors"][0]["code"] == "storage"
    attempts = done.json["data"]["attempts"]
    assert [(a["source"], a["location"], a["outcome"]) for a in attempts] == [
        ("local", str(raw / name), "storage")
    ]
    assert mirror.requests == []
    assert (raw / name).read_bytes() == tiny.PACKED[name]


def test_a_source_at_work_is_not_to_blame_for_a_full_disk(
    small_disk: Path, serve: Serve, fetch: Run
) -> None:
    """Nor was another one faster: the whole fetch ended."""

    def stuck(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", length=10_000))
        wire.stall()

    tiny.register(("stuck", "files", serve(stuck).url), ("good", "files", serve(good).url))
    done = fetch("--json", "--patience", "0.3", where=small_disk / "data")
    assert done.exit_code == 3
    found = outcomes(done)
    assert found["stuck"] == {"interrupted"}
    assert "storage" in found["good"]


def test_a_full_cache_names_its_own_variable(
    small_disk: Path, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where broken-off downloads lie is another disk, perhaps, and another setting."""
    monkeypatch.setenv("MNIST_TOOL_CACHE", str(small_disk))
    (small_disk / "filler").write_bytes(bytes(36 << 10))
    done = fetch("--json")
    assert done.exit_code == 3
    assert "MNIST_TOOL_CACHE" in done.json["errors"][0]["hint"]


def test_a_full_folder_for_temporary_files_is_named(
    small_disk: Path, fetch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip has to be laid down there before it is read."""
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    (small_disk / "filler").write_bytes(bytes(36 << 10))
    archive = tmp_path / "x.zip"
    archive.write_bytes(tiny.zipped(tiny.CONTENT))
    done = fetch("--json", "--from", str(archive))
    assert done.exit_code == 3
    assert done.json["errors"][0]["code"] == "storage"
    assert str(small_disk) in done.json["errors"][0]["message"]
    assert "TMPDIR" in done.json["errors"][0]["hint"]


def test_a_disk_that_refuses_the_last_of_a_zip_is_named(
    fetch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was still in memory, too: it is no fault of standard output."""

    class Refusing(io.FileIO):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(
        tempfile, "TemporaryFile", lambda: io.BufferedRandom(Refusing(tmp_path / "copy", "w+"))
    )
    (tmp_path / "x.zip").write_bytes(tiny.zipped({"short": b""}))
    done = fetch("--json", "--from", str(tmp_path / "x.zip"))
    assert done.exit_code == 3
    assert "TMPDIR" in done.json["errors"][0]["hint"]


@pytest.mark.parametrize("need", ["zip", "cache"])
def test_no_folder_for_temporary_files_at_all(
    need: str, fetch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python finds none on a full disk; that is told as what it is."""

    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(folders, "tempfile", SimpleNamespace(gettempdir=none))
    words = []
    if need == "zip":
        (tmp_path / "x.zip").write_bytes(tiny.zipped(tiny.CONTENT))
        words = ["--from", str(tmp_path / "x.zip")]
    else:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("MNIST_TOOL_CACHE", str(tmp_path / "file" / "cache"))
    done = fetch("--json", *words)
    assert done.exit_code == 3
    assert done.json["errors"][0]["code"] == "storage"
    assert "No usable temporary directory" in done.json["errors"][0]["message"]
    assert "TMPDIR" in done.json["errors"][0]["hint"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["write", "fsync", "replace", "open"])
def test_each_write_may_fail(
    code: int, call: str, mirror: Server, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step the disk refuses, it is a StorageError with the path, and clean."""
    import mnist_tool.dataset.store as store
    import mnist_tool.files as files

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    if call == "write":
        real = store.copy_hashed
        monkeypatch.setattr(
            store, "copy_hashed", lambda s, h, t, limit: (real(s, h, t, limit=99), refuse())
        )
    elif call == "fsync":
        monkeypatch.setattr(files.os, "fsync", refuse)
    elif call == "replace":
        monkeypatch.setattr(files.Path, "replace", refuse)
    else:
        real_open = os.open

        def open_elsewhere(path: Any, *rest: Any, **more: Any) -> int:
            return refuse() if str(root) in str(path) else real_open(path, *rest, **more)

        monkeypatch.setattr(files.os, "open", open_elsewhere)
    with pytest.raises(StorageError, match="data root") as caught:
        fetch_function(root, dataset="tiny", clocks=tiny.CLOCKS)
    monkeypatch.undo()
    assert os.strerror(code) in caught.value.message
    assert tiny.bad_things(root) == []
    assert len(mirror.requests) == 1


def test_the_disk_has_a_file_before_its_name_does(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data is synchronised, then renamed, then the folder is synchronised."""
    import mnist_tool.files as files

    done: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        done.append("rename")
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    root.mkdir()
    with files.replacing(root / "name") as file:
        file.write(b"content")
    assert done == ["file", "rename", "folder"]


class _Giving(io.FileIO):
    """A file of a network's disk: at most a thousand bytes at once."""

    def readinto(self, buffer: Any) -> int:
        return super().readinto(memoryview(buffer)[:1000])


def test_a_disk_that_gives_little_at_once_is_read_to_the_end(
    synthetic_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One read may return less than was asked for; that is no damage."""
    store = Store(synthetic_root, DATASETS["synthetic"])
    whole = [read(store, file) for file in store.dataset.files]

    def slowly(path: Path, mode: str, buffering: int = -1) -> io.FileIO | io.BufferedReader:
        raw = _Giving(path, mode)
        return io.BufferedReader(raw) if buffering else raw

    monkeypatch.setattr(Path, "open", slowly)
    for file, values in zip(store.dataset.files, whole, strict=True):
        assert np.array_equal(read(store, file), values)
