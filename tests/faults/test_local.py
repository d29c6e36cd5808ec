"""What stands on the disk: healing, the quick re-check, folders of every kind."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.arrays import read
from mnist_tool.dataset.cache import cache_folder, waiting_lock
from mnist_tool.dataset.datafile import LARGEST_ARCHIVE
from mnist_tool.dataset.record import COARSEST_TICK_NS, Stamp
from mnist_tool.dataset.store import Store
from mnist_tool.errors import CorruptDataError
from mnist_tool.progress import Silent
from tests.faults import tiny
from tests.faults.conftest import LABELS, Run
from tests.faults.server import Server
from tests.faults.situations import DAMAGES

pytestmark = pytest.mark.usefixtures("mirror")

# ---- healing -------------------------------------------------------------------------------------


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


def test_a_link_that_leads_nowhere_is_called_so(raw: Path, run_tool: Run, root: Path) -> None:
    """It is not simply missing: somebody has put it there."""
    DAMAGES["a dangling link"](raw / LABELS)
    done = run_tool("verify", "--dataset", "tiny", "--root", str(root))
    assert done.exit_code == 1
    assert f"{raw / LABELS}: it is a link that leads nowhere" in done.stdout


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
    real = store.hash_file
    monkeypatch.setattr(store, "hash_file", lambda path: (hashed.append(path.name), real(path))[1])
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


def test_a_record_that_cannot_be_written_only_costs_time(fetch: Run, root: Path) -> None:
    """Nothing depends on it."""
    (root / "Tiny" / ".mnist-tool.json").mkdir(parents=True)
    assert fetch().exit_code == 0
    assert fetch().exit_code == 0


def test_a_stamp_within_a_tick_of_the_clock_proves_nothing(raw: Path) -> None:
    """A file changed twice within one tick keeps its time; such a stamp is hashed again."""
    found = (raw / LABELS).stat()
    assert not Stamp.of(found, found.st_mtime_ns + COARSEST_TICK_NS).proves(found)
    assert Stamp.of(found, found.st_mtime_ns + COARSEST_TICK_NS + 1).proves(found)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a file unreadable, also for root, whom permission bits do not stop."""
    inodes = []
    real = Path.open

    def refuse(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if "r" in mode and self.exists() and self.stat().st_ino in inodes:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refuse)
    return lambda path: inodes.append(path.stat().st_ino)


def test_an_unreadable_raw_file_is_told_and_replaced(
    raw: Path, fetch: Run, run_tool: Run, root: Path, closed: Callable[[Path], None]
) -> None:
    """It says so; a rename needs no permission on the file itself."""
    closed(raw / LABELS)
    verified = run_tool("verify", "--dataset", "tiny", "--root", str(root))
    assert verified.exit_code == 1
    assert f"{raw / LABELS}: it cannot be read: Permission denied" in verified.stdout
    assert "SHA-256 unknown" in verified.stdout
    store, file = Store(root, tiny.TINY), tiny.TINY.file("test", "labels")
    with pytest.raises(CorruptDataError, match="Permission denied"):
        read(store, file)
    done = fetch()
    assert done.exit_code == 0
    assert f"{LABELS} is to be replaced: it cannot be read: Permission denied" in done.stderr
    assert len(read(store, file)) == 20


def test_an_unreadable_stranger_is_passed_over(
    raw: Path, fetch: Run, mirror: Server, closed: Callable[[Path], None]
) -> None:
    """What lies beside the data and cannot be read is no failure; a named one is."""
    (raw / LABELS).unlink()
    stranger = raw / "a.gz"
    stranger.write_bytes(b"x")
    closed(stranger)
    named = fetch("--from", str(stranger))
    assert named.exit_code == 3
    assert "local: a.gz: it cannot be read: Permission denied" in named.stderr
    assert fetch().exit_code == 0
    assert len(mirror.requests) == 1


@pytest.mark.parametrize("kind", ["hidden", "large"])
def test_what_is_not_looked_into(kind: str, raw: Path, fetch: Run, mirror: Server) -> None:
    """A root may be anybody's folder: nothing hidden there, nothing larger than any carrier."""
    content = tiny.tar({LABELS: tiny.CONTENT[LABELS]}, "w")
    (raw / LABELS).unlink()
    place = raw / (".hidden" if kind == "hidden" else "large")
    with place.open("wb") as file:
        file.write(content)
        file.truncate(len(content) if kind == "hidden" else LARGEST_ARCHIVE + 1)
    assert fetch().exit_code == 0
    assert len(mirror.requests) == 1


# ---- the lock ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["1", "0"])
def test_the_lock_leaves_nothing_behind(
    wanted: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There while it is held, where it is wanted; gone afterwards."""
    monkeypatch.setenv("MNIST_TOOL_LOCK", wanted)
    locks = tmp_path / "cache" / "locks"
    with waiting_lock(cache_folder(), root, Silent(), 1.0):
        held = {path.suffix for path in locks.glob("*")}
        assert held == ({".lock", ".holder"} if wanted == "1" else set())
    assert list(locks.glob("*")) == []


# ---- verify --------------------------------------------------------------------------------------


def test_verify_suggests_a_command_for_the_same_data(fetch: Run, run_tool: Run, root: Path) -> None:
    """The data set and a quoted root are in it."""
    done = run_tool("verify", "--dataset", "tiny", "--root", str(root))
    assert done.exit_code == 1
    assert f"next: mnist-tool fetch --dataset tiny --root '{root}'" in done.stderr


def test_verify_of_a_file_suggests_to_import_it(run_tool: Run, tmp_path: Path) -> None:
    """An archive given as the root is perhaps what the data should come from."""
    archive = tmp_path / "tiny.tar"
    archive.write_bytes(tiny.tar(tiny.CONTENT))
    done = run_tool("verify", "--dataset", "tiny", "--root", str(archive))
    assert done.exit_code == 1
    assert f"{archive} is a file, no folder" in done.stdout
    assert "SHA-256" not in done.stdout
    command = done.stderr.strip().removeprefix("next: mnist-tool ").split()
    assert command == ["fetch", "--from", str(archive), "--dataset", "tiny"]
    assert run_tool(*command).exit_code == 0


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


def test_users_files_stay(raw: Path, fetch: Run, root: Path) -> None:
    """``processed/`` and whatever else lies there is none of our business."""
    tiny.laid_down(
        root, {"Tiny/processed/training.pt": b"x", "MNIST_data/y": b"z", "Tiny/raw/notes": b"n"}
    )
    (raw / LABELS).unlink()
    assert fetch().exit_code == 0
    assert (root / "Tiny" / "processed" / "training.pt").read_bytes() == b"x"
    assert (raw / "notes").read_bytes() == b"n"
