"""A folder stands there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_tool import folders
from mnist_tool.errors import StorageError
from mnist_tool.files import sweep
from mnist_tool.folders import held, remove_folder, replacing_folder
from tests.nobody import nobody


def test_a_folder_appears_whole() -> None:
    """Folders in it are made; nothing is left beside it."""
    with replacing_folder(Path("new")) as write:
        write("a/b/c", b"1")
        write("d", b"2")
        assert not Path("new").exists()
    assert {str(p): p.read_bytes() for p in Path("new").rglob("*") if p.is_file()} == {
        "new/a/b/c": b"1",
        "new/d": b"2",
    }
    assert list(Path().iterdir()) == [Path("new")]


@pytest.mark.parametrize("before", ["nothing", "folder", "file", "link"])
def test_what_was_there_is_replaced_or_stays(before: str) -> None:
    """Replaced by a whole one; as it was where the new one is not finished."""
    path, other = Path("place"), Path("other")
    other.mkdir()
    if before == "folder":
        path.mkdir()
        (path / "old").write_bytes(b"old")
    elif before == "file":
        path.write_bytes(b"old")
    elif before == "link":
        path.symlink_to(other)
    with pytest.raises(TypeError), replacing_folder(path) as write:
        write("new", None)  # type: ignore[arg-type]
    assert (path / "old").exists() == (before == "folder")
    assert path.is_file() == (before == "file")
    assert path.is_symlink() == (before == "link")
    with replacing_folder(path) as write:
        write("new", b"new")
    assert [each.name for each in path.iterdir()] == ["new"]
    assert sorted(Path().iterdir()) == [other, path]
    assert list(other.iterdir()) == []


def test_a_refusal_while_names_are_exchanged_brings_the_old_one_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of a user's is lost."""
    Path("place").mkdir()
    Path("place/old").write_bytes(b"old")
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target == Path("place") and (self / "new").exists():
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(StorageError), replacing_folder(Path("place")) as write:
        write("new", b"new")
    assert [str(path) for path in Path().rglob("*")] == ["place", "place/old"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes there")
@pytest.mark.parametrize("mode", [0o555, 0o000])
@pytest.mark.parametrize("refusing", ["run", "run/inner"])
def test_what_does_not_let_go_stays_whole(refusing: str, mode: int, tmp_path: Path) -> None:
    """Under its own name, and the message has the folder that refuses."""
    Path("run/inner").mkdir(parents=True)
    Path("run/empty").mkdir()
    for name in ("run/a", "run/inner/b"):
        Path(name).write_bytes(b"x")
    if os.geteuid() == 0:
        tmp_path.chmod(0o755)
        for path in (Path(), Path("run"), *Path("run").rglob("*")):
            os.chown(path, 65534, -1)
    Path("run/empty").chmod(0o555)  # goes nevertheless
    Path(refusing).chmod(mode)
    with nobody(), pytest.raises(StorageError) as caught:
        remove_folder(Path("run"))
    assert f"Cannot write in {refusing}: " in caught.value.message
    Path(refusing).chmod(0o755)
    assert sorted(map(str, Path().rglob("*"))) == [
        "run", "run/a", "run/empty", "run/inner", "run/inner/b",
    ]  # fmt: skip
    with nobody():
        remove_folder(Path("run"))
    assert list(Path().iterdir()) == []


def test_what_the_disk_refuses_in_the_midst_has_its_name_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that it is seen, and can be removed when the disk is mended."""
    Path("run").mkdir()
    Path("run/a").write_bytes(b"x")

    def refuse(path: Path) -> None:
        raise OSError(5, "Input/output error", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", refuse)
        with pytest.raises(StorageError, match="in run: Input"):
            remove_folder(Path("run"))
    assert sorted(map(str, Path().rglob("*"))) == ["run", "run/a"]
    remove_folder(Path("run"))
    assert list(Path().iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be held there")
def test_a_folder_is_held_until_its_process_ends_however_it_does() -> None:
    """By one at a time; one that was killed holds nothing, and nothing is left of it."""
    with held(Path()) as first, held(Path()) as second:
        assert (first, second) == (True, False)
    code = (
        "import sys; from pathlib import Path; from mnist_tool.folders import held\n"
        "with held(Path()) as granted: print(granted, flush=True); sys.stdin.read()"
    )
    line = [sys.executable, "-c", code]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline().strip() == b"True"
        with held(Path()) as granted:
            assert not granted
        other.kill()
    with held(Path()) as granted:
        assert granted
    assert list(Path().iterdir()) == []


def test_what_nobody_can_hold_everybody_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that knows no such locks, and a folder that is gone."""
    with held(Path("nowhere")) as granted:
        assert granted
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with held(Path()) as granted:
        assert granted


def test_what_a_killed_process_left_is_swept() -> None:
    """A folder as well as a file, with all that is in it."""
    from mnist_tool.files import owner

    machine = owner().partition(".")[0]
    left = Path(f".digits.{machine}.999999999.00000000.part")
    (left / "train/7").mkdir(parents=True)
    (left / "train/7/1.png").write_bytes(b"x")
    mine = Path(f".digits.{owner()}.00000000.part")
    mine.mkdir()
    assert sweep(Path()) == [left]
    assert list(Path().iterdir()) == [mine]


def test_a_scratch_folder_goes_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is told where none can be made; what fails inside is not its business."""
    with folders.scratch() as place:
        (place / "x").write_text("x")
    assert not place.exists()
    with pytest.raises(FileNotFoundError), folders.scratch() as place:
        (place / "no" / "x").write_text("x")
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: "/nowhere")
    monkeypatch.setattr(folders.tempfile, "tempdir", "/nowhere")
    with pytest.raises(StorageError, match="/nowhere"), folders.scratch():
        pass
