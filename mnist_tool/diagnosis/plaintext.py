"""Write findings as plain text for an issue: no user name, no home path, no secrets."""

from __future__ import annotations

import getpass
import platform
import re
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress

from mnist_tool.configuration import user_path
from mnist_tool.diagnosis.findings import Finding
from mnist_tool.version import __version__

__all__ = ["anonymised", "details", "plain_finding", "plain_report", "whose"]

SECRETS = (
    (re.compile(r"(\w+://)[^/\s:@]+(:[^/\s@]*)?@"), r"\1***@"),
    (
        re.compile(r"(?i)\b([\w-]*(?:token|password|passwd|secret|api_?key))(\s*[=:]\s*)\S+"),
        r"\1\2***",
    ),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|hf_|pypi-|sk-)[A-Za-z0-9_-]{8,}"), "***"),
    (re.compile(r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/=._-]{8,}"), "***"),
)


# Names that every machine has, and which words of the report may be, too.
NOBODY = {"root", "localhost"}


def anonymised(text: str, *, home: str | None = None, names: Iterable[str] | None = None) -> str:
    """Return a text without what points to a person.

    Parameters
    ----------
    text : str
        Anything.
    home : str, optional
        The home folder; this user's by default.
    names : iterable of str, optional
        User and machine names; those of this process by default.

    Examples
    --------
    >>> anonymised("/home/ann/MNIST_data by ann", home="/home/ann", names=["ann"])
    '~/MNIST_data by USER'
    """
    home = str(user_path("~")) if home is None else home
    if len(home) > 1:
        # As a whole path only: a home called /places is not in "data/places".
        text = re.sub(rf"(?<![\w~.-]){re.escape(home)}(?![\w.-])", "~", text)
    for name in _own_names() if names is None else names:
        if len(name) > 1:
            text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", "USER", text)
    text = re.sub(r"(/home/|/Users/|\\Users\\)[^/\\\s]+", r"\1USER", text)
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _own_names() -> list[str]:
    names = []
    with suppress(OSError, KeyError, ImportError):
        names.append(getpass.getuser())
    with suppress(OSError):
        names.append(socket.gethostname())
    return [name for name in names if name not in NOBODY]


def plain_report(findings: Sequence[Finding]) -> str:
    """Return all findings with details and tracebacks, fit to be pasted."""
    head = f"mnist-tool {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return anonymised("\n".join([head, *(plain_finding(finding) for finding in findings)]))


def plain_finding(finding: Finding) -> str:
    """Return one finding as lines: its status, whose it is, and what there is to say of it."""
    first = f"{finding.status:8} {whose(finding)}: {finding.summary}"
    return "\n         ".join([first, *details(finding)])


def whose(finding: Finding) -> str:
    """Return which check it comes from, and the interpreter it is about."""
    return f"{finding.group}/{finding.check}" + (f" [{finding.subject}]" if finding.subject else "")


def details(finding: Finding) -> list[str]:
    """Return what stands below a finding: why, what to do, and the traceback of a crash."""
    lines: list[str] = []
    if finding.status not in ("ok", "skipped"):
        lines += finding.detail.splitlines()
        lines += [f"fix: {command}" for command in finding.fix]
        lines += [f"look: {command}" for command in finding.look]
    return lines + finding.trace.splitlines()
