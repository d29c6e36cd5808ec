"""What stands on the disk, what a disk refuses, and what people bring by hand."""

from __future__ import annotations

import errno
import gzip
import io
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_tool import fetch as fetch_function
from mnist_tool.errors import StorageError
from tests.faults import tiny
from tests.faults.rows import good
from tests.faults.server import Server

Serve = Callable[..., Server]
Run = Callable[..., Any]
LABELS = "t10k-labels-idx1-ubyte"


@pytest.fixture
def mirror(serve: Serve) -> Server:
    """A healthy mirror, registered as the only source."""
    server = serve(good)
    tiny.register(("good", "files", server.url))
    return server


@pytest.fixture
def fetch(mirror: Server, run_tool: Run, root: Path) -> Run:
    """Run ``fetch`` on the tiny data set."""

    def run(*words: str, where: Path = root) -> Any:
        options = ["--dataset", "tiny", "--root", str(where), *tiny.OPTIONS]
        return run_tool("fetch", *options, *words)

    return run


@pytest.fixture
def raw(fetch: Run, root: Path, mirror: Server) -> Path:
    """A complete raw folder; the mirror's record is empty."""
    assert fetch().exit_code == 0
    mirror.requests.clear()
    return root / "Tiny" / "raw"


# ---- healing -------------------------------------------------------------------------------------

DAMAGES: dict[str, Callable[[Path], object]] = {
    "0 bytes": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "one bit": lambda path: path.write_bytes(b"\1" + path.read_bytes()[1:]),
    "a folder": lambda path: (path.unlink(), path.mkdir(), (path / "mine").write_text("x")),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "a named pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_healed_by_fetching_one_file(
    damage: str, raw: Path, fetch: Run, mirror: Server, root: Path
) -> None:
    """Only the damaged file is fetched; nothing of the user's is destroyed."""
    DAMAGES[damage](raw / LABELS)
    assert fetch().exit_code == 0
    assert [request.name for request in mirror.requests] == [f"{LABELS}.gz"]
    assert tiny.bad_things(root) == []
    if damage == "a folder":
        assert (root / "Tiny" / "set-aside" / f"{LABELS}-1" / "mine").read_text() == "x"


@pytest.mark.parametrize("carrier", ["gz", "tar beside", "archive in the root", "dotted name"])
@pytest.mark.parametrize("damage", ["one bit", "gone"])
def test_healed_from_what_is_at_hand(
    carrier: str, damage: str, raw: Path, fetch: Run, mirror: Server, root: Path
) -> None:
    """A valid .gz or archive near the data is used before any network."""
    DAMAGES[damage](raw / LABELS)
    if carrier == "gz":
        (raw / f"{LABELS}.gz").write_bytes(tiny.PACKED[f"{LABELS}.gz"])
    elif carrier == "tar beside":
        (root / "Tiny" / "x.tar").write_bytes(tiny.tar({"a/b": tiny.CONTENT[LABELS]}, "w"))
    elif carrier == "archive in the root":
        (root / "MNIST.tar.gz").write_bytes(tiny.tar(tiny.CONTENT))
    else:
        (raw / "t10k-labels.idx1-ubyte").write_bytes(tiny.CONTENT[LABELS])
    done = fetch("--json")
    assert done.exit_code == 0
    assert mirror.requests == []
    assert (raw / LABELS).read_bytes() == tiny.CONTENT[LABELS]


def test_a_good_file_of_another_data_set_is_set_aside(raw: Path, fetch: Run, root: Path) -> None:
    """It may be the only copy of something, so it is moved, not replaced."""
    foreign = tiny.OTHER_CONTENT[LABELS]
    (raw / LABELS).write_bytes(foreign)
    assert fetch().exit_code == 0
    assert (root / "Tiny" / "set-aside" / f"{LABELS}-1").read_bytes() == foreign


def test_force_sets_nothing_aside(raw: Path, fetch: Run, root: Path, mirror: Server) -> None:
    """Replacing a file by itself leaves no second copy."""
    assert fetch("--force").exit_code == 0
    assert len(mirror.requests) == 4
    assert not (root / "Tiny" / "set-aside").exists()


def test_a_failed_force_leaves_the_old_files(raw: Path, fetch: Run, mirror: Server) -> None:
    """What stood there still does, and the message says so."""
    mirror.close()
    done = fetch("--force")
    assert done.exit_code == 3
    assert "still does" in done.stderr
    assert {path.name for path in raw.iterdir()} == set(tiny.CONTENT)


