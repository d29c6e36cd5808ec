"""Beginnings of downloads belong to one at a time; a cache that cannot be used is no failure."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from mnist_tool.dataset.attempt import Cancelled
from mnist_tool.dataset.cache import KEEP_SECONDS, cache_folder, claim, waiting_lock
from mnist_tool.errors import SourceError, StorageError
from mnist_tool.files import owner
from mnist_tool.progress import Silent

URL = "https://me:hunter2@host/x.gz?token=hunter2"


def test_what_was_left_is_taken_up() -> None:
    """With its validator, from the same address alone; a secret of the address is in no file."""
    with claim(cache_folder(), URL) as first:
        first.path.write_bytes(b"half")
        first.remember('"tag"')
    with claim(cache_folder(), URL) as second:
        assert (second.size(), second.validator()) == (4, '"tag"')
    with claim(cache_folder(), URL, "key") as other:
        assert (other.size(), other.validator()) == (0, None)
    for path in cache_folder().rglob("*"):
        assert "hunter2" not in path.name
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_content_known_by_a_name_is_taken_up_from_any_address() -> None:
    """But not its validator: that is one server's word."""
    with claim(cache_folder(), "https://one/", "key") as first:
        first.path.write_bytes(b"half")
        first.remember('"tag"')
    with claim(cache_folder(), "https://two/", "key") as second:
        assert (second.path.read_bytes(), second.validator()) == (b"half", None)


def test_two_at_once_have_a_file_each() -> None:
    """The second begins from nothing; both may go on and end in any order."""
    with claim(cache_folder(), URL, "key") as begun:
        begun.path.write_bytes(b"half")
    with claim(cache_folder(), URL, "key") as first, claim(cache_folder(), URL, "key") as second:
        assert first.path != second.path
        assert (first.size(), second.size()) == (4, 0)
        second.path.write_bytes(b"second")
        assert first.path.read_bytes() == b"half"
    with claim(cache_folder(), URL, "key") as third:
        assert third.size() > 0


def test_the_longest_beginning_of_those_who_are_gone_is_taken_over() -> None:
    """A process that lives keeps its own; what is a week old is forgotten."""
    folder = cache_folder() / "partial"
    folder.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    gone = f"{owner().partition('.')[0]}.{int(done.stdout)}"
    mine = folder / f"key.{owner()}-00000000.part"
    old = folder / "old.part"
    for path, content in (
        (mine, b"longest of all"), (folder / "key.part", b"a"), (old, b"x"),
        (folder / f"key.{gone}-00000001.part", b"longer"),
        (folder / f"key.{gone}-00000002.part", b"lo"),
    ):  # fmt: skip
        path.write_bytes(content)
    long_ago = old.stat().st_mtime - KEEP_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    with claim(cache_folder(), URL, "key") as taken:
        assert taken.path.read_bytes() == b"longer"
    assert mine.exists()
    assert not old.exists()


@pytest.mark.parametrize("named", ["file", "file/below", "x" * 300])
def test_a_cache_that_cannot_be_used_is_replaced_for_the_time(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a folder that is gone afterwards; the lock is left out."""
    Path("file").write_bytes(b"mine")
    monkeypatch.setenv("MNIST_TOOL_CACHE", named)
    cache = cache_folder()
    with waiting_lock(cache, Path("data"), Silent(), 1.0), claim(cache, URL) as partial:
        partial.path.write_bytes(b"half")
        partial.remember("tag")
        assert (partial.size(), partial.validator()) == (4, "tag")
    assert not partial.path.parent.exists()
    with claim(cache_folder(), URL) as again:
        assert again.size() == 0
    assert Path("file").read_bytes() == b"mine"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_a_home_nothing_is_kept(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above all no folder called ~ is made; the lock is left out."""
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as where nobody has that number
    for name in ("MNIST_TOOL_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    cache = cache_folder()
    with waiting_lock(cache, Path("data"), Silent(), 1.0), claim(cache, URL) as partial:
        partial.path.write_bytes(b"half")
    assert not partial.path.exists()
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("note", ["", "[]", "{", '{"url": 3}', "3", "[" * 50_000])
def test_a_note_may_be_anything(note: str) -> None:
    """Without one that makes sense nothing is continued."""
    with claim(cache_folder(), URL) as partial:
        partial.remember("tag")
        partial.note.write_text(note)
        assert partial.validator() is None


def test_what_is_used_up_is_forgotten() -> None:
    """Also twice, and also where nothing was."""
    with claim(cache_folder(), URL) as partial:
        partial.path.write_bytes(b"whole")
        partial.remember("tag")
        for _ in range(2):
            with partial.used_up():
                pass
    assert list((cache_folder() / "partial").iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [OSError(5, "Input/output error"), EOFError("it ends"), zlib.error("no block"), Cancelled("x")],
)
def test_what_cannot_be_used_is_forgotten_too(error: Exception) -> None:
    """A disk that gives back other bytes than it took is told as what it is."""
    with claim(cache_folder(), URL) as partial:
        partial.path.write_bytes(b"whole")
        expected = Cancelled if isinstance(error, Cancelled) else SourceError
        why = getattr(error, "strerror", str(error))
        with pytest.raises(expected, match=why), partial.used_up():
            raise error
        assert partial.size() == 0


def test_what_the_disk_has_no_room_for_is_kept() -> None:
    """It need not come again."""
    with claim(cache_folder(), URL) as partial:
        partial.path.write_bytes(b"whole")
        with pytest.raises(StorageError), partial.used_up():
            raise StorageError("full", hint="Free some space.")
        assert partial.size() == 5


def test_the_lock_of_a_folder_keeps_others_out_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whatever path it is called; who has waited long enough goes on beside it."""
    monkeypatch.setattr("mnist_tool.dataset.cache.QUIET_WAIT", 0.0)
    Path("data").mkdir()
    Path("link").symlink_to("data")
    told: list[str] = []

    class Told(Silent):
        def note(self, text: str) -> None:
            told.append(text)

    cache, data, link = cache_folder(), Path("data"), Path("link")
    with waiting_lock(cache, data, Told(), 0.0), waiting_lock(cache, link, Told(), 0.0):
        assert told == [
            f"waiting for another fetch into link (process {os.getpid()} on {os.uname().nodename})",
            "it takes long; fetching beside it",
        ]
    with waiting_lock(cache, data, Told(), 0.0):
        assert len(told) == 2
