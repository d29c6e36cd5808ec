"""Checks on what can be shown: matplotlib, a display, the terminal's letters and colours."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_tool.diagnosis.context import Context
from mnist_tool.diagnosis.findings import Check, Verdict
from mnist_tool.diagnosis.installer import own_installer
from mnist_tool.diagnosis.shell import export, unset

__all__ = ["CHECKS", "DisplayFacts", "Terminal"]

WINDOWED = {
    "tkagg": "tkinter",
    "qtagg": "PyQt6",
    "qt5agg": "PyQt5",
    "gtk3agg": "gi",
    "gtk4agg": "gi",
    "wxagg": "wx",
    "macosx": "matplotlib",
}
TO_FILES = "pictures go to PNG files and the terminal"
FILES_ONLY = {"agg", "pdf", "svg", "ps", "cairo", "template"}


@dataclass(frozen=True)
class DisplayFacts:
    """What decides whether a window can open.

    Parameters
    ----------
    matplotlib : bool
        Whether it is installed.
    backend : str
        What MPLBACKEND says; empty where it is not set.
    toolkits : tuple of str
        GUI toolkits that can be imported.
    display : bool
        Whether there is a screen to open a window on.
    notebook : bool
        Whether this runs inside a notebook.
    """

    matplotlib: bool
    backend: str
    toolkits: tuple[str, ...]
    display: bool
    notebook: bool


def gather_display(context: Context) -> DisplayFacts:
    """Look at the display without loading matplotlib."""
    environment = context.request.environment
    toolkits = tuple(
        name for name in ("tkinter", "PyQt6", "PyQt5", "PySide6", "gi", "wx") if _there(name)
    )
    own = sys.platform in ("win32", "darwin")
    return DisplayFacts(
        _there("matplotlib"),
        environment.get("MPLBACKEND", "").lower(),
        toolkits,
        own or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")),
        "ipykernel" in sys.modules,
    )


def _there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def judge_display(facts: DisplayFacts) -> Verdict:
    """Judge whether a picture can be shown in a window; files and the terminal always work."""
    if not facts.matplotlib:
        fix = own_installer().install("matplotlib")
        return Verdict("error", "matplotlib is not installed", "It draws every picture.", fix)
    module = WINDOWED.get(facts.backend)
    if module and not facts.display:
        summary = f"MPLBACKEND={facts.backend} needs a display, and there is none"
        detail = 'matplotlib fails with a TclError or "headless". Pictures still go to PNG files.'
        return Verdict("error", summary, detail, (unset("MPLBACKEND"),))
    if module and module != "matplotlib" and module not in facts.toolkits:
        summary = f"MPLBACKEND={facts.backend} needs {module}, which cannot be imported"
        return Verdict("error", summary, "", (unset("MPLBACKEND"),))
    if facts.notebook:
        return Verdict("ok", "in a notebook: pictures appear in it")
    if facts.backend in FILES_ONLY:
        return Verdict("ok", f"MPLBACKEND={facts.backend}: {TO_FILES}")
    if not facts.display or not facts.toolkits:
        why = "no display" if not facts.display else "no GUI toolkit"
        return Verdict("ok", f"{why}: {TO_FILES}")
    return Verdict("ok", f"a window can open ({facts.toolkits[0]})")


@dataclass(frozen=True)
class Terminal:
    """What the terminal can write.

    Parameters
    ----------
    encoding : str
        Of stdout.
    terminal : bool
        Whether stdout is a terminal.
    environment : mapping
        ``TERM``, ``NO_COLOR``, ``FORCE_COLOR``, ``LANG``, ``LC_ALL``, ``PYTHONIOENCODING``.
    """

    encoding: str
    terminal: bool
    environment: Mapping[str, str]


def gather_terminal(context: Context) -> Terminal:
    """Look at stdout and at the variables that change it."""
    names = ("TERM", "NO_COLOR", "FORCE_COLOR", "LANG", "LC_ALL", "PYTHONIOENCODING")
    environment = {k: v for k, v in context.request.environment.items() if k in names}
    # While a bar moves, sys.stdout is not the terminal but something that writes around the bar.
    stdout = sys.__stdout__ or sys.stdout
    return Terminal(stdout.encoding or "ascii", stdout.isatty(), environment)


def judge_terminal(facts: Terminal) -> Verdict:
    """Judge whether signs and half blocks can be written."""
    try:
        "✓▀█".encode(facts.encoding)
    except (UnicodeEncodeError, LookupError):
        summary = f"stdout is {facts.encoding}: letters stand in for signs and pictures"
        fix = export("PYTHONUTF8", "1")
        if "PYTHONIOENCODING" in facts.environment:  # it has the last word
            fix = export("PYTHONIOENCODING", "utf-8")
        return Verdict("warning", summary, "Everything works; UTF-8 would show it better.", (fix,))
    if not facts.terminal:
        return Verdict("ok", f"{facts.encoding}, not a terminal: no colours, nothing moves")
    if facts.environment.get("NO_COLOR") or facts.environment.get("TERM") == "dumb":
        return Verdict("ok", f"{facts.encoding}, without colours by NO_COLOR or TERM")
    return Verdict("ok", f"{facts.encoding} with colours")


CHECKS: tuple[Check[Any], ...] = (
    Check(
        "display",
        "display",
        "Can pictures be shown in a window?",
        gather_display,
        judge_display,
        terse=True,
    ),
    Check(
        "terminal",
        "display",
        "Which letters and colours can the terminal write?",
        gather_terminal,
        judge_terminal,
        terse=True,
    ),
)
