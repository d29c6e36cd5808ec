"""What holds after every fault, whatever it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from mnist_tool.dataset.attempt import Attempt
from tests.faults import tiny

__all__ = ["broken_promises"]

NO_FAILURES = {"ok", "cancelled", "interrupted", "not-tried"}


def broken_promises(
    done: Any, root: Path, attempts: Sequence[Attempt], before: Collection[Path]
) -> list[str]:
    """Return what a fetch has promised and not kept.

    Only verified files have their names, and no temporary file is left; the exit code fits what is
    there, and what lacks is told, or the place that cannot be written; each failed attempt has one
    line that names source and cause; nothing crashes.
    """
    broken = tiny.bad_things(root, before)
    raw = root / tiny.TINY.folder / "raw"
    lacking = [name for name in tiny.CONTENT if not (raw / name).is_file()]
    if done.exit_code not in {0, 2, 3}:
        broken.append(f"exit code {done.exit_code}")
    if done.exit_code == 0 and lacking:
        broken.append(f"exit code 0 without {lacking}")
    if "Traceback" in done.stderr:
        broken.append("a traceback")
    if done.stdout.startswith("{"):
        return broken + _silent_records(json.loads(done.stdout))
    if done.exit_code == 3 and f"Cannot write in {root}" not in done.stderr:
        broken += [f"{name} is not told" for name in lacking if name not in done.stderr]
    lines = done.stderr.splitlines()
    failed = [attempt for attempt in attempts if attempt.outcome not in NO_FAILURES]
    told = [f"{attempt.source}: {attempt.what}: {attempt.message}" for attempt in failed]
    broken += [
        f"told {lines.count(line)} times, not {told.count(line)}: {line}"
        for line in dict.fromkeys(told)
        if lines.count(line) != told.count(line)
    ]
    return broken


def _silent_records(document: Any) -> list[str]:
    """Return the attempts of a JSON document that lack what every one should say."""
    attempts = document["data"].get("attempts", [])
    always = ("source", "location", "started", "outcome")
    lacks = [a for a in attempts if not all(a.get(key) for key in always)]
    failed = [a for a in attempts if a.get("outcome") not in NO_FAILURES]
    lacks += [a for a in failed if not (a.get("message") and a.get("hint"))]
    lacks += [a for a in attempts if not {"seconds", "received", "status", "delivered"} <= set(a)]
    return [f"an incomplete record: {a}" for a in lacks]
