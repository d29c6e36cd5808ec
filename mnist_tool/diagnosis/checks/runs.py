"""Check on the newest training run: its checkpoint loads and belongs to this data."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_tool.dataset.registry import Dataset
from mnist_tool.diagnosis.checks.interpreter import PROBE_LIMIT
from mnist_tool.diagnosis.context import Context, newest_checkpoint
from mnist_tool.diagnosis.findings import Check, Verdict
from mnist_tool.diagnosis.invocation import Invocation
from mnist_tool.diagnosis.runner import Outcome

__all__ = ["CHECKS", "RunFacts"]


@dataclass(frozen=True)
class RunFacts:
    """The newest checkpoint and what this interpreter's torch made of it.

    Parameters
    ----------
    path : Path or None
        Where it is; ``None`` where nothing was trained yet.
    outcome : Outcome
        Of loading it with ``weights_only=True``, in a child process.
    dataset : Dataset
        The data set asked for.
    invocation : Invocation
        How this user calls the tool.
    """

    path: Path | None
    outcome: Outcome
    dataset: Dataset
    invocation: Invocation


def gather_run(context: Context) -> RunFacts:
    """Take the newest checkpoint and what became of loading it."""
    r = context.request
    path = newest_checkpoint(r.runs)
    outcome = Outcome("not-run")
    # The tool's own interpreter uses the run; another one that is examined does not.
    if path is not None and sys.executable in r.subjects:
        outcome = context.examination(sys.executable).of("checkpoint", str(path))
    return RunFacts(path, outcome, r.dataset, r.invocation)


def judge_run(facts: RunFacts) -> Verdict:
    """Judge whether the newest run can be used on this data."""
    if facts.path is None:
        return Verdict("skipped", "nothing trained yet")
    if facts.outcome.state == "not-run":
        return Verdict("skipped", f"{facts.path} was not tried")
    fix = (facts.invocation.train(),)  # then that one is the newest
    if not facts.outcome.ok:
        lines = f"{facts.outcome.kind}: {facts.outcome.message}".splitlines()
        detail = f"It is damaged, or no checkpoint of this tool. {lines[0][:160]}"
        return Verdict("error", f"{facts.path} does not load", detail, fix)
    value = facts.outcome.value
    known = {file.name: file.identity for file in facts.dataset.files}
    if value["data"].get("sha256") != known:
        summary = f"{facts.path} was trained on {value['data'].get('name', 'other data')}"
        detail = f"The data asked for is {facts.dataset.title}, with other bytes."
        return Verdict("warning", summary, detail, fix, value)
    if not value["finite"]:
        summary = f"{facts.path} holds weights that are not numbers"
        detail = "The training diverged: its learning rate was too high."
        return Verdict("warning", summary, detail, fix, value)
    return Verdict("ok", f"{facts.path} ({value['recipe']}) loads, of this data", data=value)


CHECKS: tuple[Check[Any], ...] = (
    Check(
        "run",
        "data",
        "Does the newest run's checkpoint load, and does it belong to this data?",
        gather_run,
        judge_run,
        needs=("torch", "checkpoint"),
        limit=PROBE_LIMIT,
    ),
)
