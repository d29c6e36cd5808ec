"""Write this tool's own commands in the user's own arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnist_tool.advice import command_line, quoted
from mnist_tool.diagnosis.explained.entry import Explanation
from mnist_tool.diagnosis.installer import Installer

__all__ = ["Invocation"]


@dataclass(frozen=True)
class Invocation:
    """How this user calls mnist-tool.

    Parameters
    ----------
    root : Path or None
        The data root.
    dataset : str
        The data set's name.
    pythons : tuple of str
        What was given with ``--python``.
    runs : Path or None
        Folder of the training runs.
    """

    root: Path | None = None
    dataset: str = "mnist"
    pythons: tuple[str, ...] = ()
    runs: Path | None = None

    def fetch(self, *words: str) -> str:
        """Return the command that fetches into this root."""
        return command_line("fetch", *words, dataset=self.dataset, root=self.root)

    def doctor(self, *words: str) -> str:
        """Return the command that examines this root with these interpreters."""
        pythons = [word for python in self.pythons for word in ("--python", python)]
        return command_line("doctor", *words, *pythons, dataset=self.dataset, root=self.root)

    def fix(self) -> str:
        """Return the command that mends this root."""
        return self.doctor("--fix")

    def train(self) -> str:
        """Return the command that trains on this root."""
        return command_line("train", dataset=self.dataset, runs=self.runs, root=self.root)

    def of(self, explanation: Explanation, installer: Installer) -> tuple[str, ...]:
        """Return an explanation's commands, for the interpreter that an installer serves."""
        lines = [line for entry in explanation.fix for line in self._lines(entry, installer)]
        return tuple(dict.fromkeys(lines))

    def _lines(self, entry: str, installer: Installer) -> tuple[str, ...]:
        first, *words = entry.split()
        if first == "{doctor}":
            return (self.doctor(*words),)
        if first == "{fetch}":
            return (self.fetch(*words),)
        if first in ("{install}", "{upgrade}", "{reinstall}", "{uninstall}"):
            make: Callable[..., tuple[str, ...]] = getattr(installer, first.strip("{}"))
            return make(*words)
        return (entry.replace("{python}", quoted([installer.python])),)
