"""fetch, verify and sources as users run them."""

from __future__ import annotations

import hashlib
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.registry import MNIST, SYNTHETIC

Run = Callable[..., Any]


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a socket fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.mnist
def test_torchvision_reads_what_fetch_wrote(mnist_root: Path) -> None:
    """torchvision opens both splits without a download, and sees the registered shapes."""
    from torchvision.datasets import MNIST as TORCHVISION_MNIST

    for train, split in ((True, "train"), (False, "test")):
        seen = TORCHVISION_MNIST(str(mnist_root), train=train, download=False)
        assert tuple(seen.data.shape) == MNIST.file(split, "images").shape
        assert tuple(seen.targets.shape) == MNIST.file(split, "labels").shape


@pytest.mark.mnist
def test_the_hashes_are_those_of_the_originals(mnist_root: Path) -> None:
    """Files on the disk have the sizes and hashes of the registry, counted by hashlib."""
    for file in MNIST.files:
        content = (mnist_root / "MNIST" / "raw" / file.name).read_bytes()
        assert len(content) == file.size
        assert hashlib.sha256(content).hexdigest() == file.sha256
        assert content.startswith(file.header)


def test_fetch_prints_the_paths_and_the_source(run_tool: Run) -> None:
    """stdout has the four paths, stderr one line that says which source gave what."""
    done = run_tool("fetch", "--dataset", "synthetic")
    assert done.exit_code == 0
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert [path.name for path in paths] == [file.name for file in SYNTHETIC.files]
    assert all(path.is_file() for path in paths)
    assert "drawn gave all" in done.stderr


def test_a_second_fetch_downloads_nothing(run_tool: Run, no_sockets: None) -> None:
    """What is there is verified and left alone."""
    run_tool("fetch", "--dataset", "synthetic")
    raw = Path("MNIST_data/Synthetic/raw")
    before = {path.name: path.stat().st_mtime_ns for path in raw.iterdir()}
    done = run_tool("fetch", "--dataset", "synthetic")
    assert "nothing was downloaded" in done.stderr
    assert {path.name: path.stat().st_mtime_ns for path in raw.iterdir()} == before


def test_force_brings_everything_again(run_tool: Run) -> None:
    """With --force verified files are replaced, by verified ones."""
    run_tool("fetch", "--dataset", "synthetic")
    raw = Path("MNIST_data/Synthetic/raw")
    before = {path.name: path.stat().st_ino for path in raw.iterdir()}
    done = run_tool("fetch", "--dataset", "synthetic", "--force", "--json")
    assert {file["state"] for file in done.json["data"]["files"]} == {"fetched"}
    assert {path.name: path.stat().st_ino for path in raw.iterdir()} != before


def test_offline_without_data_says_how_and_opens_no_socket(run_tool: Run, no_sockets: None) -> None:
    """Exit code 3, the recipe, nothing left behind."""
    done = run_tool("fetch", "--offline")
    assert done.exit_code == 3
    assert done.stdout == ""
    for file in MNIST.files:
        assert file.name in done.stderr
    assert "mnist-tool fetch --from PATH" in done.stderr
    assert not Path("MNIST_data").exists()


def test_offline_is_obeyed_from_the_environment(
    run_tool: Run, no_sockets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable forbids the network as the option does."""
    monkeypatch.setenv("MNIST_TOOL_OFFLINE", "1")
    done = run_tool("fetch", "--mirror", "--json")
    assert done.exit_code == 3
    assert done.json["errors"][0]["code"] == "offline"
    assert done.json["data"]["missing"] == [file.name for file in MNIST.files]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "page", "gone"])
def test_verify_names_what_is_wrong_and_fetch_mends_it(
    run_tool: Run, synthetic_root: Path, tmp_path: Path, damage: str
) -> None:
    """Each kind of damage is exit code 1 with expected and got; one fetch heals it."""
    root = tmp_path / "root"
    shutil.copytree(synthetic_root, root)
    path = root / "Synthetic" / "raw" / "train-labels-idx1-ubyte"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    damaged = {"cut": content[:-7], "flip": content, "empty": b"", "page": b"<html></html>"}
    path.unlink()
    if damage != "gone":
        path.write_bytes(damaged[damage])

    words = ("--root", str(root), "--dataset", "synthetic")
    done = run_tool("verify", *words)
    assert done.exit_code == 1
    assert str(path) in done.stdout
    if damage != "gone":
        got = hashlib.sha256(damaged[damage]).hexdigest()
        assert got in done.stdout
        assert SYNTHETIC.file("train", "labels").sha256 in done.stdout
    assert run_tool("fetch", *words).exit_code == 0
    assert run_tool("verify", *words).exit_code == 0


def test_verify_in_json_has_expected_and_got(run_tool: Run, synthetic_root: Path) -> None:
    """Programs see the same facts as people."""
    done = run_tool("verify", "--root", str(synthetic_root), "--dataset", "synthetic", "--json")
    for entry in done.json["data"]["files"]:
        assert entry["state"] == "verified"
        assert entry["got"] == entry["expected"]


def test_a_path_with_the_name_of_an_emoji_is_shown_as_it_is(run_tool: Run) -> None:
    """Or the path and the command that is suggested could not be pasted."""
    done = run_tool("verify", "--root", "data :heart: [red]")
    assert "data :heart: [red]/MNIST/raw/train-images-idx3-ubyte: it is not there" in done.stdout
    assert "--root 'data :heart: [red]'" in done.stderr


def test_sources_are_listed_in_the_order_of_the_walk(run_tool: Run, no_sockets: None) -> None:
    """The dead original stands last; the list needs no network."""
    done = run_tool("sources", "--json")
    names = [source["name"] for source in done.json["data"]["sources"]]
    assert names == [source.name for source in MNIST.sources]
    assert names[-1] == "lecun"


def test_mirror_skips_the_primary_and_begins_with_the_archive() -> None:
    """`fetch --mirror` is the lecture's remedy first, then everything else but the primary site."""
    fallbacks = MNIST.fallbacks
    assert fallbacks[0].location.endswith("MNIST.tar.gz")
    assert MNIST.sources[0] not in fallbacks
    assert set(fallbacks) == set(MNIST.sources[1:])


def test_an_unknown_source_is_refused_with_a_suggestion(run_tool: Run) -> None:
    """A slip of the finger is usage, exit code 2, before anything is touched."""
    done = run_tool("fetch", "--from", "oscci")
    assert done.exit_code == 2
    assert "--from ossci" in done.stderr
    assert not Path("MNIST_data").exists()


def test_a_root_that_is_a_file_is_named(run_tool: Run) -> None:
    """The disk's refusal names the path, exit code 3."""
    Path("taken").write_text("x")
    done = run_tool("fetch", "--dataset", "synthetic", "--root", "taken")
    assert done.exit_code == 3
    assert "taken" in done.stderr
    assert Path("taken").read_text() == "x"
