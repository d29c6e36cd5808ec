"""Without a network, and what people bring by hand."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import tiny
from tests.faults.conftest import LABELS, Run
from tests.faults.server import Server
from tests.faults.tiny import laid_down

pytestmark = pytest.mark.usefixtures("mirror")


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


BY_HAND: dict[str, Callable[[Path], Path]] = {
    "the originals": lambda path: laid_down(path, tiny.PACKED),
    "recompressed": lambda path: laid_down(
        path, {f"{n}.gz": gzip.compress(c, 1) for n, c in tiny.CONTENT.items()}
    ),
    "dotted": lambda path: laid_down(
        path, {n.replace("-idx", ".idx"): c for n, c in tiny.CONTENT.items()}
    ),
    "(1)": lambda path: laid_down(
        path, {f"{n} (1).gz": gzip.compress(c) for n, c in tiny.CONTENT.items()}
    ),
    "unpacked, still .gz": lambda path: laid_down(
        path, {f"{n}.gz": c for n, c in tiny.CONTENT.items()}
    ),
    "subfolders": lambda path: laid_down(path, {f"{n}/{n}": c for n, c in tiny.CONTENT.items()}),
    "tar": lambda path: laid_down(path, {"x": tiny.tar(tiny.CONTENT, "w")}) / "x",
    "tar.gz": lambda path: laid_down(path, {"x.zip": tiny.tar(tiny.CONTENT)}) / "x.zip",
    "zip": lambda path: laid_down(path, {"x.gz": tiny.zipped(tiny.CONTENT)}) / "x.gz",
    "npz": lambda path: laid_down(path, {"mnist.npz": _npz()}) / "mnist.npz",
    "a mixture": lambda path: laid_down(
        path,
        {
            "a.zip": tiny.zipped(dict(list(tiny.CONTENT.items())[:2])),
            "junk.txt": b"hello",
            "b": gzip.compress(tiny.CONTENT["t10k-images-idx3-ubyte"]),
            "c": tiny.CONTENT[LABELS],
        },
    ),
}


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
    done = fetch("--from", str(laid_down(tmp_path / "stick", three)))
    assert done.exit_code == 3
    assert f"3 of 4 files of Tiny are in {root / 'Tiny' / 'raw'}; missing: {LABELS}." in done.stderr
    assert f"{LABELS}: missing" in done.stderr
    assert f"train-labels-idx1-ubyte: from {tmp_path}" in done.stderr
    assert tiny.bad_things(root) == []


def test_what_is_there_already_is_called_so(fetch: Run, tmp_path: Path) -> None:
    """A medium that holds only what nobody lacks is told apart from a wrong one."""
    three = {name: body for name, body in tiny.PACKED.items() if LABELS not in name}
    place = laid_down(tmp_path / "stick", three)
    assert fetch("--from", str(place)).exit_code == 3
    done = fetch("--from", str(place))
    assert done.exit_code == 3
    assert "it is train-labels-idx1-ubyte of Tiny, which is there already" in done.stderr
    assert f"missing: {LABELS}." in done.stderr


@pytest.mark.parametrize("kind", ["closed", "a terminal"])
def test_standard_input_that_gives_nothing(
    kind: str, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a crash nor a wait without end."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", None if kind == "closed" else Terminal())
    done = fetch("--from", "-")
    assert done.exit_code == 2
    assert f"standard input is {kind}" in done.stderr


def test_the_wrong_data_set_is_named(fetch: Run, tmp_path: Path, root: Path) -> None:
    """Valid files of something else are refused by their name."""
    place = laid_down(tmp_path / "stick", tiny.OTHER_CONTENT)
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
    place = laid_down(tmp_path / "stick", tiny.PACKED)
    os.mkfifo(place / "a-pipe")
    assert fetch("--from", str(place)).exit_code == 0


@pytest.mark.parametrize("form", ["tar.gz", "zip", "npz"])
def test_standard_input(form: str, mirror: Server, root: Path, tmp_path: Path) -> None:
    """``-`` reads an archive of any kind from a pipe."""
    sources = tmp_path / "sources.json"
    tiny.write_registry(sources, ("good", "files", mirror.url))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.faults.child",
            "fetch",
            "--dataset",
            "tiny",
            "--root",
            str(root),
            "--from",
            "-",
        ],
        input=BY_HAND[form](tmp_path / "x").read_bytes(),
        capture_output=True,
        timeout=60,
        env={**os.environ, "TINY_SOURCES": str(sources)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert tiny.bad_things(root) == []
    assert mirror.requests == []
