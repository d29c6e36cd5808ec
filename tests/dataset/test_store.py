"""What lies on the disk: only verified files get there, nothing of the user's gets lost."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.kinds import HEAD
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.record import Origin, Stamp
from mnist_tool.dataset.store import SET_ASIDE, Store, hash_file
from mnist_tool.errors import FormatError, StorageError
from tests.faults import tiny

FILE = tiny.TINY.file("test", "labels")
CONTENT = tiny.CONTENT[FILE.name]
ORIGIN = Origin("m", "https://host/", "x.gz")
same_folder = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lay_down(store: Store, content: bytes = CONTENT, *, old: bool = True) -> Path:
    """Lay the file down as somebody else would, long ago."""
    path = store.path(FILE)
    path.write_bytes(content)
    if old:
        os.utime(path, ns=(10**18, 10**18))
    return path


def everything(folder: Path) -> dict[str, Any]:
    """Return what is in a folder, byte by byte."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@given(st.integers(0, 3).flatmap(lambda n: st.binary(min_size=n * HEAD // 2, max_size=n * HEAD)))
@same_folder
def test_the_hash_is_that_of_all_the_bytes(tmp_path: Path, content: bytes) -> None:
    """Of any size, with its first bytes."""
    path = tmp_path / "x"
    path.write_bytes(content)
    assert hash_file(path) == (hashlib.sha256(content).hexdigest(), content[:HEAD])


def test_every_state_of_a_file(store: Store) -> None:
    """By the word of sha256sum; a problem is told, not raised."""
    assert (store.status(FILE).state, store.status(FILE).sha256) == ("missing", None)
    path = lay_down(store)
    summed = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert store.status(FILE).sha256 == summed.split()[0] == FILE.sha256
    lay_down(store, CONTENT[:-1] + b"!", old=False)
    assert store.status(FILE).state == "wrong"
    path.unlink()
    path.mkdir()
    assert store.status(FILE).problem == "it is not a file"


def test_an_old_stamp_spares_the_hash_until_anything_changes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another size, time or inode, or a stamp taken for another content, is hashed again."""
    path = lay_down(store)
    assert store.status(FILE).state == "verified"
    hashed: list[Path] = []
    monkeypatch.setattr(
        "mnist_tool.dataset.store.hash_file", lambda p: (hashed.append(p), hash_file(p))[1]
    )
    assert store.status(FILE).state == "verified"
    assert hashed == []
    store.status(FILE, full=True)
    os.utime(path, ns=(10**18 + 1, 10**18 + 1))
    store.status(FILE)
    path.write_bytes(CONTENT[:-1])
    os.utime(path, ns=(10**18 + 1, 10**18 + 1))
    assert store.status(FILE).state == "wrong"
    assert len(hashed) == 3


def test_a_read_only_store_writes_nothing(store: Store) -> None:
    """Not even what it has verified."""
    lay_down(store)
    before = everything(store.root)
    reader = Store(store.root, tiny.TINY, read_only=True)
    assert [status.state for status in reader.statuses(full=True)].count("verified") == 1
    reader.record.note(FILE, Stamp.of(store.path(FILE).stat(), 1), FILE.sha256, ORIGIN)
    assert everything(store.root) == before


# ---- writing -------------------------------------------------------------------------------------


def put(store: Store, content: bytes, *wanted: DataFile, **more: Any) -> DataFile | None:
    """Offer bytes to a store."""
    return store.put(io.BytesIO(content), wanted or tiny.FILES, ORIGIN, **more)


@pytest.mark.parametrize("name", tiny.CONTENT)
def test_what_is_wanted_is_stored_under_its_own_name(store: Store, name: str) -> None:
    """Whatever it was called; with its origin, and without a temporary file."""
    file = put(store, tiny.CONTENT[name])
    assert file is not None
    assert everything(store.raw) == {name: tiny.CONTENT[name]}
    assert store.record.origin(file) == ORIGIN
    assert store.status(file).state == "verified"


@given(st.integers(len(FILE.header), len(CONTENT) - 1), st.binary(max_size=3))
@same_folder
def test_what_only_begins_right_is_refused(store: Store, cut: int, more: bytes) -> None:
    """One byte less, more, or another: nothing is stored, and what stands there stays."""
    content = CONTENT[:cut] + more
    if content == CONTENT:
        return
    lay_down(store, b"mine")
    with pytest.raises(FormatError, match=f"it looks like {FILE.name}, but"):
        put(store, content)
    assert everything(store.raw) == {FILE.name: b"mine"}


def test_more_than_can_be_right_is_not_read(store: Store) -> None:
    """An endless stream ends one byte after the file's size."""
    stream = io.BytesIO(CONTENT + bytes(10_000))
    with pytest.raises(FormatError, match=f"it has {len(CONTENT) + 1} bytes"):
        store.put(stream, tiny.FILES, ORIGIN)
    assert stream.tell() == len(CONTENT) + 1


