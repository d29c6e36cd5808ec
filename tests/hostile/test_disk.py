"""A disk that refuses one call, whichever: see `tests.hostile.disk` and the C file beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.rows import good
from tests.faults.server import serving
from tests.hostile.scenes import SCENES, WITHOUT_TORCH
from tests.real_data import REPOSITORY

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
needs_the_shim = pytest.mark.skipif(
    not (sys.platform == "linux" and COMPILER),
    reason="NO REFUSING DISK HERE: it takes Linux and a C compiler",
)


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that lets calls fail."""
    built = tmp_path_factory.mktemp("shim") / "refusals.so"
    source = Path(__file__).with_name("refusals.c")
    words = [str(COMPILER), "-shared", "-fPIC", "-O1", "-o", str(built), str(source), "-ldl"]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"NO REFUSING DISK HERE: its C does not compile: {made.stderr}")
    return built


TOGETHER = {  # scenes of one process, which loads torch once
    "data": [name for name, scene in SCENES.items() if scene.words[0] in WITHOUT_TORCH],
    "models": [name for name, scene in SCENES.items() if scene.words[0] not in WITHOUT_TORCH],
}


def _tried(which: str, names: list[str], shim: Path, folder: Path) -> dict[str, Any]:
    with serving(good) as server:
        environment = {
            **os.environ,
            "LD_PRELOAD": str(shim),
            "TINY_SOURCES": json.dumps([("good", "files", server.url)]),
            "MPLCONFIGDIR": str(folder / "matplotlib"),
            "HOME": str(folder),
            "NO_PROXY": "*",
        }
        (folder / "cases").mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile.disk", which, str(folder / "cases"), *names],
            cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_the_shim
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(TOGETHER["data"], id="data"),
        pytest.param(TOGETHER["models"], id="models", marks=pytest.mark.torch),
    ],
)
def test_a_refused_call_breaks_nothing(names: list[str], shim: Path, tmp_path: Path) -> None:
    """Some of all cases: the n-th call of each kind refused in each way, or killed in it."""
    found = _tried("some", names, shim, tmp_path)
    assert {name: each["broken"] for name, each in found.items()} == {name: [] for name in names}
    for name in names:  # most faults came to be
        assert sum(found[name]["tried"].values()) >= 0.7 * SCENES[name].cases


@needs_the_shim
@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SCENES)
def test_no_refused_call_breaks_anything(name: str, shim: Path, tmp_path: Path) -> None:
    """All of them."""
    found = _tried("all", [name], shim, tmp_path)[name]
    print(name, json.dumps({**found, "broken": len(found["broken"])}))
    assert found["broken"] == []
