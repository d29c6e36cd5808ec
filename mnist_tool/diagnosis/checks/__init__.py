"""All checks, in the order of the report."""

from __future__ import annotations

from typing import Any

from mnist_tool.advice import did_you_mean
from mnist_tool.diagnosis.checks import (
    data,
    device,
    display,
    environment,
    fitting,
    interpreter,
    network,
    processed,
    runs,
)
from mnist_tool.diagnosis.findings import Check
from mnist_tool.errors import SettingError

__all__ = ["CHECKS", "GROUPS", "choose"]

GROUPS = ("environment", "torch", "data", "network", "display")

_ALL = (
    *interpreter.CHECKS,
    *fitting.CHECKS,
    *device.CHECKS,
    *environment.CHECKS,
    *data.CHECKS,
    *processed.CHECKS,
    *runs.CHECKS,
    *network.CHECKS,
    *display.CHECKS,
)
# The groups in their order; what needs most to work stands last in its group.
CHECKS: tuple[Check[Any], ...] = tuple(
    sorted(_ALL, key=lambda check: (GROUPS.index(check.group), check.name == "trains"))
)


def choose(words: list[str], *, named: bool = False) -> list[Check[Any]]:
    """Return the checks that names of checks or groups stand for; all of them for no names.

    Where interpreters were `named`, whether they start is always asked: no other check says so.

    Raises
    ------
    SettingError
        If a word is neither; the hint names the nearest one.
    """
    names = [*(check.name for check in CHECKS), *GROUPS]
    for word in words:
        if word not in names:
            raise SettingError(
                f"There is no check or group {word!r}.",
                hint=did_you_mean(word, names, otherwise="See: mnist-tool doctor --list"),
            )
    wanted = {*words, "python"} if words and named else set(words)
    return [c for c in CHECKS if not wanted or c.name in wanted or c.group in wanted]
