"""Write the commands that mend things, in the user's own arguments, ready to be pasted."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mnist_tool.doctor.explain import Explanation

__all__ = ["Commands", "quoted", "rename", "unset"]


def quoted(words: Sequence[str]) -> str:
    """Join words to a command line for the shell people have here."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def unset(variable: str) -> str:
    """Return the command that removes an environment variable in the shell people have here."""
    return f"set {variable}=" if os.name == "nt" else f"unset {variable}"


def rename(name: str) -> str:
    """Return the command that gives a file of the user another name, and overwrites nothing."""
    words = ["ren"] if os.name == "nt" else ["mv", "-n"]
    return quoted([*words, name, str(Path(name).with_name(f"my_{Path(name).name}"))])


@dataclass(frozen=True)
class Commands:
    """How this user calls mnist-tool.

    Parameters
    ----------
    root : Path or None
        What was given with ``--root``; ``None`` where it came from elsewhere.
    dataset : str
        The data set's name.
    pythons : tuple of str
        What was given with ``--python``.
    runs : Path or None
        What was given with ``--runs``.
    """

    root: Path | None = None
    dataset: str = "mnist"
    pythons: tuple[str, ...] = ()
    runs: Path | None = None

    def _data_options(self) -> list[str]:
        words = [] if self.root is None else ["--root", str(self.root)]
        return words + ([] if self.dataset == "mnist" else ["--dataset", self.dataset])

    def fetch(self, *words: str) -> str:
        """Return the command that fetches into this root."""
        return quoted(["mnist-tool", "fetch", *words, *self._data_options()])

    def doctor(self, *words: str) -> str:
        """Return the command that examines this root with these interpreters."""
        pythons = [word for python in self.pythons for word in ("--python", python)]
        return quoted(["mnist-tool", "doctor", *words, *self._data_options(), *pythons])

    def fix(self) -> str:
        """Return the command that mends this root."""
        return self.doctor("--fix")

    def train(self) -> str:
        """Return the command that trains on this root."""
        runs = [] if self.runs is None else ["--runs", str(self.runs)]
        return quoted(["mnist-tool", "train", *self._data_options(), *runs])

    def pip(self, python: str, *requirements: str) -> str:
        """Return the pip command that installs something into an interpreter."""
        return quoted([python, "-m", "pip", "install", *requirements])

    def of(self, explanation: Explanation, python: str) -> tuple[str, ...]:
        """Return an explanation's commands for an interpreter."""
        return tuple(
            entry.replace("{doctor} --fix", self.fix()).replace("{python}", quoted([python]))
            for entry in explanation.fix
        )