def test_the_stamp_spares_hashing_and_notices_changes(
    raw: Path, fetch: Run, run_tool: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old file is not hashed again until anything about it changes; verify always hashes."""
    import mnist_tool.dataset.store as store

    hashed = []
    real = store.file_digest
    monkeypatch.setattr(
        store, "file_digest", lambda path: (hashed.append(path.name), real(path))[1]
    )
    for path in raw.iterdir():
        os.utime(path, ns=(10**18, 10**18))
    fetch()
    assert len(hashed) == 4
    fetch()
    assert len(hashed) == 4
    run_tool("verify", "--dataset", "tiny", "--root", str(root))
    assert len(hashed) == 8
    content = bytearray(tiny.CONTENT[LABELS])
    content[-1] ^= 1
    (raw / LABELS).write_bytes(content)
    os.utime(raw / LABELS, ns=(10**18 + 1, 10**18 + 1))
    assert fetch().exit_code == 0
    assert (raw / LABELS).read_bytes() == tiny.CONTENT[LABELS]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 3}', '{"files": {"x": []}}', "\0"])
def test_a_strange_record_only_costs_time(text: str, raw: Path, fetch: Run, root: Path) -> None:
    """The record beside the data may be anything."""
    (root / "Tiny" / ".mnist-tool.json").write_text(text)
    done = fetch()
    assert done.exit_code == 0
    assert "nothing was downloaded" in done.stderr


# ---- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["with space", "ünïcödé-数字", "x" * 250, "a/b/c/d", "~/data", "'\"$x"]
)
def test_any_folder_works(name: str, fetch: Run, tmp_path: Path, monkeypatch: Any) -> None:
    """Parents are made, and no name is too strange."""
    monkeypatch.setenv("HOME", str(tmp_path))
    where = Path(name)
    assert fetch(where=where).exit_code == 0
    assert tiny.bad_things(where.expanduser() if name[0] == "~" else where) == []
    real = where.expanduser()
    assert {p.name for p in (real / "Tiny" / "raw").iterdir()} == set(tiny.CONTENT)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_the_mode_follows_the_umask(mask: int, mode: int, fetch: Run, root: Path) -> None:
    """Files belong to whom the user's umask says."""
    before = os.umask(mask)
    try:
        assert fetch().exit_code == 0
    finally:
        os.umask(before)
    for path in (root / "Tiny" / "raw").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("at", ["root", "folder", "raw"])
def test_a_file_where_a_folder_belongs(at: str, fetch: Run, root: Path, mirror: Server) -> None:
    """It is named and left alone; no source is asked."""
    path = {"root": root, "folder": root / "Tiny", "raw": root / "Tiny" / "raw"}[at]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    done = fetch("--json")
    assert done.exit_code == 3
    assert done.json["errors"][0]["code"] == "storage"
    assert "data root" in done.json["errors"][0]["message"]
    assert path.read_text() == "mine"
    assert mirror.requests == []


# ---- a disk that refuses -------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 KiB, where mounting is allowed."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(place)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


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
    assert second.requests == []
    assert tiny.bad_things(small_disk / "data") == []


def test_a_full_cache_names_its_own_variable(
    small_disk: Path, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where broken-off downloads lie is another disk, perhaps, and another setting."""
    monkeypatch.setenv("MNIST_TOOL_CACHE", str(small_disk))
    (small_disk / "filler").write_bytes(bytes(36 << 10))
    done = fetch("--json")
    assert done.exit_code == 3
    assert "MNIST_TOOL_CACHE" in done.json["errors"][0]["hint"]


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


# ---- offline and by hand -------------------------------------------------------------------------


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a socket, or asking for a name, fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_offline_with_a_full_cache(raw: Path, fetch: Run, no_sockets: None) -> None:
    """Complete data needs no network."""
    assert fetch("--offline").exit_code == 0


def test_offline_names_what_is_missing(raw: Path, fetch: Run, no_sockets: None) -> None:
    """Exit 3, the count, the name, and no socket."""
    (raw / LABELS).unlink()
    done = fetch("--offline")
    assert done.exit_code == 3
    assert f"3 of 4 files of Tiny are in {raw}; missing: {LABELS}." in done.stderr


def _npz() -> bytes:
    np = pytest.importorskip("numpy")
    arrays = {}
    for file in tiny.FILES:
        key = ("x_" if file.role == "images" else "y_") + file.split
        body = tiny.CONTENT[file.name][len(file.header) :]
        arrays[key] = np.frombuffer(body, np.uint8).reshape(file.shape)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _folder(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


BY_HAND: dict[str, Callable[[Path], Path]] = {
    "the originals": lambda path: _folder(path, tiny.PACKED),
    "recompressed": lambda path: _folder(
        path, {f"{n}.gz": gzip.compress(c, 1) for n, c in tiny.CONTENT.items()}
    ),
    "dotted": lambda path: _folder(
        path, {n.replace("-idx", ".idx"): c for n, c in tiny.CONTENT.items()}
    ),
    "(1)": lambda path: _folder(
        path, {f"{n} (1).gz": gzip.compress(c) for n, c in tiny.CONTENT.items()}
    ),
    "unpacked, still .gz": lambda path: _folder(
        path, {f"{n}.gz": c for n, c in tiny.CONTENT.items()}
    ),
    "subfolders": lambda path: _folder(path, {f"{n}/{n}": c for n, c in tiny.CONTENT.items()}),
    "tar": lambda path: _folder(path, {"x": tiny.tar(tiny.CONTENT, "w")}) / "x",
    "tar.gz": lambda path: _folder(path, {"x.zip": tiny.tar(tiny.CONTENT)}) / "x.zip",
    "zip": lambda path: _folder(path, {"x.gz": tiny.zipped(tiny.CONTENT)}) / "x.gz",
    "npz": lambda path: _folder(path, {"mnist.npz": _npz()}) / "mnist.npz",
    "a mixture": lambda path: _folder(
        path,
        {"a.zip": tiny.zipped(dict(list(tiny.CONTENT.items())[:2])), "junk.txt": b"hello",
         "b": gzip.compress(tiny.CONTENT["t10k-images-idx3-ubyte"]), "c": tiny.CONTENT[LABELS]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", BY_HAND)
def test_by_hand(form: str, fetch: Run, tmp_path: Path, root: Path, no_sockets: None) -> None:
    """Content counts, not names; each file's line names the input that satisfied it."""
    place = BY_HAND[form](tmp_path / "stick")
    done = fetch("--from", str(place))
    assert done.exit_code == 0, done.stderr
    assert tiny.bad_things(root) == []
    for name in tiny.CONTENT:
        assert f"{name}: from {place}" in done.stderr


def test_three_of_four(fetch: Run, tmp_path: Path, root: Path) -> None:
    """A part is kept, and what lacks is named beside what came."""
    three = {name: body for name, body in tiny.PACKED.items() if LABELS not in name}
    done = fetch("--from", str(_folder(tmp_path / "stick", three)))
    assert done.exit_code == 3
    assert f"3 of 4 files of Tiny are in {root / 'Tiny' / 'raw'}; missing: {LABELS}." in done.stderr
    assert f"{LABELS}: missing" in done.stderr
    assert f"train-labels-idx1-ubyte: from {tmp_path}" in done.stderr
    assert tiny.bad_things(root) == []


def test_the_wrong_data_set_is_named(fetch: Run, tmp_path: Path, root: Path) -> None:
    """Valid files of something else are refused by their name."""
    place = _folder(tmp_path / "stick", tiny.OTHER_CONTENT)
    done = fetch("--from", str(place))
    assert done.exit_code == 3
    assert "of Other" in done.stderr
    assert not root.exists()


def test_a_path_that_is_not_there(fetch: Run, root: Path) -> None:
    """A slip of the finger is usage."""
    assert fetch("--from", "nowhere/at/all").exit_code == 2
    assert fetch("--from", "http://[bad/").exit_code == 2
    assert not root.exists()


def test_a_folder_with_a_named_pipe_does_not_hang(fetch: Run, tmp_path: Path) -> None:
    """Only plain files are read."""
    place = _folder(tmp_path / "stick", tiny.PACKED)
    os.mkfifo(place / "a-pipe")
    assert fetch("--from", str(place)).exit_code == 0


@pytest.mark.parametrize("form", ["tar.gz", "zip", "npz"])
def test_standard_input(form: str, mirror: Server, root: Path, tmp_path: Path) -> None:
    """``-`` reads an archive of any kind from a pipe."""
    sources = tmp_path / "sources.json"
    tiny.write_registry(sources, ("good", "files", mirror.url))
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.child", "fetch", "--dataset", "tiny", "--root",
         str(root), "--from", "-"],
        input=BY_HAND[form](tmp_path / "x").read_bytes(), capture_output=True, timeout=60,
        env={**os.environ, "TINY_SOURCES": str(sources)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tiny.bad_things(root) == []
    assert mirror.requests == []


def test_users_files_stay(raw: Path, fetch: Run, root: Path) -> None:
    """``processed/`` and whatever else lies there is none of our business."""
    _folder(
        root, {"Tiny/processed/training.pt": b"x", "MNIST_data/y": b"z", "Tiny/raw/notes": b"n"}
    )
    shutil.rmtree(raw / "nothing", ignore_errors=True)
    (raw / LABELS).unlink()
    assert fetch().exit_code == 0
    assert (root / "Tiny" / "processed" / "training.pt").read_bytes() == b"x"
    assert (raw / "notes").read_bytes() == b"n"
