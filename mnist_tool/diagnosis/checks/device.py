"""Check on the device that would train: an NVIDIA card, an Apple GPU, or the CPU."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_tool.diagnosis.checks.interpreter import PROBE_LIMIT, trouble, unusable
from mnist_tool.diagnosis.context import Context, InterpreterFacts
from mnist_tool.diagnosis.findings import Check, Verdict
from mnist_tool.diagnosis.runner import raised

__all__ = ["CHECKS", "DeviceFacts"]


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
    outcome = facts.outcome("torch")
    if reason := unusable(facts):
        return Verdict("skipped", reason)
    cuda, mps = (outcome.value[name] for name in ("cuda", "mps"))
    if "error" in cuda:
        cause, fix, name = trouble(facts, raised(cuda["error"]))
        return Verdict("warning", "the GPU fails", cause, fix, {"explanation": name, **cuda})
    value = cuda["value"]
    data = {"cuda": value, "mps": mps.get("value"), "gpu": device.gpu}
    if value["available"]:
        return _judge_gpu(facts, value, data)
    if value.get("warnings"):
        failed = raised({"type": "UserWarning", "message": value["warnings"][0]})
        cause, fix, name = trouble(facts, failed)
        told = {"explanation": name, **data}
        if name == "no-driver" and not device.gpu:
            threads = outcome.value["threads"]
            return Verdict("ok", f"no GPU; the CPU with {threads} threads", data=told)
        return Verdict("warning", "the GPU cannot be used", cause, fix, told)
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
    summary = f"{value['name']} is there, but this torch was not built for it"
    names = ", ".join(value["built_for"])
    detail = f"The card is sm_{major}{minor}; this torch was built for {names}."
    if major * 10 + minor < min(built):  # newer releases leave out ever more of the old cards
        detail += " Only an older torch can use it; training works on the CPU."
        return Verdict("warning", summary, detail, data=data)
    fix = facts.installer.upgrade()
    return Verdict("warning", summary, detail, fix, data)


def _judge_idle_gpu(
    facts: InterpreterFacts, value: Mapping[str, Any], data: dict[str, Any]
) -> Verdict:
    if value["build"] is None:
        summary = "there is an NVIDIA GPU, but this torch was built for the CPU only"
        detail = "Training works on the CPU. For the GPU choose a CUDA build at pytorch.org."
        # What pip installs by itself has CUDA on Linux only.
        windows = facts.about.get("system") == "Windows"
        fix = () if windows else facts.installer.reinstall()
        return Verdict("warning", summary, detail, fix, data)
    summary = f"there is an NVIDIA GPU, but this torch (CUDA {value['build']}) cannot use it"
    detail = (
        "Training works on the CPU. Most often the driver is missing, too old, or hidden by "
        "CUDA_VISIBLE_DEVICES or a container without GPU access."
    )
    return Verdict("warning", summary, detail, data=data, look=("nvidia-smi",))


CHECKS: tuple[Check[Any], ...] = (
    Check(
        "device",
        "torch",
        "Which device would train, and does a better one lie idle?",
        gather_device,
        judge_device,
        per_interpreter=True,
        needs=("torch",),
        limit=PROBE_LIMIT,
    ),
)
