"""fetch as users run it: from where, what it leaves, what it tells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.registry import MNIST, SYNTHETIC

Run = Callable[..., Any]


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


def test_mirror_begins_with_the_archive_and_skips_the_site_of_the_403() -> None:
    """`fetch --mirror` is the lecture's remedy first, then whatever answers."""
    fallbacks = MNIST.fallbacks
    assert fallbacks[0].location.endswith("MNIST.tar.gz")
    assert {source.name for source in MNIST.sources} - {each.name for each in fallbacks} == {
        "lecun"
    }


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


def test_a_cause_is_told_once(run_tool: Run) -> None:
    """When it happens, or where that was not wanted, in the end."""
    Path("empty").mkdir()
    for quiet in ((), ("-q",)):
        done = run_tool("fetch", "--from", "empty", *quiet)
        assert done.exit_code == 3
        assert done.stderr.count("none of the wanted files is in it") == 1


def test_quiet_says_nothing_where_all_is_well(run_tool: Run, synthetic_root: Path) -> None:
    """Paths are the product; which input gave which file is talk."""
    source = str(synthetic_root)
    words = ("fetch", "--from", source, "--dataset", "synthetic")
    assert "t10k-labels-idx1-ubyte: from" in run_tool(*words).stderr
    done = run_tool(*words, "--force", "-q")
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 4
