"""Checks on an interpreter: does it start, do torch and torchvision work in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from mnist_tool.advice import command_line
from mnist_tool.diagnosis.context import Context, InterpreterFacts
from mnist_tool.diagnosis.explain import explain, explain_outcome, fitting, search_line
from mnist_tool.diagnosis.explained.entry import Explanation
from mnist_tool.diagnosis.findings import Check, Verdict
from mnist_tool.diagnosis.runner import Outcome
from mnist_tool.diagnosis.shell import rename
from mnist_tool.diagnosis.versions import newest_torch_for, too_new_for_torch

__all__ = ["CHECKS", "PROBE_LIMIT", "interpreter_check", "trouble", "unusable"]

FEW_LINES = 6
LINE = 160  # characters of an error text on the screen
PROBE_LIMIT = 400.0  # seconds; the probe has a limit of its own for each step
PATTERNS = 10  # that the probe draws, and lets a classifier learn
PRODUCT = 24.0  # ones(2, 3) times twos(3, 2): four sums of 3 * 2


def trouble(facts: InterpreterFacts, outcome: Outcome) -> tuple[str, tuple[str, ...], str]:
    """Say why a step failed.

    Returns
    -------
    tuple of (str, tuple of str, str)
        The cause in a sentence, the commands that mend it, and the name of the explanation (empty
        for an unknown text).
    """
    said = f"{outcome.kind}: {outcome.message}".strip(": ").splitlines() or [outcome.state]
    if outcome.own_files:
        here = all(os.sep not in name for name in outcome.own_files)
        where = "in the current folder" if here else "(on PYTHONPATH)"
        cause = (
            f"{' and '.join(outcome.own_files)} {where} was imported in place of the module of "
            "that name. Rename it, or work in another folder."
        )
        fix = tuple(rename(name) for name in outcome.own_files)
        return f"{cause}\n{said[0][:LINE]}", fix, "shadowed"
    known = explain_outcome(outcome, facts.examination.stderr)
    known = fitting(known, facts.version("torch"), facts.version("numpy"))
    if known is not None:
        lines = outcome.traceback.splitlines()
        behind = [line for line in lines if explain(line) is known and line not in said]
        cause = f"{known.told}\n{_quoted(said + behind[-1:], known)}"
        return cause, facts.invocation.of(known, facts.installer), known.name
    whole = "\n".join(said)
    return f"{whole}\nNo known cause. What others report: {search_line(whole)}", (), ""


def _quoted(said: list[str], known: Explanation) -> str:
    """Return a short message whole, and of a long one the line by which it was known."""
    if len(said) <= FEW_LINES:
        return "\n".join(_excerpt(line, known.pattern) for line in said)
    line = next((text for text in said if explain(text) is known), said[0])
    return _excerpt(line, known.pattern)


def _excerpt(line: str, pattern: str) -> str:
    """Return a line, or of a very long one the part by which it was known."""
    found = re.search(pattern, line)
    if len(line) <= LINE or found is None:
        return line[:LINE]
    start = max(0, min(found.start() - 60, len(line) - LINE))
    return ("... " if start else "") + line[start : max(start + LINE, found.end())]


def unusable(facts: InterpreterFacts) -> str:
    """Say why torch cannot be asked anything here; an empty text where it can."""
    if facts.outcome("torch").ok:
        return ""
    if not facts.outcome("about").ok:
        return "the interpreter does not start"
    return "torch does not work here" if facts.version("torch") else "torch is not installed"


def judge_python(facts: InterpreterFacts) -> Verdict:
    """Judge whether the interpreter starts and torch can exist for it."""
    outcome = facts.outcome("about")
    look = (command_line("doctor", "interpreters"),)  # what other ones there are
    if not outcome.ok:
        line = (outcome.message.splitlines() or [outcome.state])[-1]
        if known := explain(outcome.message):
            return Verdict("error", "does not start", f"{known.told}\n{line}", look=look)
        if outcome.kind.startswith("exit code"):
            line = f"It ran, but it is no Python, or a broken one ({outcome.kind}): {line}"
        return Verdict("error", "does not start", line, look=look)
    about = facts.about
    summary = (
        f"{about['implementation']} {about['version']}, {about['bits']} bit, {about['machine']}"
    )
    if about["bits"] != 64:
        detail = "There is no torch for a 32-bit Python: install a 64-bit one, or use another."
        return Verdict("error", summary, detail, data=about, look=look)
    last = newest_torch_for(about["version"])
    if last:
        detail = f"The newest torch for this Python is {last}."
        if facts.version("torch"):
            return Verdict("ok", summary, detail, data=about)
        fix = facts.installer.install("torch", "torchvision")
        return Verdict("warning", summary, detail, fix, about)
    if not facts.version("torch") and (missing := _no_wheels(about)):
        detail = f"{missing} Use another Python for torch."
        return Verdict("warning", summary, detail, data=about, look=look)
    return Verdict("ok", summary, data=about)


def _no_wheels(about: Mapping[str, Any]) -> str:
    """Say why pip may answer "No matching distribution found for torch"."""
    if too_new_for_torch(about["version"]):
        return "This Python is so new that there may be no torch for it yet."
    if about.get("musl"):
        return "This Linux uses musl (as Alpine does), and torch is built for glibc only."
    if (about.get("system"), about["machine"]) == ("Windows", "ARM64"):
        return "Few releases of torch are built for Windows on ARM."
    return ""


def judge_torch(facts: InterpreterFacts) -> Verdict:
    """Judge whether torch imports and computes."""
    outcome = facts.outcome("torch")
    if not facts.outcome("about").ok:
        return Verdict("skipped", unusable(facts))
    if not outcome.ok:
        cause, fix, name = trouble(facts, outcome)
        verb = {"died": "kills the interpreter", "timeout": "does not finish importing"}
        summary = f"torch {verb.get(outcome.state, 'cannot be imported')}"
        if name == "no-torch":
            summary, cause = cause.splitlines()[0].rstrip("."), ""
        return Verdict("error", summary, cause, fix, {"explanation": name})
    value = outcome.value
    version = value["version"]
    if value["product"] != PRODUCT:
        detail = (
            f"A product of two small matrices sums up to {value['product']} instead of {PRODUCT}."
        )
        fix = facts.installer.reinstall("torch")
        return Verdict("error", f"{version} computes wrongly", detail, fix, value)
    summary = f"{version} imports and computes ({outcome.seconds:.1f} s)"
    return Verdict("ok", summary, data=value)


def judge_torchvision(facts: InterpreterFacts) -> Verdict:
    """Judge whether torchvision imports, with its compiled part."""
    outcome = facts.outcome("torchvision")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    if not outcome.ok:
        cause, fix, name = trouble(facts, outcome)
        summary = "torchvision cannot be imported"
        if name == "no-torchvision":
            summary, cause = cause.splitlines()[0].rstrip("."), ""
        return Verdict("error", summary, cause, fix, {"explanation": name})
    version = outcome.value["version"]
    if outcome.value["compiled"] is False:
        detail = (
            "MNIST works; detection models and some transforms do not. torch and torchvision are "
            "from different builds."
        )
        summary = f"{version} imports without its compiled part"
        return Verdict("warning", summary, detail, facts.installer.reinstall(), outcome.value)
    return Verdict("ok", f"{version} imports ({outcome.seconds:.1f} s)", data=outcome.value)


def judge_training(facts: InterpreterFacts) -> Verdict:
    """Judge whether a model learns, and tells apart what it was shown."""
    outcome = facts.outcome("train")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    if not outcome.ok:
        cause, fix, name = trouble(facts, outcome)
        return Verdict("error", "training fails", cause, fix, {"explanation": name})
    value = outcome.value
    told = f"{value['steps']} steps, cost {value['first']:.2f} to {value['last']:.2f}"
    if not value["last"] < value["first"] or value["right"] < PATTERNS:
        detail = (
            f"After them it tells {value['right']} of {PATTERNS} patterns apart, and should all of "
            "them: this torch computes wrongly on this machine."
        )
        return Verdict("error", f"learns nothing: {told}", detail, facts.installer.reinstall())
    return Verdict("ok", f"{told}; all {PATTERNS} patterns read rightly", data=value)


def _gather(context: Context, python: str) -> InterpreterFacts:
    return context.interpreter(python)


def interpreter_check(
    name: str,
    group: str,
    purpose: str,
    judge: Callable[[InterpreterFacts], Verdict],
    *needs: str,
    terse: bool = False,
) -> Check[InterpreterFacts]:
    """Return a check that judges what the probe told of one interpreter; see `Check`."""
    return Check(
        name,
        group,
        purpose,
        _gather,
        judge,
        per_interpreter=True,
        needs=needs,
        terse=terse,
        limit=PROBE_LIMIT,
    )


CHECKS: tuple[Check[Any], ...] = (
    interpreter_check(
        "python",
        "environment",
        "Does the interpreter start, and can there be a torch for it?",
        judge_python,
    ),
    interpreter_check(
        "torch", "torch", "Does torch import, and does it compute?", judge_torch, "torch"
    ),
    interpreter_check(
        "torchvision",
        "torch",
        "Does torchvision import, with its compiled part?",
        judge_torchvision,
        "torch",
        "torchvision",
    ),
    interpreter_check(
        "trains",
        "torch",
        "Does a model really learn here, and predict what it was shown?",
        judge_training,
        "torch",
        "train",
        terse=True,
    ),
)
