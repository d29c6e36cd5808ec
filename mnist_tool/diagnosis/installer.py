"""Write the commands that install packages into an interpreter, for whatever installs there."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mnist_tool.advice import quoted

__all__ = ["Installer", "installer_of", "own_installer"]

CONDA_NAMES = {"torch": "pytorch"}
PAIR = ("torch", "torchvision")


@dataclass(frozen=True)
class Installer:
    """What installs packages into an interpreter.

    Parameters
    ----------
    python : str
        The interpreter, as it was named.
    tool : {'pip', 'uv', 'conda', 'venv', 'ensurepip', 'none'}
        ``venv``: the system's own Python, which lets nothing be installed, so that a virtual
        environment comes first. ``ensurepip``: there is no pip, but Python can bring it.
    prefix : str
        The folder of a conda environment.

    Examples
    --------
    >>> Installer("python3").install("numpy<2")
    ("python3 -m pip install 'numpy<2'",)
    >>> Installer("/env/bin/python", "uv").upgrade("torch")
    ('uv pip install --python /env/bin/python --upgrade torch',)
    >>> Installer("/c/bin/python", "conda", "/c").reinstall("torch")
    ('conda install --prefix /c --channel conda-forge --force-reinstall pytorch',)
    """

    python: str
    tool: Literal["pip", "uv", "conda", "venv", "ensurepip", "none"] = "pip"
    prefix: str = ""

    def install(self, *requirements: str) -> tuple[str, ...]:
        """Return the command that installs something; none where nothing can install it."""
        return self._command(requirements)

    def upgrade(self, *requirements: str) -> tuple[str, ...]:
        """Return the command that brings the newest of something; torch and torchvision if bare."""
        return self._command(requirements or PAIR, "--upgrade")

    def reinstall(self, *requirements: str) -> tuple[str, ...]:
        """Return the command that installs anew what seems to be there; both torches if bare."""
        return self._command(requirements or PAIR, "--force-reinstall")

    def uninstall(self, *packages: str) -> tuple[str, ...]:
        """Return the command that removes packages; none where the system forbids it."""
        if self.tool == "conda":
            return (quoted(["conda", "remove", "--prefix", self.prefix, *_conda(packages)]),)
        if self.tool == "uv":
            return (quoted(["uv", "pip", "uninstall", "--python", self.python, *packages]),)
        if self.tool == "pip":
            return (quoted([self.python, "-m", "pip", "uninstall", *packages]),)
        return ()

    def _command(self, requirements: tuple[str, ...], how: str = "") -> tuple[str, ...]:
        words = [how] * bool(how)
        pip = ["-m", "pip", "install", *words, *requirements]
        if self.tool == "none":
            return ()
        if self.tool == "conda":
            verb = "update" if how == "--upgrade" else "install"
            line = ["conda", verb, "--prefix", self.prefix, "--channel", "conda-forge"]
            return (quoted([*line, *words, *_conda(requirements)]).replace(" --upgrade", ""),)
        if self.tool == "uv":
            words = ["--reinstall" if how == "--force-reinstall" else how] * bool(how)
            line = ["uv", "pip", "install", "--python", self.python]
            return (quoted([*line, *words, *requirements]),)
        if self.tool == "venv":
            first = quoted([self.python, "-m", "venv", ".venv"])
            fresh = ["-m", "pip", "install", *requirements]
            return (f"{first} && {quoted(['.venv/bin/python', *fresh])}",)
        if self.tool == "ensurepip":
            first = quoted([self.python, "-m", "ensurepip"])
            return (f"{first} && {quoted([self.python, *pip])}",)
        return (quoted([self.python, *pip]),)


def _conda(requirements: tuple[str, ...]) -> list[str]:
    """Return requirements with the names that packages have there."""
    return [CONDA_NAMES.get(word, word) for word in requirements]


def installer_of(python: str, about: Mapping[str, Any]) -> Installer:
    """Look what installs packages into an interpreter.

    Parameters
    ----------
    python : str
        The interpreter, as it is to be named.
    about : mapping
        What it told of itself in the probe; pip is taken for granted where it told nothing.
    """
    if not about.get("prefix"):
        return Installer(python)
    prefix, library = Path(about["prefix"]), Path(about.get("library", ""))
    pip = any(Path(folder, "pip").is_dir() for folder in about.get("path", ()))
    torches = about.get("packages", {}).get("torch", [])
    if (prefix / "conda-meta").is_dir() and not (pip and any(map(_by_pip, torches))):
        return Installer(python, "conda", str(prefix))
    if not pip and _made_by_uv(prefix / "pyvenv.cfg"):
        return Installer(python, "uv")
    own = prefix == Path(about.get("base_prefix", prefix))  # no virtual environment
    if own and (library / "EXTERNALLY-MANAGED").is_file():
        return Installer(python, "venv")
    if pip:
        return Installer(python)
    return Installer(python, "ensurepip" if (library / "ensurepip").is_dir() else "none")


def own_installer() -> Installer:
    """Look what installs packages into the interpreter that runs this."""
    facts = {
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "library": str(Path(os.__file__).parent),
        "path": sys.path,
    }
    return installer_of(sys.executable, facts)


def _by_pip(copy: Mapping[str, Any]) -> bool:
    """Whether a copy of a package was installed by pip, in a conda environment too."""
    folder, version = Path(copy["folder"]), copy["version"]
    notes = folder.glob(f"torch-{version}.dist-info/INSTALLER")
    return any(note.read_text("utf-8", "replace").strip() == "pip" for note in notes)


def _made_by_uv(notes: Path) -> bool:
    try:
        lines = notes.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(line.partition("=")[0].strip() == "uv" for line in lines)
