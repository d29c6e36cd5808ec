"""Progress as bars and lines."""

from __future__ import annotations

import io
import sys

import pytest

from mnist_tool.cli.screen.listeners import PlainLines, terminal_bars
from mnist_tool.cli.screen.streams import PatientConsole, prepare

ODD = "größe ± … ✓"


def test_progress_gets_through_an_ascii_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels, details and news, moving or not."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    prepare()
    console = PatientConsole(stderr=True, force_terminal=True, width=90, highlight=False)
    with terminal_bars(console) as bars, bars.bar(ODD, 2) as bar:
        bar.describe(ODD)
        bar.advance(1)
        bars.note(ODD)
    PlainLines(console).note(ODD)
    stream.flush()
    assert stream.buffer.getvalue().count(rb"gr\xf6\xdfe +/- ... [OK]") >= 3  # type: ignore[attr-defined]


def test_bars_leave_nothing_behind() -> None:
    """The news stay, the bars go."""
    console = PatientConsole(file=io.StringIO(), force_terminal=True, width=80, highlight=False)
    with terminal_bars(console) as bars, bars.bar("working", 4, "img") as bar:
        bar.resize(2)
        bar.advance(1)
        bars.note("half of it")
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "half of it\n" in shown
    assert "working" not in shown.rpartition("\x1b[2K")[2]  # after the line was cleared
