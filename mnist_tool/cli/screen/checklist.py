"""Show what the doctor found: a screenful, with details only where something is wrong."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from mnist_tool.cli.screen.output import Output
from mnist_tool.cli.screen.spelling import spell

if TYPE_CHECKING:
    from mnist_tool.diagnosis.findings import Check, Finding, Status

__all__ = ["show_as_they_come", "show_findings"]

DATA_WIDTH = 300  # characters of one value under --verbose


def show_findings(out: Output, findings: Sequence[Finding], *, verbose: bool) -> None:
    """Print findings by group, and by interpreter where the user named some.

    Parameters
    ----------
    out : Output
        Where to.
    findings : sequence of Finding
        What was found, in the order of the report.
    verbose : bool
        Give each check a line of its own, with its details, facts and traceback.
    """
    if out.json_mode or not findings:
        return
    layout = _Layout(out, [f.group for f in findings], [f.check for f in findings])
    for heading, its in _blocks(findings).items():
        if heading:
            out.stdout.print(f"\n[bold]{escape(heading)}[/bold]")
        for group in dict.fromkeys(finding.group for finding in its):
            _show_group(layout, [f for f in its if f.group == group], verbose=verbose)


def show_as_they_come(
    out: Output, coming: Iterator[Finding], checks: Sequence[Check[Any]], *, verbose: bool
) -> list[Finding]:
    """Print each group as soon as all that is in it was found; return all of it.

    Parameters
    ----------
    out : Output
        Where to: a terminal, on which somebody waits.
    coming : iterator of Finding
        What is being found, group by group, about one interpreter.
    checks : sequence of Check
        What was asked, which decides the columns.
    verbose : bool
        As in `show_findings`.
    """
    layout = _Layout(out, [check.group for check in checks], [check.name for check in checks])
    last = {check.group: check.name for check in checks}
    found: list[Finding] = []
    for finding in coming:
        found.append(finding)
        if finding.check == last[finding.group]:
            its = [each for each in found if each.group == finding.group]
            _show_group(layout, its, verbose=verbose)
    return found


def _blocks(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Sort findings by interpreter; a single one that nobody named needs no heading."""
    if {finding.subject for finding in findings} <= {"", sys.executable}:
        return {"": list(findings)}
    blocks: dict[str, list[Finding]] = {}
    for finding in findings:
        blocks.setdefault(finding.subject or "this machine", []).append(finding)
    return blocks


class _Layout:
    """The columns: group, sign, check, and the text, which is wrapped on a terminal."""

    def __init__(self, out: Output, groups: Iterable[str], checks: Iterable[str]) -> None:
        self.out = out
        self._group = max(map(len, groups), default=0)
        self._check = max(map(len, checks), default=0)
        self._sign = 5 if out.stdout.options.ascii_only else 1
        self._wide = out.stdout.width if out.stdout.on_screen else 0

    def row(self, group: str, status: Status, check: str, text: str) -> None:
        """Print a line with a sign, and what does not fit below it."""
        heading = f"[bold]{group:<{self._group}}[/bold]"
        sign = self.out.sign(status, self._sign)
        first, *rest = self._wrapped(text)
        name = f"{check:<{self._check}}"
        self.out.stdout.print(f"{heading}  {sign} {escape(name)}  {escape(first)}".rstrip())
        for line in rest:
            self.below(line)

    def names(self, group: str, names: Sequence[str]) -> None:
        """Print the checks that are content and have nothing else to tell."""
        first, *rest = self._wrapped(", ".join(names), self._check + 2)
        heading = f"[bold]{group:<{self._group}}[/bold]"
        self.out.stdout.print(f"{heading}  {self.out.sign('ok', self._sign)} {first}")
        for line in rest:
            self.out.stdout.print(" " * (self._group + self._sign + 3) + line)

    def below(self, line: str, mark: str = "") -> None:
        """Print a line under a check's text; one with a mark is a command and stays whole."""
        for part in [line] if mark else self._wrapped(line):
            shown = f"[bold]{escape(part)}[/bold]" if mark else escape(part)
            self.out.stdout.print(" " * self._margin + mark + shown)

    @property
    def _margin(self) -> int:
        return self._group + self._sign + self._check + 5

    def _wrapped(self, text: str, more: int = 0) -> list[str]:
        room = self._wide - self._margin + more
        if room < 20:  # no terminal, or one on which nothing would fit
            return [text]
        spelt = spell(text, self.out.stdout.encoding)
        return textwrap.wrap(spelt, room, break_on_hyphens=False) or [""]


def _show_group(layout: _Layout, findings: Sequence[Finding], *, verbose: bool) -> None:
    heading = findings[0].group
    content = [] if verbose else [f for f in findings if f.show == "name"]
    for names, finding in _merged([f for f in findings if f not in content]):
        layout.row(heading, finding.status, names, finding.summary)
        heading = ""
        if finding.show == "detail" or verbose:
            _show_detail(layout, finding)
        if verbose:
            _show_facts(layout, finding)
    if content:
        layout.names(heading, [finding.check for finding in content])


def _merged(findings: Sequence[Finding]) -> Iterator[tuple[str, Finding]]:
    """Yield findings with their names; those skipped for one reason together."""
    for finding in findings:
        alike = [f for f in findings if f.status == "skipped" and f.summary == finding.summary]
        if finding not in alike:
            yield finding.check, finding
        elif finding is alike[0]:
            yield ", ".join(f.check for f in alike), finding


def _show_detail(layout: _Layout, finding: Finding) -> None:
    for line in finding.detail.splitlines():
        layout.below(line)
    for number, line in enumerate(finding.fix):
        layout.below(line, "fix: " if number == 0 else " or: ")
    for line in finding.look:
        layout.below(line, "look: ")


def _show_facts(layout: _Layout, finding: Finding) -> None:
    layout.below(f"{finding.seconds:.2f} s")
    for line in finding.trace.splitlines():
        layout.below(line)
    for key, value in finding.data.items():
        parts = value.items() if isinstance(value, Mapping) else ()
        text = ", ".join(f"{name} {part}" for name, part in parts) or str(value)
        layout.below(f"{key}: {text[:DATA_WIDTH]}")
