"""The command doctor: run the checks, show one screen, mend on request."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_tool.cli.explanation import explain_text
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    DatasetOption,
    OfflineOption,
    RootOption,
    RunsOption,
    TimeoutOption,
    valued,
)
from mnist_tool.cli.screen.asking import confirmed
from mnist_tool.cli.screen.checklist import show_as_they_come, show_findings
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import MnistToolError, SettingError
from mnist_tool.version import __version__

if TYPE_CHECKING:
    from mnist_tool.diagnosis.context import Context
    from mnist_tool.diagnosis.findings import Check, Finding, Status
    from mnist_tool.diagnosis.fixes import Repair

WORDS: tuple[Status, ...] = ("error", "crashed", "warning", "ok", "skipped")
SKIP_VARIABLE = "MNIST_TOOL_DOCTOR_SKIP"
FAILED: tuple[Status, ...] = ("error", "crashed")


def _check_names(incomplete: str) -> list[str]:
    from mnist_tool.diagnosis.checks import CHECKS, GROUPS

    names = (*GROUPS, *(check.name for check in CHECKS))
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


@command(
    "doctor",
    ("What is wrong here", "mnist-tool doctor"),
    ("Mend what can be mended", "mnist-tool doctor --fix"),
    ("The Python your script runs in", "mnist-tool doctor --python /usr/bin/python3"),
    ("Only the data, or one check", "mnist-tool doctor data torch"),
    ("What an error text means", "pbpaste | mnist-tool doctor --explain -"),
)
def doctor(
    out: Output,
    checks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CHECK|GROUP",
            show_default=False,
            help="Names of checks or groups. [default: all]",
            autocompletion=_check_names,
        ),
    ] = None,
    python: Annotated[
        list[str] | None,
        valued(
            "--python",
            metavar="PATH",
            help="Examine this interpreter, of any age, instead of mnist-tool's own. "
            "May be given several times.",
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend the data, then check again; asks before each step.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="With --fix: show the steps, change nothing.")
    ] = False,
    network: Annotated[bool, typer.Option("--network", help="Try the sources too.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on warnings too.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Details, facts and tracebacks of every check.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Plain text for an issue, without personal data.")
    ] = False,
    explain: Annotated[
        str | None,
        valued(
            "--explain",
            metavar="FILE",
            help="Say what an error text in this file (- for stdin) means, and stop.",
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        valued(
            "--skip",
            metavar="CHECK",
            help="Leave out this check or group. May be given several times. "
            f"[env: {SKIP_VARIABLE}]",
            autocompletion=_check_names,
        ),
    ] = None,
    list_checks: Annotated[bool, typer.Option("--list", help="Name the checks and stop.")] = False,
    root: RootOption = None,
    runs: RunsOption = None,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Examine, show it on one screen, and with ``--fix`` mend it step by step."""
    from mnist_tool.diagnosis.checks import choose
    from mnist_tool.diagnosis.doctor import make_context, make_request

    chosen = choose(checks or [], named=bool(python))
    left_out = _left_out(skip or [])
    if list_checks:
        _list(out, chosen)
        return
    if (yes or dry_run) and not fix:
        raise SettingError("--yes and --dry-run belong to --fix.", hint=f"Say: {out.line('--fix')}")
    if explain is not None and (checks or fix or network or report):
        raise SettingError(
            "--explain looks at a text alone.", hint="Leave out the checks, or the text."
        )
    request = make_request(
        root, dataset, runs, python or (), network=network, offline=offline, timeout=timeout
    )
    if explain is not None:
        explain_text(out, explain, request)
        return
    show = None if report else _Show(verbose)
    context = make_context(chosen, request, left_out, repairs=fix)
    findings = _examine(out, chosen, context, left_out, show)
    applied: list[dict[str, Any]] = []
    if fix:
        applied = _fix(out, context, yes=yes, dry_run=dry_run, offline=offline)
        if any(step["done"] for step in applied):
            context = make_context(chosen, request, left_out)
            findings = _examine(out, chosen, context, left_out, show)
    if report:
        from mnist_tool.diagnosis.plaintext import plain_report

        out.print(plain_report(findings))
    _conclude(out, findings, applied, strict=strict)


