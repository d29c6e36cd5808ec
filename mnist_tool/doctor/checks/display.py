"""Checks on what can be shown: matplotlib, a display, the terminal's letters and colours."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_tool.doctor.commands import unset
from mnist_tool.doctor.context import Context
from mnist_tool.doctor.findings import Check, Verdict

__all__ = ["CHECKS", "Screen", "Terminal"]

WINDOWED = {"tkagg": "tkinter", "qtagg": "PyQt6", "qt5agg": "PyQt5", "gtk3agg": "gi",
            "gtk4agg": "gi", "wxagg": "wx", "macosx": "matplotlib"}  # fmt: skip
FILES_ONLY = {"agg", "pdf", "svg", "ps", "cairo", "template"}


@dataclass(frozen=True)
class Screen:
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


def gather_screen(context: Context) -> Screen:
    """Look at the display without loading matplotlib."""
    environment = context.request.environment
    toolkits = tuple(
        name for name in ("tkinter", "PyQt6", "PyQt5", "PySide6", "gi", "wx") if _there(name)
    )
    own = sys.platform in ("win32", "darwin")
    return Screen(
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


def judge_screen(facts: Screen) -> Verdict:
    """Judge whether a picture can be shown in a window; files and the terminal always work."""
    if not facts.matplotlib:
        return Verdict(
            "error", "matplotlib is not installed", "It draws every picture.",
            (f"{sys.executable} -m pip install matplotlib",),
        )  # fmt: skip
    module = WINDOWED.get(facts.backend)
    if module and not facts.display:
        return Verdict(
            "error", f"MPLBACKEND={facts.backend} needs a display, and there is none",
            "matplotlib fails with a TclError or \"headless\". Pictures still go to PNG files.",
            (unset("MPLBACKEND"),),
        )  # fmt: skip
    if module and module != "matplotlib" and module not in facts.toolkits:
        return Verdict(
            "error", f"MPLBACKEND={facts.backend} needs {module}, which cannot be imported", "",
            (unset("MPLBACKEND"),),
        )  # fmt: skip
    if facts.notebook:
        return Verdict("ok", "in a notebook: pictures appear in it")
    if facts.backend in FILES_ONLY:
        return Verdict(
            "ok", f"MPLBACKEND={facts.backend}: pictures go to PNG files and the terminal"
        )
    if not facts.display or not facts.toolkits:
        why = "no display" if not facts.display else "no GUI toolkit"
        return Verdict("ok", f"{why}: pictures go to PNG files and the terminal")
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
        setting = "set PYTHONUTF8=1" if os.name == "nt" else "export PYTHONUTF8=1"
        return Verdict(
            "warning", f"stdout is {facts.encoding}: letters stand in for signs and pictures",
            "Everything works; UTF-8 would show it better.", (setting,),
        )  # fmt: skip
    if not facts.terminal:
        return Verdict("ok", f"{facts.encoding}, not a terminal: no colours, nothing moves")
    if facts.environment.get("NO_COLOR") or facts.environment.get("TERM") == "dumb":
        return Verdict("ok", f"{facts.encoding}, without colours by NO_COLOR or TERM")
    return Verdict("ok", f"{facts.encoding} with colours")


CHECKS: tuple[Check[Any], ...] = (
    Check("display", "display", "Can pictures be shown in a window?",
          gather_screen, judge_screen, terse=True),
    Check("terminal", "display", "Which letters and colours can the terminal write?",
          gather_terminal, judge_terminal, terse=True),
)  # fmt: skip
