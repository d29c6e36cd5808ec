"""The doctor in Python: what it finds shows itself, and the last error is explained."""

from __future__ import annotations

import html.parser
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mnist_tool
from mnist_tool.diagnosis.doctor import Report
from mnist_tool.diagnosis.findings import Finding
from mnist_tool.errors import SettingError

BAD = Finding(
    "files", "data", "", "error", "one is <damaged>", "Why &\nwhere", ("mnist-tool fetch",)
)


class _Seen(html.parser.HTMLParser):
    """The cells of a page, and the elements in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag == "td":
            self.cells.append("")
        elif tag == "br":
            self.cells[-1] += "\n"

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


def test_it_finds_what_the_command_finds(run_tool: Any) -> None:
    """The same checks on the same folder."""
    found = mnist_tool.doctor("data", "python", root="nowhere")
    told = run_tool("doctor", "data", "python", "--root", "nowhere", "--json").json["data"]
    assert [(f.check, f.status) for f in found.findings] == [
        (f["check"], f["status"]) for f in told["findings"]
    ]


def test_what_is_left_out_is_skipped_and_unknown_names_are_refused() -> None:
    """As `--skip` does it."""
    (finding,) = mnist_tool.doctor("root", skip=["data"]).findings
    assert finding.status == "skipped"
    with pytest.raises(SettingError, match="no check or group"):
        mnist_tool.doctor("rooot")
    with pytest.raises(SettingError, match="root"):
        mnist_tool.doctor("root", root="")


def test_an_interpreter_can_be_named_by_one_text() -> None:
    """A path is not taken for a list of letters."""
    (finding,) = mnist_tool.doctor("python", python=sys.executable).findings
    assert finding.subject == sys.executable


def test_a_report_shows_what_is_wrong_and_what_mends_it() -> None:
    """In a shell as text, in a notebook as a table in which nothing is taken for markup."""
    report = Report((BAD, replace(BAD, check="root", status="ok")))
    assert not report.ok
    assert Report(report.findings[1:]).ok
    assert repr(report).splitlines() == [
        "error    data/files: one is <damaged>",
        "         Why &",
        "         where",
        "         fix: mnist-tool fetch",
        "ok       data/root: one is <damaged>",
    ]
    seen = _Seen(report._repr_html_())
    assert seen.tags == {"table", "tr", "td", "br"}
    assert seen.cells[:3] == [
        "error", "data/files", "one is <damaged>\nWhy &\nwhere\nfix: mnist-tool fetch",
    ]  # fmt: skip


def test_the_last_error_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an interactive Python has shown, or the exception or text that is handed over."""
    error = ImportError("operator torchvision::nms does not exist")
    monkeypatch.setattr(sys, "last_value", error, raising=False)
    found = mnist_tool.explain_error()
    assert repr(found).startswith("cause: ")
    assert "\nfix: " in repr(found)
    assert repr(found) == repr(mnist_tool.explain_error(error))
    assert repr(found) == repr(mnist_tool.explain_error(f"ImportError: {error}"))


def test_what_is_unknown_has_no_remedy(tmp_path: Path) -> None:
    """Only where to search; and nothing is nothing to explain."""
    found = mnist_tool.explain_error(f"ValueError: {tmp_path} is odd", python=sys.executable)
    assert found.known is None
    assert "no known cause" in repr(found)
    assert "fix:" not in repr(found)
    for nothing in ("  ", 5, [], Path("x")):
        with pytest.raises(SettingError, match="no error to explain"):
            mnist_tool.explain_error(nothing)  # type: ignore[arg-type]
    assert mnist_tool.explain_error("ValueError: \ud800 is odd").known is None


def test_no_error_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fresh Python."""
    monkeypatch.delattr(sys, "last_value", raising=False)
    with pytest.raises(SettingError, match="no error to explain"):
        mnist_tool.explain_error()
