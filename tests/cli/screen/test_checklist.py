"""What the doctor shows: one screen, a line for what is worth reading, all of it on request."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from mnist_tool.cli.screen.checklist import show_as_they_come, show_findings
from mnist_tool.cli.screen.output import Output
from mnist_tool.cli.screen.streams import PatientConsole
from mnist_tool.diagnosis.checks import CHECKS
from mnist_tool.diagnosis.findings import Finding

SCREEN = (80, 24)
LONG = "a summary of so many words that it does not fit beside the other columns of a terminal"


def healthy(**changes: dict[str, Any]) -> list[Finding]:
    """One finding per check, all content, with what is given by name changed."""
    return [
        Finding(
            **{
                "check": c.name,
                "group": c.group,
                "subject": sys.executable if c.per_interpreter else "",
                "status": "ok",
                "summary": f"{c.name} is fine",
                "show": "name" if c.terse else "line",
                **changes.get(c.name, {}),
            }
        )
        for c in CHECKS
    ]


def terminal(width: int, encoding: str) -> tuple[Output, io.TextIOWrapper]:
    """An output to a terminal, and what it writes to."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    out = Output("doctor")
    out.stdout = PatientConsole(
        file=stream,
        force_terminal=True,
        width=width,
        no_color=True,
        highlight=False,
        soft_wrap=True,
        color_system=None,
        legacy_windows=False,
    )
    return out, stream


def written(stream: io.TextIOWrapper, encoding: str = "utf-8") -> list[str]:
    """The lines that have arrived there."""
    stream.flush()
    return stream.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]


def shown(
    findings: list[Finding], *, width: int = 80, encoding: str = "utf-8", verbose: bool = False
) -> list[str]:
    """The lines on a terminal."""
    out, stream = terminal(width, encoding)
    show_findings(out, findings, verbose=verbose)
    return written(stream, encoding)


BROKEN = {
    "processed": {
        "status": "error",
        "show": "detail",
        "summary": "cannot be read",
        "detail": LONG,
        "fix": ("mnist-tool doctor --fix", "pip install torch"),
    },
    "sources": {"status": "skipped", "summary": "not tried; add --network"},
    "portal": {"status": "skipped", "summary": "not tried; add --network", "show": "line"},
}


def test_a_healthy_machine_is_one_screen() -> None:
    """Title, findings, verdict and the next prompt fit; every check is named once."""
    lines = shown(healthy())
    words = " ".join(lines).replace(",", " ").split()

    assert len(lines) + len(["title", "", "verdict", "prompt"]) <= SCREEN[1]
    assert all(len(line) <= SCREEN[0] for line in lines)
    assert all(check.name in words for check in CHECKS)


def test_one_thing_wrong_is_still_one_screen() -> None:
    """Its cause and its commands stand below it; what was skipped for one reason is together."""
    lines = shown(healthy(**BROKEN))
    text = "\n".join(lines)

    assert len(lines) + len(["title", "", "verdict", "hint", "prompt"]) <= SCREEN[1]
    assert "✗ processed     cannot be read" in text
    assert "fix: mnist-tool doctor --fix" in text
    assert " or: pip install torch" in text
    assert "- sources, portal  not tried; add --network" in text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_text_is_wrapped_between_words_and_commands_are_not(width: int) -> None:
    """No word is cut, nothing is lost, and a command can be copied."""
    command = "mnist-tool doctor --fix --root " + "a-rather-long-folder/" * 8
    wrong = {"status": "error", "show": "detail", "detail": LONG, "fix": (command,)}
    lines = shown(healthy(files=wrong), width=width)

    assert LONG in " ".join(" ".join(lines).split())
    assert any(line.endswith(command) for line in lines)
    if width >= 80:
        assert max(len(line) for line in lines if command not in line) <= width


def test_what_only_shows_more_is_no_fix() -> None:
    """Both stand whole below the finding, each with its word."""
    idle = {"status": "warning", "show": "detail", "fix": ("mend it",), "look": ("nvidia-smi",)}
    text = "\n".join(shown(healthy(device=idle)))
    assert "fix: mend it" in text
    assert "look: nvidia-smi" in text


def test_words_stand_in_for_signs_where_there_are_none() -> None:
    """An ASCII terminal shows the same columns."""
    lines = shown(healthy(**BROKEN), encoding="ascii")

    assert any("FAIL  processed" in line for line in lines)
    assert len({line.index("  ok ") for line in lines if "  ok " in line}) == 1


def test_verbose_gives_each_check_its_line() -> None:
    """Also to those that are content, with their facts."""
    lines = shown(healthy(pair={"data": {"torch": "2.0"}}), verbose=True)

    assert sum("✓" in line for line in lines) == len(CHECKS)
    assert any(line.endswith("torch: 2.0") for line in lines)


def test_interpreters_that_were_named_have_their_own_part() -> None:
    """What belongs to one of them stands under its name, the rest under this machine."""
    findings = [
        Finding("torch", "torch", "/a/python", "ok", "1.2"),
        Finding("torch", "torch", "/b/python", "ok", "1.4"),
        Finding("root", "data", "", "ok", "here"),
    ]
    lines = [line for line in shown(findings) if line]

    assert lines[0::2] == ["/a/python", "/b/python", "this machine"]
    assert [line.split()[-1] for line in lines[1::2]] == ["1.2", "1.4", "here"]


def test_each_group_is_shown_before_the_next_one_is_known() -> None:
    """Whoever waits sees what is known by now; in the end it is the same screen."""
    out, stream = terminal(80, "utf-8")
    seen: list[int] = []

    def coming() -> Iterator[Finding]:
        for finding in healthy():
            if finding.check == "torch":
                seen.append(len(written(stream)))
            yield finding

    found = show_as_they_come(out, coming(), CHECKS, verbose=False)

    assert seen[0] > 0
    assert found == healthy()
    assert written(stream) == shown(healthy())
