"""Run the probe in an interpreter's child processes and survive whatever they do."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from mnist_tool.advice import reason

__all__ = ["PROBE", "Examination", "Outcome", "Step", "examine", "raised"]

PROBE = Path(__file__).with_name("probe.py")
STEP_LIMIT = 60.0  # seconds; importing torch from a cold network disk takes tens of them
START_LIMIT = 15.0  # seconds until an interpreter says who it is; it imports no package for that
STDERR_TAIL = 6000

Step = tuple[Any, ...]
State = Literal["ok", "error", "died", "timeout", "not-run"]


@dataclass(frozen=True)
class Outcome:
    """How one step of the probe ended.

    Parameters
    ----------
    state : {'ok', 'error', 'died', 'timeout', 'not-run'}
        ``error``: it raised; ``died``: it took the process with it.
    value : mapping
        What it returned.
    kind, message, traceback : str
        The exception; for a death the signal and the end of what was written to stderr.
    seconds : float
        How long it took.
    own_files : tuple of str
        For an exception: the files in the user's folder that were imported on the way.
    """

    state: State
    value: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    message: str = ""
    traceback: str = ""
    seconds: float = 0.0
    own_files: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it returned a value."""
        return self.state == "ok"


@dataclass(frozen=True)
class Examination:
    """What happened in one interpreter.

    Parameters
    ----------
    python : str
        The interpreter, as it was named.
    outcomes : mapping of tuple to Outcome
        One per step.
    stderr : str
        The end of what the libraries wrote.
    """

    python: str
    outcomes: Mapping[Step, Outcome]
    stderr: str = ""

    def of(self, *step: Any) -> Outcome:
        """Return a step's outcome; ``not-run`` if it was never asked for."""
        return self.outcomes.get(step, Outcome("not-run"))


def examine(
    python: str, steps: Sequence[Step], *, limit: float = STEP_LIMIT, cwd: Path | None = None
) -> Examination:
    """Try steps in an interpreter.

    Parameters
    ----------
    python : str
        Path of any interpreter, Python 2.7 or newer.
    steps : sequence of tuple
        Name and arguments of each step, as `probe.STEPS` has them.
    limit : float
        Seconds for each step.
    cwd : Path, optional
        The folder in which a user's script would run; the current one by default.

    Returns
    -------
    Examination
        An outcome for every step. A step that kills its process is ``died``, and the ones after it
        are tried in a new process; only where torch itself cannot be imported they are not.
    """
    outcomes: dict[Step, Outcome] = {}
    stderr = ""
    left = list(steps)
    while left:
        done, text = _one_process(python, left, limit, cwd)
        outcomes.update(done)
        stderr = (stderr + text)[-STDERR_TAIL:]
        left = [step for step in left if step not in done]
        if not done or any(
            done[step].state in ("died", "timeout") for step in done if _vital(step)
        ):
            break
    return Examination(python, {**{step: Outcome("not-run") for step in steps}, **outcomes}, stderr)


def _vital(step: Step) -> bool:
    return step[0] in ("about", "torch")


def _one_process(
    python: str, steps: Sequence[Step], limit: float, cwd: Path | None
) -> tuple[dict[Step, Outcome], str]:
    """Run steps until all are done or one ends the process."""
    with _errors_file() as errors:
        try:
            child = _start(python, steps, errors, cwd)
        except OSError as error:
            text = f"{python} cannot be started: {reason(error)}"
            return {steps[0]: Outcome("died", kind=type(error).__name__, message=text)}, ""
        try:
            outcomes = _follow(child, steps, limit, errors)
        finally:
            _end(child)
        return outcomes, _tail(errors)


def _errors_file() -> IO[bytes]:
    """Open a file for what an interpreter says; on a full disk its words are lost, no more."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("r+b")


def _start(
    python: str, steps: Sequence[Step], errors: IO[bytes], cwd: Path | None
) -> subprocess.Popen[str]:
    # Nothing may be written by looking: no __pycache__ beside anybody's modules.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    child = subprocess.Popen(
        [python, str(PROBE), json.dumps({"steps": steps})],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=cwd,
        env=environment,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # so that what it starts itself can be ended with it
    )
    _running.add(child)
    return child


_running: set[subprocess.Popen[str]] = set()


def _end(child: subprocess.Popen[str]) -> None:
    """End a child and whatever it started, such as the real program behind a shell script."""
    _running.discard(child)
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()


@atexit.register
def _end_all() -> None:
    """End what a Ctrl-C left: it does not reach children in a session of their own."""
    for child in list(_running):
        _end(child)


def _follow(
    child: subprocess.Popen[str], steps: Sequence[Step], limit: float, errors: IO[bytes]
) -> dict[Step, Outcome]:
    lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_read, args=(child, lines), daemon=True).start()
    outcomes: dict[Step, Outcome] = {}
    running = steps[0]
    while True:
        patience = min(limit, START_LIMIT) if running[0] == "about" else limit
        try:
            record = lines.get(timeout=patience)
        except queue.Empty:
            text = f"no answer within {patience:g} s"
            return {**outcomes, running: Outcome("timeout", message=text, seconds=patience)}
        if record is None:
            break
        if "begin" in record:
            running = steps[record["begin"]]
        else:
            outcomes[steps[record["end"]]] = _ended(record)
    if len(outcomes) < len(steps):
        outcomes[running] = _death(child, errors)
    return outcomes


def _read(child: subprocess.Popen[str], lines: queue.Queue[dict[str, Any] | None]) -> None:
    assert child.stdout is not None
    # A line may be cut by a dying child.
    with child.stdout, contextlib.suppress(ValueError):
        for line in child.stdout:
            # What is run may be no Python at all, and print whatever it likes.
            record = json.loads(line) if line.startswith("{") else {}
            if "begin" in record or "end" in record:
                lines.put(record)
    lines.put(None)


def _ended(record: Mapping[str, Any]) -> Outcome:
    if "error" not in record:
        return Outcome("ok", record["value"], seconds=record["seconds"])
    return raised(record["error"], record["seconds"])


def raised(error: Mapping[str, Any], seconds: float = 0.0) -> Outcome:
    """Return the outcome that an exception is, as the probe tells it."""
    return Outcome(
        "error",
        {},
        error["type"],
        error["message"],
        error.get("traceback", ""),
        seconds,
        tuple(error.get("own_files", ())),
    )


def _death(child: subprocess.Popen[str], errors: IO[bytes]) -> Outcome:
    deadline = time.monotonic() + 5
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    code = child.poll()
    how = f"exit code {code}"
    if code is not None and code < 0:
        try:
            how = signal.Signals(-code).name
        except ValueError:
            how = f"signal {-code}"
    return Outcome("died", kind=how, message=_tail(errors) or how)


def _tail(errors: IO[bytes]) -> str:
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - STDERR_TAIL))
    return errors.read().decode("utf-8", "replace").strip()