def _list(out: Output, chosen: Sequence[Check[Any]]) -> None:
    out.data(
        checks=[
            {
                "name": c.name,
                "group": c.group,
                "purpose": c.purpose,
                "network": c.network,
                "per_interpreter": c.per_interpreter,
            }
            for c in chosen
        ]
    )
    out.table(("group", "check", "question"), [(c.group, c.name, c.purpose) for c in chosen])


def _left_out(words: list[str]) -> frozenset[str]:
    """Return the checks that nobody wants to hear of, by the option and the variable."""
    from mnist_tool.diagnosis.checks import choose

    words = words + os.environ.get(SKIP_VARIABLE, "").replace(",", " ").split()
    return frozenset(check.name for check in choose(words)) if words else frozenset()


@dataclass(frozen=True)
class _Show:
    """How findings are shown."""

    verbose: bool


def _examine(
    out: Output,
    chosen: Sequence[Check[Any]],
    context: Context,
    left_out: frozenset[str],
    show: _Show | None,
) -> list[Finding]:
    """Run the checks, and show what they find where that is wanted."""
    from mnist_tool.diagnosis.doctor import begin

    coming = begin(chosen, context, left_out)
    if show is not None:
        out.print(f"mnist-tool {__version__}, {sys.executable}")
        if out.stdout.on_screen and not context.request.pythons and not out.json_mode:
            return show_as_they_come(out, coming, chosen, verbose=show.verbose)
    findings: list[Finding] = []
    with out.progress() as progress, progress.bar("examining", len(chosen), "checks") as bar:
        for finding in coming:
            findings.append(finding)
            bar.advance(1)
    if show is not None:
        show_findings(out, findings, verbose=show.verbose)
    return findings


def _fix(
    out: Output, context: Context, *, yes: bool, dry_run: bool, offline: bool | None
) -> list[dict[str, Any]]:
    """Show each step, ask where someone can answer, and carry it out."""
    steps = _plan(context, offline=offline)
    if not steps:
        out.note("There is nothing about the data that --fix can mend.")
    results = []
    for number, step in enumerate(steps, 1):
        out.print(f"\nstep {number} of {len(steps)}: {step.text}")
        done = False
        if not dry_run and (yes or _confirmed(step)):
            done = _apply(out, step)
        results.append({"kind": step.kind, "text": step.text, "done": done})
        if not done and not dry_run:
            break  # later steps build on this one
    return results


def _plan(context: Context, *, offline: bool | None) -> list[Repair]:
    from mnist_tool.diagnosis.fixes import plan_repairs

    interpreters = [context.interpreter(python) for python in context.request.subjects]
    return plan_repairs(context.data(), interpreters, offline=offline)


def _confirmed(step: Repair) -> bool:
    return confirmed(
        "Do it?",
        "--fix asks before each step, and there is no terminal to ask on.",
        f"The first step would be: {step.text}. Allow all with --fix --yes.",
    )


def _apply(out: Output, step: Repair) -> bool:
    try:
        with out.progress() as progress:
            out.print(f"  done: {step.apply(progress)}")
    except MnistToolError as error:
        out.warn(f"{error.message} {error.hint}")
        return False
    return True


def _conclude(
    out: Output, findings: Sequence[Finding], applied: list[dict[str, Any]], *, strict: bool
) -> None:
    counts = Counter(finding.status for finding in findings)
    out.data(
        findings=[_plain(finding) for finding in findings],
        counts={word: counts.get(word, 0) for word in WORDS},
        steps=applied,
    )
    told = ", ".join(
        f"{counts[word]} {word}{'s' if word in ('error', 'warning') and counts[word] > 1 else ''}"
        for word in WORDS
        if counts[word]
    )
    failed = any(counts[word] for word in FAILED)
    healthy = "" if failed or counts["warning"] else "Everything is all right: "
    out.print(f"\n{healthy}{told}")
    if failed or (strict and counts["warning"]):
        out.answer(1)
        mendable = any("--fix" in line for f in findings for line in f.fix if f.status in FAILED)
        if mendable and not applied:
            out.hint(out.line("--fix", instead={"--fix": None}))


def _plain(finding: Finding) -> dict[str, Any]:
    fields = asdict(finding)
    del fields["show"]  # it is about the screen
    return fields