def test_strangers_are_none_of_it_unless_their_name_is_asked_for(
    store: Store, tiny_registered: None
) -> None:
    """What nobody wants is passed by; a registered file is called by its name then."""
    images = tiny.TINY.file("test", "images")
    own, other = CONTENT, tiny.OTHER_CONTENT[FILE.name]
    for content in (b"", b"\0\0\x08\x01", own, other):
        assert put(store, content, images) is None
    for content, words in ((own, "of Tiny, which is there already"), (other, "of Other")):
        with pytest.raises(FormatError, match=f"(?m)it is {FILE.name} {words}$"):
            put(store, content, images, name_strangers=True)
    assert everything(store.raw) == {}


@pytest.mark.parametrize("kind", ["folder", "other", "noise", "link"])
def test_what_stood_there_is_set_aside_if_it_may_be_worth_something(
    store: Store, tiny_registered: None, kind: str
) -> None:
    """A folder and a good file of another data set; damage and links are replaced."""
    path, elsewhere = store.path(FILE), store.root / "elsewhere"
    if kind == "folder":
        tiny.laid_down(path, {"mine": b"x"})
    elif kind == "link":
        elsewhere.write_bytes(tiny.OTHER_CONTENT[FILE.name])
        path.symlink_to(elsewhere)
    else:
        path.write_bytes(tiny.OTHER_CONTENT[FILE.name] if kind == "other" else b"noise")
    assert put(store, CONTENT) == FILE
    assert path.read_bytes() == CONTENT
    assert not path.is_symlink()
    aside = everything(store.folder / SET_ASIDE) if (store.folder / SET_ASIDE).exists() else {}
    assert aside == {
        "folder": {f"{FILE.name}-1": None, f"{FILE.name}-1/mine": b"x"},
        "other": {f"{FILE.name}-1": tiny.OTHER_CONTENT[FILE.name]},
    }.get(kind, {})
    assert kind != "link" or elsewhere.read_bytes() == tiny.OTHER_CONTENT[FILE.name]


@pytest.mark.parametrize("there", ["file", "folder", "dangling link"])
def test_set_aside_overwrites_nothing(store: Store, there: str) -> None:
    """Whatever has the next number already keeps it."""
    first = store.folder / SET_ASIDE / f"{FILE.name}-1"
    first.parent.mkdir()
    if there == "file":
        first.write_bytes(b"first")
    elif there == "folder":
        first.mkdir()
    else:
        first.symlink_to("nowhere")
    before = os.lstat(first)
    moved = [store.set_aside(lay_down(store, bytes([n]))) for n in range(2)]
    assert os.lstat(first).st_ino == before.st_ino
    assert [path.name for path in moved] == [f"{FILE.name}-2", f"{FILE.name}-3"]
    assert [path.read_bytes() for path in moved] == [b"\0", b"\1"]


def test_a_file_in_the_place_of_the_folder_for_such_things_is_told(store: Store) -> None:
    """As a refusal of the disk; both stay."""
    (store.folder / SET_ASIDE).write_bytes(b"mine")
    store.path(FILE).mkdir()
    with pytest.raises(StorageError):
        put(store, CONTENT)
    assert everything(store.folder) == {SET_ASIDE: b"mine", "raw": None, f"raw/{FILE.name}": None}
