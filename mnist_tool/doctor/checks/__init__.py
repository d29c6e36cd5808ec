"""All checks, in the order of the report."""

from __future__ import annotations

from typing import Any

from mnist_tool.doctor.checks import (
    data,
    device,
    display,
    environment,
    interpreter,
    network,
    processed,
    runs,
)
from mnist_tool.doctor.findings import Check

__all__ = ["CHECKS", "GROUPS", "choose"]

GROUPS = ("environment", "torch", "data", "network", "display")

_ALL = (
    *interpreter.CHECKS,
    *device.CHECKS,
    *environment.CHECKS,
    *data.CHECKS,
    *processed.CHECKS,
    *runs.CHECKS,
    *network.CHECKS,
    *display.CHECKS,
)
CHECKS: tuple[Check[Any], ...] = tuple(sorted(_ALL, key=lambda check: GROUPS.index(check.group)))


def choose(words: list[str], *, named: bool = False) -> list[Check[Any]]:
    """Return the checks that names of checks or groups stand for; all of them for no names.

    Where interpreters were `named`, whether they start is always asked: no other check says so.

    Raises
    ------
    SettingError
        If a word is neither; the hint names the nearest one.
    """
    from difflib import get_close_matches

    from mnist_tool.errors import SettingError

    names = [check.name for check in CHECKS]
    for word in words:
        if word not in (*names, *GROUPS):
            near = get_close_matches(word, [*names, *GROUPS], n=1)
            raise SettingError(
                f"There is no check or group {word!r}.",
                hint=f"Did you mean {near[0]}?" if near else "See: mnist-tool doctor --list",
            )
    wanted = {*words, "python"} if words and named else set(words)
    return [c for c in CHECKS if not wanted or c.name in wanted or c.group in wanted]
