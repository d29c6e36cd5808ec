"""Build the old Python and torch environments that `make test-legacy` tries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ENVIRONMENTS", "Environment", "base_python", "cache_folder", "ensure"]

REPOSITORY = Path(__file__).resolve().parents[2]
READY = ".ready"
# Read at import, because every test runs without the variables of the developer.
CHOSEN = os.environ.get("MNIST_TOOL_LEGACY_CACHE")


@dataclass(frozen=True)
class Environment:
    """One old pair of torch and torchvision and what it was made for.

    Parameters
    ----------
    torch, torchvision : str
        Exact releases, as they were published together.
    python : str
        The Python minor version that still has wheels of them.
    others : tuple of str
        Requirements for their companions: torchvision before 0.5 cannot import Pillow 7.
    """

    torch: str
    torchvision: str
    python: str
    others: tuple[str, ...] = ("numpy<1.22", "pillow<7")

    @property
    def name(self) -> str:
        """Name of its folder in the cache."""
        return f"torch-{self.torch}"

    @property
    def requirements(self) -> list[str]:
        """What pip installs."""
        pair = (("torch", self.torch), ("torchvision", self.torchvision))
        return [f"{name}=={version}" for name, version in pair] + list(self.others)


ENVIRONMENTS = (
    Environment("1.2.0", "0.4.0", "3.7"),
    Environment("1.3.1", "0.4.2", "3.7"),
    Environment("1.4.0", "0.5.0", "3.7"),
    Environment("1.5.1", "0.6.1", "3.8", ("numpy<1.24", "pillow<9")),
)


def cache_folder() -> Path:
    """Where the environments lie: MNIST_TOOL_LEGACY_CACHE, or ``.cache/legacy`` in the checkout."""
    return Path(CHOSEN or REPOSITORY / ".cache" / "legacy")


def base_python(version: str) -> Path | None:
    """Return an interpreter of a minor version (``"3.7"``): from pyenv, else from PATH."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    kept = sorted(pyenv.glob(f"{version}.*/bin/python"))
    if kept:
        return kept[-1]
    found = shutil.which(f"python{version}")
    return Path(found) if found else None


def ensure(environment: Environment) -> Path | None:
    """Return the interpreter of an environment and build it first where that is needed.

    Returns
    -------
    Path or None
        The environment's interpreter; ``None`` where its Python is not on this machine.

    Raises
    ------
    subprocess.CalledProcessError
        If pip cannot install it.
    """
    folder = cache_folder() / environment.name
    interpreter = folder / "bin" / "python"
    if (folder / READY).exists():
        return interpreter
    base = base_python(environment.python)
    if base is None:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([base, "-m", "venv", folder], check=True)
    install = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, *environment.requirements], check=True)
    (folder / READY).touch()
    return interpreter


def main() -> int:
    """Build what is missing and say what there is.

    Returns
    -------
    int
        0, also where no old Python exists: then there is nothing to test, and it says so.
    """
    for environment in ENVIRONMENTS:
        interpreter = ensure(environment)
        state = interpreter or f"left out: there is no Python {environment.python} here"
        sys.stdout.write(f"{environment.name}: {state}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
