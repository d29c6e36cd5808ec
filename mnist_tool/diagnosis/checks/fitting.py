"""Checks on whether an interpreter's packages fit one another: versions, copies, runtimes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from mnist_tool.diagnosis.checks.interpreter import interpreter_check, trouble, unusable
from mnist_tool.diagnosis.context import InterpreterFacts
from mnist_tool.diagnosis.findings import Check, Verdict
from mnist_tool.diagnosis.runner import raised
from mnist_tool.diagnosis.versions import expected_torch, parse, pin, short

__all__ = ["CHECKS"]

BRIDGE = 10.0  # 0 + 1 + 2 + 3, and one more for each


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
        summary = f"torchvision {torchvision} takes torch {wanted}, there is {torch}"
        return Verdict("ok", summary, data=data)
    detail = "Such a pair fails in odd ways: operators that do not exist, missing modules, crashes."
    summary = f"torchvision {torchvision} was made for torch {wanted}, but there is {torch}"
    return Verdict("error", summary, detail, facts.installer.upgrade(), data)


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
    lines.append("The first is used; uninstall until none is left, then install once.")
    install = facts.installer.install("torch", "torchvision")
    fix = (*facts.installer.uninstall(*important), *install)
    summary = f"installed twice: {', '.join(important)}"
    return Verdict("warning", summary, "\n".join(lines), fix, {"twice": twice})


def judge_numpy(facts: InterpreterFacts) -> Verdict:
    """Judge whether arrays pass between numpy and torch."""
    outcome = facts.outcome("torch")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    bridge = outcome.value["numpy"]
    if "value" in bridge and bridge["value"]["sum"] == BRIDGE:
        return Verdict("ok", f"{bridge['value']['version']} and torch exchange arrays", data=bridge)
    failed = raised(bridge.get("error", {"type": "", "message": "wrong values come back"}))
    cause, fix, name = trouble(facts, failed)
    data = {"explanation": name, **bridge}
    if not facts.version("numpy"):
        detail = "torch cannot pass arrays on without it."
        fix = facts.installer.install("numpy")
        return Verdict("error", "numpy is not installed", detail, fix, data)
    if name in ("no-module", ""):
        fix = facts.installer.upgrade("numpy")
    return Verdict("error", "torch cannot use numpy", cause, fix, data)


def judge_pillow(facts: InterpreterFacts) -> Verdict:
    """Judge whether this torchvision can import this Pillow."""
    vision, pillow = parse(short(facts.version("torchvision"))), parse(facts.version("pillow"))
    if vision is None:
        return Verdict("skipped", unusable(facts) or "torchvision is not installed")
    if pillow is None and not facts.version("pillow-simd"):
        fix = facts.installer.install("pillow")
        return Verdict("error", "Pillow is not installed", "torchvision needs it to import.", fix)
    cause, broken, name = trouble(facts, facts.outcome("torchvision"))
    if name == "pillow-core":  # what its metadata say need not be what lies there
        return Verdict("error", "Pillow is broken", cause, broken, {"explanation": name})
    if pillow and vision < Version("0.5") and pillow >= Version("7"):
        detail = "torchvision before 0.5 needs PILLOW_VERSION, which Pillow 7 no longer has."
        fix = facts.installer.install("pillow<7")
        return Verdict("error", f"torchvision {vision} cannot import Pillow {pillow}", detail, fix)
    return Verdict("ok", f"{pillow or 'pillow-simd'} fits torchvision {vision}")


def judge_openmp(facts: InterpreterFacts) -> Verdict:
    """Judge whether two different OpenMP runtimes are in one process."""
    outcome = facts.outcome("torch")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    files = outcome.value["openmp"]
    kinds = {name.split(".")[0].split("-")[0] for name in files}
    if len(kinds) < 2:
        return Verdict("ok", ", ".join(files) or "none seen", data={"files": files})
    detail = (
        "They can deadlock, crash or slow each other down; most often conda's and pip's packages "
        "are mixed. Use a fresh environment with everything from one of them."
    )
    summary = f"two OpenMP runtimes in one process: {', '.join(files)}"
    return Verdict("warning", summary, detail, data={"files": files})


CHECKS: tuple[Check[Any], ...] = (
    interpreter_check(
        "copies",
        "environment",
        "Is torch, torchvision, numpy or Pillow installed twice?",
        judge_copies,
        terse=True,
    ),
    interpreter_check(
        "pair", "torch", "Were torch and torchvision made for each other?", judge_pair, terse=True
    ),
    interpreter_check(
        "numpy",
        "torch",
        "Do arrays pass between numpy and torch?",
        judge_numpy,
        "torch",
        terse=True,
    ),
    interpreter_check(
        "pillow",
        "torch",
        "Can this torchvision import this Pillow?",
        judge_pillow,
        "torchvision",
        terse=True,
    ),
    interpreter_check(
        "openmp",
        "torch",
        "Are two OpenMP runtimes in one process?",
        judge_openmp,
        "torch",
        terse=True,
    ),
)
