"""verify as users run it: what is damaged, and what mends it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.registry import SYNTHETIC

Run = Callable[..., Any]


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
