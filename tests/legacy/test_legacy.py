"""Real old torch and torchvision: the lecture's second error provoked, explained and mended."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from mnist_tool.dataset.arrays import read
from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.store import Store
from mnist_tool.diagnosis.ptwriter import PROCESSED_NAMES
from mnist_tool.diagnosis.runner import examine
from tests.diagnosis.planted import PLANTED
from tests.diagnosis.test_planted import LOAD_ALL
from tests.interpreters import base_python
from tests.legacy.environments import ENVIRONMENTS, Environment, ensure

pytestmark = [pytest.mark.legacy, pytest.mark.mnist, pytest.mark.timeout(1800)]

EXPECTED = {
    "1.2.0": "is a zip archive (did you mean to use torch.jit.load()?)",
    "1.3.1": "is a zip archive (did you mean to use torch.jit.load()?)",
    "1.4.0": "maximum supported version for reading is 2",
    "1.5.1": "",
}
LECTURE = (
    "import torchvision.datasets as d\n"
    "train, test = d.MNIST('root', train=True), d.MNIST('root', train=False)\n"
    "print(len(train), len(test), [int(train[i][1]) for i in range(10)])"
)


@pytest.fixture(params=ENVIRONMENTS, ids=lambda environment: environment.name)
def old(request: Any) -> tuple[Environment, Path]:
    """An old environment and its interpreter."""
    python = ensure(request.param)
    if python is None:
        pytest.skip(f"there is no Python {request.param.python} here")
    return request.param, python


@pytest.fixture
def zipped(mnist_root: Path) -> Path:
    """A root as the lecture's tar.gz leaves it: real MNIST, processed/ in the zip format."""
    root = Path(shutil.copytree(mnist_root, Path.cwd() / "root"))
    store = Store(root, MNIST)
    processed = root / "MNIST" / "processed"
    processed.mkdir()
    for split, name in PROCESSED_NAMES.items():
        parts = [torch.from_numpy(read(store, MNIST.file(split, r))) for r in ("images", "labels")]
        torch.save((parts[0], parts[1].long()), processed / name)
    return root


def run_old(python: Path) -> subprocess.CompletedProcess[str]:
    """The lecture's own lines in the old interpreter."""
    return subprocess.run(
        [python, "-c", LECTURE], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_lectures_second_error_is_explained_and_mended(
    old: tuple[Environment, Path], zipped: Path, run_tool: Any
) -> None:
    """Provoked, found by doctor, mended by --fix, and then the old torchvision reads it itself."""
    environment, python = old
    expected = EXPECTED[environment.torch]
    words = ("doctor", "torch", "processed", "opens", "--root", "root", "--python", str(python))
    assert expected in run_old(python).stderr

    found = {f["check"]: f for f in run_tool(*words, "--json").json["data"]["findings"]}
    assert found["torch"]["status"] == found["torchvision"]["status"] == "ok"
    assert found["opens"]["status"] == ("error" if expected else "ok")
    if expected:
        assert expected in found["processed"]["detail"]
        assert f"--python {python}" in found["processed"]["fix"][0]

    assert run_tool(*words, "--fix", "--yes").exit_code == 0
    done = run_old(python)
    assert done.stdout.startswith("60000 10000 [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]"), done.stderr
    kept = list(zipped.glob("MNIST/set-aside/processed-*/*.pt"))
    assert len(kept) == (2 if expected else 0)


def test_raw_files_alone_are_not_enough_for_old_torchvision(
    old: tuple[Environment, Path], mnist_root: Path, run_tool: Any
) -> None:
    """ "Dataset not found" although everything is there; --fix writes what it wants."""
    _, python = old
    shutil.copytree(mnist_root, "root")
    words = ("doctor", "processed", "opens", "--root", "root", "--python", str(python))
    assert "Dataset not found" in run_old(python).stderr

    assert run_tool(*words).exit_code == 1
    assert run_tool(*words, "--fix", "--yes").exit_code == 0
    assert run_old(python).returncode == 0


def test_torch_1_5_aborts_on_a_compiled_model_and_doctor_does_not(tmp_path: Path) -> None:
    """The process dies; the finding says so and the next step is tried all the same."""
    environment = next(e for e in ENVIRONMENTS if e.torch == "1.5.1")
    python = ensure(environment)
    if python is None:
        pytest.skip("there is no Python 3.8 here")
    path = tmp_path / "training.pt"
    with pytest.warns(FutureWarning):
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)
    report = examine(str(python), [("load", str(path)), ("torch",)])

    assert report.of("load", str(path)).kind == "SIGABRT"
    assert report.of("torch").ok


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.13"])
def test_interpreters_without_torch_are_examined(version: str) -> None:
    """From Python 2.7 on, the probe runs and says that torch is missing."""
    python = base_python(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    report = examine(str(python), [("about",), ("torch",)])

    assert report.of("about").value["version"].startswith(version)
    assert "torch" in report.of("torch").message


# A payload runs in one of these where torch reads the format it is planted in at all.
ZIPS = {name for name in PLANTED if name.startswith("zip")}


def test_no_planted_file_runs(
    old: tuple[Environment, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_tool: Any
) -> None:
    """Each is live with this torch, and the doctor does not try it, whatever the environment."""
    environment, python = old
    for name, content in PLANTED.items():
        folder = tmp_path / name / "MNIST" / "processed"
        folder.mkdir(parents=True)
        for file in PROCESSED_NAMES.values():
            (folder / file).write_bytes(content(tmp_path / f"{name}.ran"))
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    untried = set()
    for name in PLANTED:
        words = ("doctor", "processed", "opens", "--root", str(tmp_path / name))
        done = run_tool(*words, "--python", str(python), "--json")
        found = {finding["check"]: finding for finding in done.json["data"]["findings"]}
        opens = found["opens"]["summary"]
        if "not tried" in found["processed"]["detail"] and "not tried" in opens:
            untried.add(name)
    assert not list(tmp_path.glob("*.ran"))
    assert untried == set(PLANTED)

    paths = [tmp_path / name / "MNIST" / "processed" / "training.pt" for name in PLANTED]
    subprocess.run([python, "-W", "ignore", "-c", LOAD_ALL, *paths], check=True, timeout=120)
    ran = {path.stem for path in tmp_path.glob("*.ran")}
    assert ran >= set(PLANTED) - ZIPS - {"legacy-call-by-storage", "tar-like-a-zip"}
    assert environment.torch != "1.5.1" or ran >= ZIPS
