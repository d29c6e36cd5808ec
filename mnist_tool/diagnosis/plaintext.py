"""Write findings as plain text for an issue: no user name, no home path, no secrets."""

from __future__ import annotations

import getpass
import os
import platform
import re
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import get_args

from mnist_tool.configuration import user_path
from mnist_tool.diagnosis.findings import Finding, Status
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


# Names that every machine has.
NOBODY = {"root", "localhost", "user"}
SHORT = 2  # letters of a name that may be anything
NO_LETTER_BEFORE, NO_LETTER_AFTER = r"(?<![^\W_])", r"(?![^\W_])"  # ann is in ann_2, not in annex
ABSOLUTE_PATH = re.compile(r"(?<![\w.~:/-])(?:[A-Za-z]:|file:/)?[/\\][^\s'\"]*")
# Behind what, and before what, a word is a name, whatever else it means.
AS_A_NAME = (
    (r"[@~]", ""),
    ("", "(?=@)"),
    ("://", "(?=[:/]|$)"),
    (
        r"\b(?:user|user_?name|logname|login|owner|host|host_?name|computername)['\"]?\s*[=:]\s*['\"]?",
        "",
    ),
)
COMMON = f"fix look fetch train doctor verify {platform.system()}"


def anonymised(text: str, *, home: str | None = None, names: Iterable[str] | None = None) -> str:
    """Return a text without what points to a person.

    A name that is a word of the report as well (somebody is called data, a machine mnist) is taken
    out where it is a name: in paths, addresses and behind ``user=``.

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
    for place in _spellings(str(user_path("~")) if home is None else home):
        # As a whole path only: a home called /places is not in "data/places".
        text = re.sub(rf"(?<![\w~.-]){re.escape(place)}(?![\w.-])", "~", text)
    for name in _own_names() if names is None else names:
        if name and name.lower() not in NOBODY:
            text = _without(name, text)
    text = re.sub(r"(/home/|/Users/|\\+Users\\+)[^/\\\s]+", r"\1USER", text)
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _spellings(home: str) -> list[str]:
    """Return how a home may stand in a text; none for the root of a disk, which is everybody's.

    The longest first: one may lie in another.
    """
    home = home.rstrip("/\\")
    if re.fullmatch(r".?|[A-Za-z]:", home):
        return []
    spellings = {home, os.path.realpath(home)} if home.startswith("/") else {home}
    spellings |= {home.replace("\\", "\\\\"), home.replace("\\", "/")}
    return sorted(spellings, key=len, reverse=True)


def _without(name: str, text: str) -> str:
    """Take a name out of a text: everywhere, or if it is a common word where it is a name."""
    word = re.escape(name)
    if name.isascii():  # Korean particles, for one, stand right behind a name
        word = NO_LETTER_BEFORE + word + NO_LETTER_AFTER
    if len(name) > SHORT and name.lower() not in _words_of_the_report():
        return re.sub(word, "USER", text, flags=re.IGNORECASE)
    folder = re.compile(rf"(?<=[/\\]){re.escape(name)}(?=[/\\])", re.IGNORECASE)
    text = ABSOLUTE_PATH.sub(lambda path: folder.sub("USER", path[0]), text)
    for before, after in AS_A_NAME:
        text = re.sub(f"({before}){word}{after}", r"\1USER", text, flags=re.IGNORECASE)
    return text


@cache
def _words_of_the_report() -> frozenset[str]:
    """Return the words that it is made of, as far as the checks and the data sets tell."""
    from mnist_tool.dataset.registry import DATASETS
    from mnist_tool.diagnosis.checks import CHECKS

    texts = [f"{check.group} {check.name} {check.purpose}" for check in CHECKS]
    texts += [f"{name} {dataset.title}" for name, dataset in DATASETS.items()]
    return frozenset(re.findall(r"\w+", " ".join([*texts, *get_args(Status), COMMON]).lower()))


def _own_names() -> list[str]:
    names = []
    with suppress(OSError, KeyError, ImportError):
        names.append(getpass.getuser())
    with suppress(OSError):
        host = socket.gethostname()
        names += dict.fromkeys([host, host.partition(".")[0]])
    return names


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
