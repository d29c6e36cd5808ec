"""What a check is, what it finds, and how all of them run without harming one another."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from mnist_tool.diagnosis.context import Context

__all__ = ["Check", "Finding", "Status", "Verdict", "run_checks"]

Status = Literal["ok", "warning", "error", "skipped", "crashed"]
POLL = 0.05  # seconds between two looks at whether a check has ended

F = TypeVar("F")


@dataclass(frozen=True)
class Verdict:
    """What a check says about the facts it was given.

    Parameters
    ----------
    status : {'ok', 'warning', 'error', 'skipped', 'crashed'}
        ``error`` stops MNIST from working; ``warning`` may surprise; ``skipped`` was not looked at.
    summary : str
        One line.
    detail : str
        What happened and why, for a status that is not ``ok``; may have several lines.
    fix : tuple of str
        Exact commands that mend it: after one of them the check is content. In the order in which
        they should be tried; empty where only the user can help, which `detail` then says.
    look : tuple of str
        Exact commands that show more, and change nothing.
    data : mapping
        The facts behind the verdict, for ``--json``.
    told : bool
        Show the detail although all is well, because it is what the user asked for.
    """

    status: Status
    summary: str
    detail: str = ""
    fix: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    look: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True)
class Finding:
    """A verdict with the check it comes from.

    Parameters
    ----------
    check, group : str
        Names of the check and its group.
    subject : str
        The interpreter it is about; empty where it is about the machine or the data.
    status, summary, detail, fix, data, look : as in `Verdict`
        What was found.
    trace : str
        The traceback of a check that crashed.
    seconds : float
        How long it took.
    show : {'detail', 'line', 'name'}
        How much of it a person needs to see: all of it, its summary, or just that it is content.
    """

    check: str
    group: str
    subject: str
    status: Status
    summary: str
    detail: str = ""
    fix: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    look: tuple[str, ...] = ()
    trace: str = ""
    seconds: float = 0.0
    show: Literal["detail", "line", "name"] = "line"


@dataclass(frozen=True)
class Check(Generic[F]):
    """One question: how its facts are gathered, and what they mean.

    Parameters
    ----------
    name, group : str
        How the command line and the reports call it.
    purpose : str
        The question in one sentence, for ``--list`` and the documentation.
    gather : callable
        From the context (and the interpreter, where `per_interpreter`) to facts. May look at the
        disk or start a child process; changes nothing.
    judge : callable
        From facts to a verdict. Looks at nothing else, so every case can be tested anywhere.
    per_interpreter : bool
        Asked once for each examined interpreter.
    needs : tuple of str
        The steps of the probe that it looks at, beside ``about``.
    network : bool
        Opens connections, so it is skipped unless they were allowed.
    terse : bool
        Where it is content it has nothing to tell beyond that.
    limit : float
        Seconds after which it counts as crashed.
    """

    name: str
    group: str
    purpose: str
    gather: Callable[..., F]
    judge: Callable[[F], Verdict]
    per_interpreter: bool = False
    needs: tuple[str, ...] = ()
    network: bool = False
    terse: bool = False
    limit: float = 30.0


class _Task:
    """One check running in a thread of its own."""

    def __init__(self, check: Check[Any], context: Context, subject: str) -> None:
        self.check = check
        self.subject = subject
        self._context = context
        self._result: Verdict | None = None
        self._trace = ""
        self._start = self._end = time.monotonic()
        # A daemon, so that a check that hangs cannot keep the program from ending.
        self._thread = threading.Thread(target=self._work, daemon=True, name=check.name)

    def start(self) -> None:
        """Begin; where the system gives no more threads, do it at once."""
        self._start = time.monotonic()
        try:
            self._thread.start()
        except RuntimeError:
            self._work()

    def _work(self) -> None:
        try:
            of_whom = (self.subject,) if self.check.per_interpreter else ()
            self._result = self.check.judge(self.check.gather(self._context, *of_whom))
        except BaseException:
            self._trace = traceback.format_exc()
        self._end = time.monotonic()

    def wait(self) -> Finding:
        deadline = self._start + self.check.limit
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._thread.join(POLL)  # in pieces, so that Ctrl-C is heard on every system
        if self._result is not None:
            verdict = self._result
        elif self._trace:
            reason = self._trace.strip().splitlines()[-1]
            verdict = Verdict("crashed", f"the check itself failed: {reason}", REPORT_IT)
        else:
            verdict = Verdict(
                "crashed",
                f"no answer within {self.check.limit:g} s",
                "The others went on without it.",
            )
        return self._finding(verdict)

    def _finding(self, verdict: Verdict) -> Finding:
        subject = self.subject if self.check.per_interpreter else ""
        seconds = max(0.0, self._end - self._start)
        return Finding(
            self.check.name,
            self.check.group,
            subject,
            verdict.status,
            verdict.summary,
            verdict.detail,
            verdict.fix,
            verdict.data,
            verdict.look,
            trace=self._trace,
            seconds=round(seconds, 3),
            show=_show(verdict, terse=self.check.terse),
        )


def _show(verdict: Verdict, *, terse: bool) -> Literal["detail", "line", "name"]:
    if verdict.status in ("warning", "error", "crashed") or verdict.told:
        return "detail"
    return "name" if terse and verdict.status == "ok" else "line"


REPORT_IT = "This is a bug in mnist-tool: please report it with `mnist-tool doctor --report`."


def run_checks(
    checks: Sequence[Check[Any]],
    context: Context,
    subjects: Sequence[str] = ("",),
    *,
    network: bool = False,
    skip: Collection[str] = (),
) -> Iterator[Finding]:
    """Run checks side by side and yield their findings in the order in which they are written.

    Parameters
    ----------
    checks : sequence of Check
        What to ask.
    context : Context
        Where the facts come from.
    subjects : sequence of str
        The interpreters for the checks that are asked once for each.
    network : bool
        Whether checks may open connections; those that would are skipped otherwise.
    skip : collection of str
        Names of checks that the user does not want.

    Yields
    ------
    Finding
        One per check and subject. Whatever a check does, it becomes a finding and the others go on.
    """
    tasks = [
        _Task(check, context, subject)
        for check in checks
        for subject in (subjects if check.per_interpreter else ("",))
    ]
    why = {task: _unwanted(task.check, network=network, skip=skip) for task in tasks}
    for task in tasks:
        if not why[task]:
            task.start()
    for task in tasks:
        if not why[task]:
            yield task.wait()
        else:
            subject = task.subject if task.check.per_interpreter else ""
            yield Finding(task.check.name, task.check.group, subject, "skipped", why[task])


def _unwanted(check: Check[Any], *, network: bool, skip: Collection[str]) -> str:
    """Say why a check is not asked; an empty text where it is."""
    if check.name in skip:
        return "left out, as you said"
    return "" if network or not check.network else "not tried; add --network"
