"""Other Pythons of this machine, and virtual environments of them that are built once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["base_python", "environment"]

READY = ".ready"


def _pyenv_root() -> Path:
    """Where pyenv keeps its versions."""
    if root := os.environ.get("PYENV_ROOT"):
        return Path(root)
    if pyenv := shutil.which("pyenv"):
        asked = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        if root := asked.stdout.strip():
            return Path(root)
    return Path.home() / ".pyenv"


def base_python(version: str) -> Path | None:
    """Return an interpreter of a minor version (``"3.7"``): from pyenv, else from PATH."""
    kept = (_pyenv_root() / "versions").glob(f"{version}.*/bin/python")
    newest = max(kept, key=lambda python: int(python.parts[-3].split(".")[2]), default=None)
    if newest:
        return newest
    # A shim of pyenv has the name, but runs only the versions that are chosen.
    found = shutil.which(f"python{version}")
    works = found and not subprocess.run([found, "-V"], capture_output=True, check=False).returncode
    return Path(found) if found and works else None


def environment(folder: Path, base: Path, requirements: Sequence[str]) -> Path:
    """Return the interpreter of a virtual environment with these requirements; build it first.

    Raises
    ------
    subprocess.CalledProcessError
        If pip cannot install them.
    """
    interpreter, ready = folder / "bin" / "python", folder / READY
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([base, "-m", "venv", folder], check=True)
        install = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *requirements], check=True)
        ready.touch()
    return interpreter


def digest(requirements: Sequence[str]) -> str:
    """Return a short name for these requirements, so that others get another folder."""
    return hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:8]
