"""Run all tests on the lowest versions that are declared: ``python -m tests.lowest``."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys

from packaging.requirements import Requirement

from tests.interpreters import base_python, digest, environment
from tests.pythons import TOOLS
from tests.real_data import REPOSITORY

# What builds the wheel runs beside no release of Typer that is as old as ours may be (of click, one
# wants what the other refuses), and what it builds is the same whatever is installed.
BUILDERS = {"build", "check-wheel-contents", "hatch-fancy-pypi-readme", "hatchling", "twine"}

# Old releases call what the packages that they need have deprecated since, as matplotlib 3.8 does
# with pyparsing, and urllib3 2.2 leaves the closing of some sockets to Python: nothing of ours.
QUIET = ("DeprecationWarning", "pytest.PytestUnraisableExceptionWarning")


def lowest_python() -> str:
    """Return the lowest minor version of Python that is promised."""
    promised = Requirement(f"x{importlib.metadata.metadata('mnist-tool')['Requires-Python']}")
    return min(each.version for each in promised.specifier)


def requirements(version: str) -> list[str]:
    """Return the lowest version of each package that is needed, and whatever the tests take."""
    there = {"extra": "", "python_version": version, "python_full_version": f"{version}.0"}
    found = []
    for each in map(Requirement, importlib.metadata.requires("mnist-tool") or []):
        if each.marker is None or each.marker.evaluate(there):
            (lowest,) = (bound.version for bound in each.specifier if bound.operator == ">=")
            found.append(f"{each.name}=={lowest}")
        elif each.marker.evaluate({**there, "extra": "dev"}) and each.name not in TOOLS | BUILDERS:
            found.append(f"{each.name}{each.specifier}")
    return sorted(found)


def main() -> int:
    """Run the tests.

    Returns
    -------
    int
        1 if one failed; 0 also where that Python is not here: then it says so.
    """
    version = lowest_python()
    base = base_python(version)
    if base is None:
        print(f"NOT TRIED: there is no Python {version} here, neither in pyenv nor on PATH")
        return 0
    needed = requirements(version)
    print(f"==== Python {version}, {', '.join(needed)}", flush=True)
    folder = REPOSITORY / ".cache" / "lowest" / f"{version}-{digest(needed)}"
    python = environment(folder, base, needed)
    quiet = [word for each in QUIET for word in ("-W", f"ignore::{each}")]
    return subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", *quiet, *sys.argv[1:]],
        cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, check=False,
    ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
