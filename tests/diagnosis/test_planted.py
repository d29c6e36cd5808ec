"""A planted file never runs: not by the doctor, whatever torch, and whatever the environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.diagnosis.ptfile import recognise
from mnist_tool.diagnosis.ptwriter import PROCESSED_NAMES
from mnist_tool.diagnosis.runner import examine
from tests.diagnosis.planted import LEGACY, PLANTED

# A torch and a torchvision that unpickle whatever they find, as those of many years ago did.
GULLIBLE_TORCH = """
import io, pickle, tarfile, zipfile

class Reader(pickle.Unpickler):
    def persistent_load(self, pid):
        return pid[1](pid[4])

def load(path, **options):
    streams = [open(path, "rb")]
    try:
        with tarfile.open(path, "r:") as archive:
            streams += [io.BytesIO(archive.extractfile(member).read()) for member in archive]
    except tarfile.TarError:
        pass
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            streams += [io.BytesIO(archive.read(name)) for name in archive.namelist()]
    for stream in streams:
        try:
            while True:
                Reader(stream).load()
        except Exception:
            pass
    raise RuntimeError("nothing that this torch reads")
"""
GULLIBLE_TORCHVISION = """
import os, torch

class datasets:
    class MNIST:
        def __init__(self, root, train, download):
            name = "training.pt" if train else "test.pt"
            for folder in (os.path.join(root, "MNIST"), root):
                if os.path.exists(os.path.join(folder, "processed", name)):
                    torch.load(os.path.join(folder, "processed", name))
"""
# What the newest torch runs where it is told to: all but two that torch before 1.4 runs.
LIVE = set(PLANTED) - {"legacy-call-by-storage", "tar-like-a-zip"}
LOAD_ALL = """
import sys, torch
for path in sys.argv[1:]:
    try:
        torch.load(path)
    except Exception:
        pass
"""


def plant(folder: Path, name: str, marker: Path) -> None:
    """Both files of old torchvision, with something in them that makes the marker."""
    folder.mkdir(parents=True)
    for file in PROCESSED_NAMES.values():
        (folder / file).write_bytes(PLANTED[name](marker))


@pytest.fixture
def gullible() -> Path:
    """The current folder, in which `import torch` gives one that runs everything."""
    Path("torch.py").write_text(GULLIBLE_TORCH)
    Path("torchvision.py").write_text(GULLIBLE_TORCHVISION)
    return Path.cwd()


def judged(run_tool: Callable[..., Any]) -> dict[str, Any]:
    """What the two checks that load files say of the root ``root``."""
    done = run_tool("doctor", "processed", "opens", "--root", "root", "--json")
    return {finding["check"]: finding for finding in done.json["data"]["findings"]}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_file_is_not_tried(gullible: Path, name: str, run_tool: Any) -> None:
    """It is told that it was not, and why; the marker never appears."""
    marker = gullible / "ran"
    plant(gullible / "root" / "MNIST" / "processed", name, marker)
    found = judged(run_tool)

    assert not marker.exists()
    assert found["processed"]["status"] == "error"
    assert "not tried" in found["processed"]["detail"]
    assert found["opens"]["status"] == "skipped"
    assert "not tried" in found["opens"]["summary"]


def test_a_file_where_torchvision_0_2_looked_is_not_tried(gullible: Path, run_tool: Any) -> None:
    """It took processed/ in the root itself."""
    plant(gullible / "root" / "processed", "protocol-0", gullible / "ran")

    assert judged(run_tool)["opens"]["status"] == "skipped"
    assert not (gullible / "ran").exists()


@pytest.mark.parametrize("name", PLANTED)
def test_what_stands_behind_a_planted_file_says_why(tmp_path: Path, name: str) -> None:
    """No planted file may be tried, and one in a format of torch says what is wrong with it."""
    path = tmp_path / "training.pt"
    path.write_bytes(PLANTED[name](tmp_path / "ran"))
    found = recognise(path)

    assert not found.may_be_tried
    assert found.refusal or found.kind not in ("zip", "legacy", "pickle")


@pytest.mark.torch
def test_the_planted_files_are_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where torch is told to run everything, it does; otherwise these tests would show nothing."""
    for name, content in PLANTED.items():
        (tmp_path / name).write_bytes(content(tmp_path / f"{name}.ran"))
    paths = [str(tmp_path / name) for name in LIVE]
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    subprocess.run([sys.executable, "-W", "ignore", "-c", LOAD_ALL, *paths], check=True, timeout=60)

    assert {path.stem for path in tmp_path.glob("*.ran")} == LIVE


@pytest.mark.torch
def test_the_environment_cannot_switch_the_safety_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file given to the child by mistake is still loaded by torch's own safe reader."""
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    root = tmp_path / "root"
    marker = tmp_path / "ran"
    plant(root / "MNIST" / "processed", "legacy-object", marker)
    path = str(root / "MNIST" / "processed" / "training.pt")
    steps = [("load", path), ("open", str(root), "MNIST", True)]
    report = examine(sys.executable, steps)

    assert not marker.exists()
    assert "weights" in report.of(*steps[0]).message.lower()
    assert "weights" in report.of(*steps[1]).message.lower()


def test_the_unharmed_file_may_be_tried(tmp_path: Path) -> None:
    """What the planted ones were made from."""
    path = tmp_path / "training.pt"
    path.write_bytes(LEGACY)

    assert recognise(path).may_be_tried
