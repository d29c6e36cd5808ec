"""Checks on an interpreter: does it start, do torch and torchvision work in it, do they fit."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from mnist_tool.doctor.context import Context, InterpreterFacts
from mnist_tool.doctor.explain import explain, explain_outcome
from mnist_tool.doctor.findings import Check, Verdict
from mnist_tool.doctor.runner import Outcome
from mnist_tool.doctor.versions import expected_torch, newest_torch_for, parse, pin, short

__all__ = ["CHECKS", "DeviceFacts", "trouble"]

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


def judge_python(facts: InterpreterFacts) -> Verdict:
    """Judge whether the interpreter starts and torch can exist for it."""
    outcome = facts.report.of("about")
    if not outcome.ok:
        return Verdict(
            "error", "does not start", f"{outcome.message.splitlines()[-1][:300]}",
            (facts.commands.doctor("interpreters"),),
        )  # fmt: skip
    about = facts.about
    summary = (
        f"{about['implementation']} {about['version']}, {about['bits']} bit, {about['machine']}"
    )
    if about["bits"] != 64:
        return Verdict(
            "error",
            summary,
            "There is no torch for a 32-bit Python: install a 64-bit one.",
            (),
            about,
        )
    last = newest_torch_for(about["version"])
    if last:
        return Verdict(
            "ok" if facts.version("torch") else "warning", summary,
            f"The newest torch for this Python is {last}.",
            (facts.commands.pip(facts.python, "torch", "torchvision"),), about,
        )  # fmt: skip
    return Verdict("ok", summary, data=about)


def judge_torch(facts: InterpreterFacts) -> Verdict:
    """Judge whether torch imports and computes."""
    outcome = facts.report.of("torch")
    if not facts.report.of("about").ok:
        return Verdict("skipped", "the interpreter does not start")
    if not outcome.ok:
        cause, fix, name = trouble(facts, outcome)
        verb = {"died": "kills the interpreter", "timeout": "does not finish importing"}
        summary = f"torch {verb.get(outcome.state, 'cannot be imported')}"
        if name == "no-torch":
            summary = "torch is not installed"
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
    if not facts.report.of("torch").ok:
        return Verdict("skipped", "torch does not work here")
    if not outcome.ok:
        cause, fix, name = trouble(facts, outcome)
        missing = name == "no-torchvision"
        summary = "torchvision is not installed" if missing else "torchvision cannot be imported"
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
        return Verdict("skipped", "not both are installed")
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
        return Verdict("skipped", "no packages found")
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
    if not outcome.ok:
        return Verdict("skipped", "torch does not work here")
    bridge = outcome.value["numpy"]
    if "value" in bridge and bridge["value"]["sum"] == BRIDGE:
        return Verdict("ok", f"{bridge['value']['version']} and torch exchange arrays", data=bridge)
    error = bridge.get("error", {"type": "", "message": "wrong values come back"})
    failed = Outcome("error", {}, error["type"], error["message"])
    cause, fix, name = trouble(facts, failed)
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
        return Verdict("skipped", "torchvision is not installed")
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
    if not outcome.ok:
        return Verdict("skipped", "torch does not work here")
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


@dataclass(frozen=True)
class DeviceFacts:
    """What the device check judges.

    Parameters
    ----------
    interpreter : InterpreterFacts
        What torch says of its devices.
    gpu : str
        The NVIDIA card the machine shows, by whatever trace it leaves; empty where there is none.
    """

    interpreter: InterpreterFacts
    gpu: str


def gather_device(context: Context, python: str) -> DeviceFacts:
    """Look for an NVIDIA card without asking torch."""
    cards = Path("/proc/driver/nvidia/gpus")
    found = ""
    if cards.is_dir() and any(cards.iterdir()):
        found = str(next(cards.iterdir()).name)
    elif os.path.exists("/dev/nvidia0"):  # noqa: PTH110  a device node that may not be examined
        found = "/dev/nvidia0"
    elif os.name == "nt" and shutil.which("nvidia-smi"):
        found = "nvidia-smi"
    return DeviceFacts(context.interpreter(python), found)


def judge_device(device: DeviceFacts) -> Verdict:
    """Judge which device training would use, and whether a better one lies idle."""
    facts = device.interpreter
    outcome = facts.report.of("torch")
    if not outcome.ok:
        return Verdict("skipped", "torch does not work here")
    cuda, mps = (outcome.value[name] for name in ("cuda", "mps"))
    if "error" in cuda:
        failed = Outcome("error", {}, cuda["error"]["type"], cuda["error"]["message"])
        cause, fix, name = trouble(facts, failed)
        return Verdict("warning", "the GPU fails", cause, fix, {"explanation": name, **cuda})
    value = cuda["value"]
    data = {"cuda": value, "mps": mps.get("value"), "gpu": device.gpu}
    if value["available"]:
        return _judge_gpu(facts, value, data)
    if value.get("warnings"):
        failed = Outcome("error", {}, "UserWarning", value["warnings"][0])
        cause, fix, name = trouble(facts, failed)
        return Verdict(
            "warning", "the GPU cannot be used", cause, fix, {"explanation": name, **data}
        )
    if device.gpu:
        return _judge_idle_gpu(facts, value, data)
    if (mps.get("value") or {}).get("available"):
        return Verdict("ok", "the Apple GPU (mps) is there", data=data)
    return Verdict("ok", f"no GPU; the CPU with {outcome.value['threads']} threads", data=data)


def _judge_gpu(facts: InterpreterFacts, value: Mapping[str, Any], data: dict[str, Any]) -> Verdict:
    major, minor = value["capability"]
    built = {int(arch.rpartition("_")[2].rstrip("af")) for arch in value["built_for"]}
    runs = not built or any(arch // 10 == major and arch % 10 <= minor for arch in built)
    # "compute_NN" is source that the driver compiles for any newer card.
    later = any(
        arch.startswith("compute_") and int(arch[8:].rstrip("af")) <= major * 10 + minor
        for arch in value["built_for"]
    )
    if runs or later:
        return Verdict("ok", f"{value['name']} (CUDA {value['build'] or value['hip']})", data=data)
    return Verdict(
        "warning", f"{value['name']} is there, but this torch was not built for it",
        f"The card is sm_{major}{minor}; this torch was built for {', '.join(value['built_for'])}.",
        (facts.commands.pip(facts.python, "--upgrade", "torch", "torchvision"),), data,
    )  # fmt: skip


def _judge_idle_gpu(
    facts: InterpreterFacts, value: Mapping[str, Any], data: dict[str, Any]
) -> Verdict:
    if value["build"] is None:
        return Verdict(
            "warning", "there is an NVIDIA GPU, but this torch was built for the CPU only",
            "Training works on the CPU. For the GPU choose a CUDA build at pytorch.org.",
            (facts.commands.pip(facts.python, "--force-reinstall", "torch", "torchvision"),), data,
        )  # fmt: skip
    return Verdict(
        "warning", f"there is an NVIDIA GPU, but this torch (CUDA {value['build']}) cannot use it",
        "Training works on the CPU. Most often the driver is missing, too old, or hidden by "
        "CUDA_VISIBLE_DEVICES or a container without GPU access.",
        ("nvidia-smi",), data,
    )  # fmt: skip


def _gather(context: Context, python: str) -> InterpreterFacts:
    return context.interpreter(python)


def _check(
    name: str, group: str, purpose: str, judge: Any, *needs: str, terse: bool = False
) -> Check[Any]:
    gather = gather_device if judge is judge_device else _gather
    return Check(
        name, group, purpose, gather, judge, per_interpreter=True, needs=needs, terse=terse,
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
    _check("device", "torch", "Which device would train, and does a better one lie idle?",
           judge_device, "torch"),
)  # fmt: skip
