"""Checks on an interpreter: does it start, do torch and torchvision work in it, do they fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from mnist_tool.doctor.commands import rename
from mnist_tool.doctor.context import Context, InterpreterFacts
from mnist_tool.doctor.explain import explain, explain_outcome
from mnist_tool.doctor.findings import Check, Verdict
from mnist_tool.doctor.runner import Outcome, raised
from mnist_tool.doctor.versions import (
    expected_torch,
    newest_torch_for,
    parse,
    pin,
    short,
    too_new_for_torch,
)

__all__ = ["CHECKS", "PATIENCE", "trouble", "unusable"]

LINE = 160  # characters of an error text on the screen
PATIENCE = 400.0  # seconds; the probe has a limit of its own for each step
PRODUCT = 24.0  # ones(2, 3) times twos(3, 2): four sums of 3 * 2
BRIDGE = 10.0  # 0 + 1 + 2 + 3, and one more for each


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
        cause = (
            f"{' and '.join(outcome.own_files)} in the current folder was imported in place of "
            "the module of that name. Rename it, or work in another folder."
        )
        fix = tuple(rename(name) for name in outcome.own_files)
        return f"{cause}\n{said[0][:LINE]}", fix, "shadowed"
    known = explain_outcome(outcome, facts.report.stderr)
    if known is not None:
        line = next((text for text in said if explain(text) is known), said[0])
        return (
            f"{known.cause}\n{_excerpt(line, known.pattern)}",
            facts.commands.of(known, facts.python),
            known.name,
        )
    line = said[-1] if outcome.state == "died" else said[0]
    reinstall = facts.commands.pip(facts.python, "--force-reinstall", "torch", "torchvision")
    return line[:300], (reinstall,), ""


def _excerpt(line: str, pattern: str) -> str:
    """Return a line, or of a very long one the part by which it was known."""
    found = re.search(pattern, line)
    if len(line) <= LINE or found is None:
        return line[:LINE]
    start = max(0, min(found.start() - 60, len(line) - LINE))
    return ("... " if start else "") + line[start : max(start + LINE, found.end())]


def unusable(facts: InterpreterFacts) -> str:
    """Say why torch cannot be asked anything here; an empty text where it can."""
    if facts.report.of("torch").ok:
        return ""
    if not facts.report.of("about").ok:
        return "the interpreter does not start"
    return "torch does not work here" if facts.version("torch") else "torch is not installed"


def judge_python(facts: InterpreterFacts) -> Verdict:
    """Judge whether the interpreter starts and torch can exist for it."""
    outcome = facts.report.of("about")
    if not outcome.ok:
        line = outcome.message.splitlines()[-1][:LINE]
        if outcome.kind.startswith("exit code"):
            line = f"It ran, but it is no Python, or a broken one ({outcome.kind}): {line}"
        return Verdict("error", "does not start", line, ("mnist-tool doctor interpreters",))
    about = facts.about
    summary = (
        f"{about['implementation']} {about['version']}, {about['bits']} bit, {about['machine']}"
    )
    if about["bits"] != 64:
        return Verdict(
            "error",
            summary,
            "There is no torch for a 32-bit Python: install a 64-bit one, or use another Python.",
            ("mnist-tool doctor interpreters",),
            about,
        )
    last = newest_torch_for(about["version"])
    if last:
        return Verdict(
            "ok" if facts.version("torch") else "warning", summary,
            f"The newest torch for this Python is {last}.",
            (facts.commands.pip(facts.python, "torch", "torchvision"),), about,
        )  # fmt: skip
    if not facts.version("torch") and (missing := _no_wheels(about)):
        return Verdict(
            "warning", summary, f"{missing} Use another Python for torch.",
            ("mnist-tool doctor interpreters",), about,
        )  # fmt: skip
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
    outcome = facts.report.of("torch")
    if not facts.report.of("about").ok:
        return Verdict("skipped", unusable(facts))
    if not outcome.ok:
        cause, fix, name = trouble(facts, outcome)
        verb = {"died": "kills the interpreter", "timeout": "does not finish importing"}
        summary = f"torch {verb.get(outcome.state, 'cannot be imported')}"
        if name == "no-torch":
            summary, cause = cause.splitlines()[0].rstrip("."), ""
        return Verdict("error", summary, cause, fix, {"explanation": name})
    value = outcome.value
    summary = f"{value['version']} imports and computes ({outcome.seconds:.1f} s)"
    if value["product"] != PRODUCT:
        return Verdict(
            "error", f"{value['version']} computes wrongly",
            f"A product of two small matrices sums up to {value['product']} instead of {PRODUCT}.",
            (facts.commands.pip(facts.python, "--force-reinstall", "torch"),), value,
        )  # fmt: skip
    return Verdict("ok", summary, data=value)


def judge_torchvision(facts: InterpreterFacts) -> Verdict:
    """Judge whether torchvision imports, with its compiled part."""
    outcome = facts.report.of("torchvision")
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
        return Verdict(
            "warning", f"{version} imports without its compiled part",
            "MNIST works; detection models and some transforms do not. torch and torchvision "
            "are from "
            "different builds.",
            (facts.commands.pip(facts.python, "--force-reinstall", "torch", "torchvision"),),
            outcome.value,
        )  # fmt: skip
    return Verdict("ok", f"{version} imports ({outcome.seconds:.1f} s)", data=outcome.value)


def judge_pair(facts: InterpreterFacts) -> Verdict:
    """Judge by their metadata whether torch and torchvision were made for each other."""
    torch, torchvision = facts.version("torch"), facts.version("torchvision")
    if not torch or not torchvision:
        return Verdict("skipped", (not torch and unusable(facts)) or "not both are installed")
    copies = facts.about["packages"]["torchvision"]
    requirement = pin(copies[0]["requires"], "torch")
    if requirement is not None and requirement.specifier:
        wanted = str(requirement.specifier)
        fits = requirement.specifier.contains(short(torch), prereleases=True)
    else:
        vision = parse(torchvision)
        minor = expected_torch(vision) if vision else None
        if minor is None:
            return Verdict("ok", f"torchvision {torchvision} asks for no particular torch")
        wanted = f"{minor}.*"
        fits = short(torch).split(".")[:2] == minor.split(".")
    data = {"torch": torch, "torchvision": torchvision, "wanted": wanted}
    if fits:
        return Verdict(
            "ok", f"torchvision {torchvision} takes torch {wanted}, there is {torch}", data=data
        )
    return Verdict(
        "error", f"torchvision {torchvision} was made for torch {wanted}, but there is {torch}",
        "Such a pair fails in odd ways: operators that do not exist, missing modules, crashes.",
        (facts.commands.pip(facts.python, "--upgrade", "torch", "torchvision"),), data,
    )  # fmt: skip


def judge_copies(facts: InterpreterFacts) -> Verdict:
    """Judge whether a package is installed twice, so that parts of both are mixed."""
    packages: Mapping[str, Any] = facts.about.get("packages", {})
    twice = {name: copies for name, copies in packages.items() if len(copies) > 1}
    important = [name for name in ("torch", "torchvision", "numpy", "pillow") if name in twice]
    if not packages:
        return Verdict("skipped", unusable(facts) or "no packages found")
    if not important:
        return Verdict("ok", "torch, torchvision, numpy and Pillow are there at most once")
    lines = [
        f"{name}: " + ", ".join(f"{copy['version']} in {copy['folder']}" for copy in twice[name])
        for name in important
    ]
    uninstall = facts.commands.pip(facts.python, *important).replace(" install ", " uninstall ")
    again = facts.commands.pip(facts.python, "torch", "torchvision")
    return Verdict(
        "warning", f"installed twice: {', '.join(important)}",
        "\n".join([*lines, "The first is used; uninstall until none is left, then install once."]),
        (uninstall, again), {"twice": twice},
    )  # fmt: skip


def judge_numpy(facts: InterpreterFacts) -> Verdict:
    """Judge whether arrays pass between numpy and torch."""
    outcome = facts.report.of("torch")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    bridge = outcome.value["numpy"]
    if "value" in bridge and bridge["value"]["sum"] == BRIDGE:
        return Verdict("ok", f"{bridge['value']['version']} and torch exchange arrays", data=bridge)
    failed = raised(bridge.get("error", {"type": "", "message": "wrong values come back"}))
    cause, fix, name = trouble(facts, failed)
    if not facts.version("numpy"):
        return Verdict(
            "error", "numpy is not installed", "torch cannot pass arrays on without it.",
            (facts.commands.pip(facts.python, "numpy"),), {"explanation": name, **bridge},
        )  # fmt: skip
    if name in ("no-module", ""):
        fix = (facts.commands.pip(facts.python, "--upgrade", "numpy"),)
    old = parse(short(facts.version("torch")))
    numpy = parse(facts.version("numpy"))
    if old and numpy and old < Version("2.3") and numpy >= Version("2"):
        # torch says the same for every NumPy it cannot use; the versions say which way to go.
        fix = (facts.commands.pip(facts.python, "numpy<2"),)
        cause = f"torch before 2.3 was built for NumPy 1 and cannot use NumPy {numpy}.\n{cause}"
    return Verdict("error", "torch cannot use numpy", cause, fix, {"explanation": name, **bridge})


def judge_pillow(facts: InterpreterFacts) -> Verdict:
    """Judge whether this torchvision can import this Pillow."""
    vision, pillow = parse(short(facts.version("torchvision"))), parse(facts.version("pillow"))
    if vision is None:
        return Verdict("skipped", unusable(facts) or "torchvision is not installed")
    if pillow is None and not facts.version("pillow-simd"):
        return Verdict(
            "error", "Pillow is not installed", "torchvision needs it to import.",
            (facts.commands.pip(facts.python, "pillow"),),
        )  # fmt: skip
    if pillow and vision < Version("0.5") and pillow >= Version("7"):
        return Verdict(
            "error", f"torchvision {vision} cannot import Pillow {pillow}",
            "torchvision before 0.5 needs PILLOW_VERSION, which Pillow 7 no longer has.",
            (facts.commands.pip(facts.python, "pillow<7"),),
        )  # fmt: skip
    return Verdict("ok", f"{pillow or 'pillow-simd'} fits torchvision {vision}")


def judge_openmp(facts: InterpreterFacts) -> Verdict:
    """Judge whether two different OpenMP runtimes are in one process."""
    outcome = facts.report.of("torch")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    files = outcome.value["openmp"]
    kinds = {name.split(".")[0].split("-")[0] for name in files}
    if len(kinds) < 2:
        return Verdict("ok", ", ".join(files) or "none seen", data={"files": files})
    return Verdict(
        "warning", f"two OpenMP runtimes in one process: {', '.join(files)}",
        "They can deadlock, crash or slow each other down; most often conda's and pip's "
        "packages are "
        "mixed. Use a fresh environment with everything from one of them.",
        (f"{facts.python} -m venv mnist-env",), {"files": files},
    )  # fmt: skip


def _gather(context: Context, python: str) -> InterpreterFacts:
    return context.interpreter(python)


def _check(
    name: str, group: str, purpose: str, judge: Any, *needs: str, terse: bool = False
) -> Check[Any]:
    return Check(
        name, group, purpose, _gather, judge, per_interpreter=True, needs=needs, terse=terse,
        limit=PATIENCE,
    )  # fmt: skip


CHECKS: tuple[Check[Any], ...] = (
    _check("python", "environment", "Does the interpreter start, and can there be a torch for it?",
           judge_python),
    _check("copies", "environment", "Is torch, torchvision, numpy or Pillow installed twice?",
           judge_copies, terse=True),
    _check("torch", "torch", "Does torch import, and does it compute?", judge_torch, "torch"),
    _check("torchvision", "torch", "Does torchvision import, with its compiled part?",
           judge_torchvision, "torch", "torchvision"),
    _check("pair", "torch", "Were torch and torchvision made for each other?", judge_pair,
           terse=True),
    _check("numpy", "torch", "Do arrays pass between numpy and torch?", judge_numpy, "torch",
           terse=True),
    _check("pillow", "torch", "Can this torchvision import this Pillow?", judge_pillow, terse=True),
    _check("openmp", "torch", "Are two OpenMP runtimes in one process?", judge_openmp, "torch",
           terse=True),
)  # fmt: skip
