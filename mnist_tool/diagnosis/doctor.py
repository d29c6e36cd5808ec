"""Examine this machine, or explain an error, from Python and from the command line."""

from __future__ import annotations

import html
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_tool import configuration
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.diagnosis.checks import CHECKS, choose
from mnist_tool.diagnosis.context import Context, Request
from mnist_tool.diagnosis.findings import Check, Finding, run_checks
from mnist_tool.diagnosis.pasted import Reply, answer
from mnist_tool.diagnosis.plaintext import details, plain_finding, whose
from mnist_tool.errors import SettingError

__all__ = ["Report", "begin", "doctor", "explain_error", "make_context", "make_request"]

REPAIRED = ("processed", "opens")  # checks on whose facts repairs are planned
COLOURS = {"error": "#c00", "crashed": "#c00", "warning": "#a60", "ok": "#080", "skipped": "#777"}


@dataclass(frozen=True, repr=False)
class Report:
    """What the doctor has found; it shows itself in a notebook and where it is printed.

    Parameters
    ----------
    findings : tuple of Finding
        One for each check, and for each interpreter where it is about interpreters.
    """

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stops MNIST from working here."""
        return not any(finding.status in ("error", "crashed") for finding in self.findings)

    def __repr__(self) -> str:
        return "\n".join(map(plain_finding, self.findings))

    def _repr_html_(self) -> str:
        rows = "".join(map(_row, self.findings))
        return f'<table style="text-align:left">{rows}</table>'


def _row(finding: Finding) -> str:
    said = "<br>".join(map(html.escape, [finding.summary, *details(finding)]))
    return (
        f'<tr><td style="color:{COLOURS[finding.status]}">{finding.status}</td>'
        f"<td>{html.escape(whose(finding))}</td><td>{said}</td></tr>"
    )


def doctor(
    *checks: str,
    root: str | os.PathLike[str] | None = None,
    dataset: str = "mnist",
    runs: str | os.PathLike[str] | None = None,
    python: str | Sequence[str] = (),
    skip: Sequence[str] = (),
    network: bool = False,
) -> Report:
    """Find out what is wrong with the data, torch or this machine; change nothing.

    Parameters
    ----------
    *checks : str
        Names of checks or groups, as ``mnist-tool doctor --list`` shows them; all by default.
    root : path, optional
        The data root, as for every command.
    dataset : str
        Name of the data set.
    runs : path, optional
        Folder of the runs.
    python : str or sequence of str
        Interpreters to examine; this one by default.
    skip : sequence of str
        Checks or groups to leave out.
    network : bool
        Whether the sources may be asked.

    Returns
    -------
    Report
        Shows itself; ``.ok`` tells whether MNIST can work here, ``.findings`` has everything.

    Raises
    ------
    SettingError
        If there is no such check, data set or folder.

    Examples
    --------
    >>> from mnist_tool import doctor
    >>> doctor("root").ok
    True
    """
    pythons = (python,) if isinstance(python, str) else tuple(python)
    request = make_request(root, dataset, runs, pythons, network=network)
    chosen = choose(list(checks), named=bool(pythons))
    left_out = frozenset(check.name for check in choose(list(skip))) if skip else frozenset()
    return Report(tuple(begin(chosen, make_context(chosen, request, left_out), left_out)))


def explain_error(error: BaseException | str | None = None, *, python: str = "") -> Reply:
    """Say what an error of torch, torchvision or a download means, and what mends it.

    Parameters
    ----------
    error : exception or str, optional
        An exception, or a traceback as a text; by default the last one that Python has shown,
        so that in a notebook ``explain_error()`` is about the cell before.
    python : str
        The interpreter in which it is to be mended; this one by default.

    Returns
    -------
    Reply
        Shows itself; its ``known`` is ``None`` where nothing is known of the error.

    Raises
    ------
    SettingError
        If there is no error to explain.

    Examples
    --------
    >>> from mnist_tool import explain_error
    >>> explain_error("ImportError: No module named 'torch'").known.cause
    'torch is not installed in this interpreter.'
    """
    if error is None:
        error = getattr(sys, "last_value", None)
    text = "".join(traceback.format_exception(error)) if isinstance(error, BaseException) else error
    if not isinstance(text, str) or not text.strip():
        raise SettingError(
            "There is no error to explain.", hint="Pass an exception, or a traceback as a text."
        )
    request = make_request(None, "mnist", None, (python,) if python else ())
    return answer(text, Context(request, frozenset()).interpreter(request.subjects[0]))


def make_request(
    root: str | os.PathLike[str] | None,
    dataset: str,
    runs: str | os.PathLike[str] | None,
    pythons: Sequence[str],
    *,
    network: bool = False,
    offline: bool | None = None,
    timeout: float | None = None,
) -> Request:
    """Return what is to be looked at, with what was left open taken from the configuration.

    Parameters
    ----------
    root, dataset, runs, pythons, network : as in `Request`
        What the user gave; ``None`` where nothing.
    offline : bool, optional
        Whether the network is forbidden.
    timeout : float, optional
        Seconds of silence in the network.

    Raises
    ------
    SettingError
        If a value is unknown, or the network is both wanted and forbidden.
    """
    if network and configuration.get("offline", offline):
        raise SettingError(
            "--network and --offline exclude each other.",
            hint="Leave one of them out (MNIST_TOOL_OFFLINE counts as --offline).",
        )
    where = configuration.resolve("root", root)
    return Request(
        where.value,
        where.origin,
        DATASETS[dataset],
        tuple(pythons),
        configuration.get("runs", runs),
        network=network,
        timeout=None if timeout is None else configuration.get("timeout", timeout),
    )


def begin(
    checks: Sequence[Check[Any]], context: Context, left_out: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """Start on checks side by side and yield what they find, in their order.

    Parameters
    ----------
    checks : sequence of Check
        What to ask.
    context : Context
        Where they get their facts: of `make_context` for the same checks.
    left_out : frozenset of str
        Names of checks that the user does not want.
    """
    request = context.request
    return run_checks(checks, context, request.subjects, network=request.network, skip=left_out)


def make_context(
    checks: Sequence[Check[Any]],
    request: Request,
    left_out: frozenset[str] = frozenset(),
    *,
    repairs: bool = False,
) -> Context:
    """Begin to gather the facts that checks need.

    Parameters
    ----------
    checks : sequence of Check
        What will be asked.
    request : Request
        What to look at.
    left_out : frozenset of str
        Names of those among them that the user does not want.
    repairs : bool
        Whether repairs are to be planned, too, by what some checks need.
    """
    asked = [check for check in checks if check.name not in left_out]
    asked += [check for check in CHECKS if repairs and check.name in REPAIRED]
    needs = {step for check in asked for step in check.needs}
    needs |= {"about"} if any(check.per_interpreter for check in asked) else set()
    context = Context(request, frozenset(needs))
    context.start()
    return context
