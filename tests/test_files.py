"""Files appear whole: each writer with a name of its own, what the dead leave behind is swept."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from mnist_tool import files
from mnist_tool.errors import StorageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def _folders_refuse(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def sync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.EBADF])
def test_a_folder_that_cannot_be_synchronised_is_no_failure(
    code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems cannot; the file has its name all the same."""
    _folders_refuse(code, monkeypatch)
    with files.replacing(folder / "name") as file:
        file.write(b"content")
    assert (folder / "name").read_bytes() == b"content"


def test_a_folder_that_fails_to_synchronise_is_a_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken disk is not a missing ability."""
    _folders_refuse(errno.EIO, monkeypatch)
    with pytest.raises(StorageError), files.replacing(folder / "name") as file:
        file.write(b"content")


def test_writers_of_one_file_do_not_meet(folder: Path) -> None:
    """Threads of one process too; the last to end gives the content."""
    with ExitStack() as first, files.replacing(folder / "name") as second:
        early = first.enter_context(files.replacing(folder / "name"))
        assert len(list(folder.iterdir())) == 2
        early.write(b"early")
        second.write(b"late")
        first.close()
        assert (folder / "name").read_bytes() == b"early"
    assert (folder / "name").read_bytes() == b"late"
    assert [path.name for path in folder.iterdir()] == ["name"]


def test_only_what_nobody_writes_any_more_is_swept(folder: Path) -> None:
    """Of the dead at once, of other machines after a day, of the living and of users never."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    machine = files.owner().partition(".")[0]
    foreign = "00000000" if machine != "00000000" else "11111111"
    names = {
        "dead": f".incoming.{machine}.{ended.pid}.0a0a0a0a.part",
        "living": f".incoming.{files.owner()}.0a0a0a0a.part",
        "foreign": f".incoming.{foreign}.{ended.pid}.0a0a0a0a.part",
        "foreign, old": f".incoming.{foreign}.{ended.pid}.0b0b0b0b.part",
        "a user's": ".incoming.part",
    }
    for name in names.values():
        (folder / name).write_bytes(b"")
    long_ago = time.time() - files.DAY - 60
    for who in ("foreign, old", "a user's"):
        os.utime(folder / names[who], (long_ago, long_ago))
    gone = {path.name for path in files.sweep(folder)}
    assert gone == {names["dead"], names["foreign, old"]}
    assert {path.name for path in folder.iterdir()} == set(names.values()) - gone


def test_what_stands_at_a_path_is_told_of_any_path(folder: Path) -> None:
    """Also where a file is in the way, or the name cannot be one."""
    (folder / "file").touch()
    assert files.stands(folder) == "folder"
    assert files.stands(folder / "file") == "file"
    for path in (folder / "none", folder / "file" / "x", folder / ("x" * 300), folder / "\0"):
        assert files.stands(path) == "nothing"


def test_a_file_moves_to_another_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, and only then it leaves the first."""

    def elsewhere(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(Path, "rename", elsewhere)
    (folder / "name").write_bytes(b"content")
    files.move(folder / "name", folder / "other")
    assert [path.name for path in folder.iterdir()] == ["other"]
    assert (folder / "other").read_bytes() == b"content"


def test_windows_waits_for_a_virus_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses a rename for as long as it looks into the file, and for no reason for ever."""
    waited: list[float] = []
    clock = iter(range(100))
    monkeypatch.setattr(files.time, "sleep", waited.append)
    monkeypatch.setattr(files.time, "monotonic", lambda: next(clock) * 0.4)
    answers = [PermissionError(13, "used elsewhere"), None, *[PermissionError(13, "no")] * 9]

    def rename() -> str:
        answer = answers.pop(0)
        if answer:
            raise answer
        return "renamed"

    monkeypatch.setattr(files.os, "name", "nt")
    assert files.retried(rename) == "renamed"
    assert waited == [0.05]
    with pytest.raises(PermissionError, match="no"):
        files.retried(rename)
    monkeypatch.setattr(files.os, "name", "posix")
    left = len(answers)
    with pytest.raises(PermissionError):
        files.retried(rename)
    assert len(answers) == left - 1


def test_no_option_is_named_unless_a_caller_knows_one(tmp_path: Path) -> None:
    """Every command writes files, and few have the same options."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageError) as caught:
        files.make_folder(tmp_path / "file" / "folder")
    assert "--" not in caught.value.hint
    with pytest.raises(StorageError) as caught, files.storing(tmp_path):
        raise OSError(28, "full")
    assert caught.value.hint == "Free some space there. Or choose another folder."
