"""Run the tests that need no torch on every other promised Python: ``python -m tests.pythons``."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.interpreters import base_python, digest, environment
from tests.real_data import REPOSITORY

# The newest minor version of Python 3 that has been released.
NEWEST = 14
# They look at the sources alone.
TOOLS = {"coverage", "mypy", "numpydoc", "ruff"}
# torch and torchvision take gigabytes for each Python; the others read what torch has trained.
LEFT_OUT = TOOLS | {"torch", "torchvision", "onnx", "onnxruntime", "safetensors", "tensorboard"}


def promised() -> list[str]:
    """Return the minor versions that ``requires-python`` promises, without this interpreter's."""
    allowed = SpecifierSet(importlib.metadata.metadata("mnist-tool")["Requires-Python"])
    minors = [minor for minor in range(NEWEST + 1) if f"3.{minor}" in allowed]
    return [f"3.{minor}" for minor in minors if minor != sys.version_info.minor]


def requirements(version: str) -> list[str]:
    """Return what the package and its tests need on a version, of what needs no torch."""
    there = {"extra": "dev", "python_version": version, "python_full_version": f"{version}.0"}
    all_of_them = map(Requirement, importlib.metadata.requires("mnist-tool") or [])
    chosen = [
        f"{each.name}{each.specifier}"
        for each in all_of_them
        if each.marker is None or each.marker.evaluate(there)
        if each.name not in LEFT_OUT and not each.name.startswith("types-")
    ]
    return sorted(chosen)


def try_on(version: str) -> tuple[int, str]:
    """Run the tests on one version; return the exit code and what there is to tell."""
    base = base_python(version)
    if base is None:
        return 0, f"NOT TRIED: there is no Python {version} here, neither in pyenv nor on PATH\n"
    began, needed = time.monotonic(), requirements(version)
    folder = REPOSITORY / ".cache" / "pythons" / f"{version}-{digest(needed)}"
    python = environment(folder, base, needed)
    done = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", *sys.argv[1:]],
        cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.returncode, f"{done.stdout}in {time.monotonic() - began:.0f} s\n"


def main() -> int:
    """Run the tests on all of them, as many at once as there are processors.

    Returns
    -------
    int
        1 if a test failed; 0 also where no other Python is: then it says so.
    """
    versions = promised()
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for version, (code, text) in zip(versions, workers.map(try_on, versions), strict=True):
            sys.stdout.write(f"==== Python {version}\n{text}")
            failed |= code
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
