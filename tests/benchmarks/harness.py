"""Run two ways of doing the same work in alternation, and say how they compare."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from tests.real_data import REPOSITORY

__all__ = ["Comparison", "Result", "Sample", "Side", "compare", "machine", "processor", "rates"]

Measure = Literal["process", "said", "memory"]
UNITS = {"process": "s", "said": "s", "memory": "MB"}


@dataclass(frozen=True)
class Sample:
    """One run of one side.

    Parameters
    ----------
    seconds : float
        Wall time of the whole process.
    memory : float
        Its largest resident size in MB (10**6 bytes), without that of its children.
    said : dict
        The JSON object it ended its stdout with, or nothing.
    """

    seconds: float
    memory: float
    said: dict[str, Any]

    def value(self, measure: Measure) -> float:
        """Return what a comparison looks at; ``said`` is the child's own ``seconds``."""
        if measure == "said":
            return float(self.said["seconds"])
        return self.memory if measure == "memory" else self.seconds


@dataclass(frozen=True)
class Side:
    """A command that does the work, run in an empty folder.

    Parameters
    ----------
    label : str
        What it is, for the table.
    words : sequence of str
        What follows the program; ``{root}`` stands for a root with real MNIST, ``{mirror}`` for
        the address of a loop-back mirror, ``{runs}`` for a folder with a trained run.
    program : str
        The interpreter of these tests, unless it says otherwise.
    answers : tuple of int
        Exit codes that count as done.
    """

    label: str
    words: Sequence[str]
    program: str = sys.executable
    answers: tuple[int, ...] = (0,)

    def run(self, places: Mapping[str, str]) -> Sample:
        """Run it once."""
        command = [self.program, *self.words]
        for name, place in places.items():
            command = [word.replace("{" + name + "}", place) for word in command]
        environment = os.environ | {
            "PYTHONPATH": str(REPOSITORY),
            "MNIST_TOOL_ROOT": places["root"],
            "PYTHONDONTWRITEBYTECODE": "",  # pip compiles what it installs, on both sides
        }
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as stdout:
            began = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=stdout)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in self.answers:
                raise SystemExit(f"{' '.join(command)} ended with {process.returncode}.")
            stdout.seek(0)
            said = _last_object(stdout.read())
        unit = 1 if sys.platform == "darwin" else 1024
        return Sample(seconds, usage.ru_maxrss * unit / 1e6, said)


def _last_object(text: str) -> dict[str, Any]:
    """Return the JSON document that a text is, or that its last line is."""
    for candidate in (text, text.strip().rpartition("\n")[2]):
        if candidate.lstrip().startswith("{"):
            said: dict[str, Any] = json.loads(candidate)
            return said
    return {}


@dataclass(frozen=True)
class Comparison:
    """Our way of doing some work beside another; adding one is adding it to a group's tuple.

    Parameters
    ----------
    name : str
        The word for the command line.
    ours, theirs : Side
        The two ways.
    reach : float
        What theirs must be at least, divided by ours; with ``memory``, how many MB ours may be
        above theirs.
    measure : {'process', 'said', 'memory'}
        Wall time of the process, the seconds it says it took, or its largest resident size.
    wrong : callable, optional
        Looks at a sample of each side; returns what is wrong with our result, or nothing.
    tell : callable, optional
        Looks at them likewise; returns what else the table is to say.
    rounds : int
        How often each side runs.
    """

    name: str
    ours: Side
    theirs: Side
    reach: float
    measure: Measure = "process"
    wrong: Callable[[Sample, Sample], str] | None = None
    tell: Callable[[Sample, Sample], str] | None = None
    rounds: int = 5


@dataclass(frozen=True)
class Result:
    """What a comparison came to: medians of both sides, every value, and what is to be said.

    A ``note`` tells what is wrong with our result; a ``remark`` only informs.
    """

    name: str
    ours: str
    theirs: str
    unit: str
    our_values: list[float]
    their_values: list[float]
    reach: float
    note: str
    remark: str
    machine: str
    date: str

    @property
    def our_median(self) -> float:
        """Median of our side."""
        return statistics.median(self.our_values)

    @property
    def their_median(self) -> float:
        """Median of the other side."""
        return statistics.median(self.their_values)

    @property
    def ratio(self) -> float:
        """How many times our median their median is."""
        return self.their_median / self.our_median

    @property
    def reached(self) -> bool:
        """Whether what was to be reached is reached, with equal results."""
        if self.unit == "MB":
            return self.our_median - self.their_median <= self.reach
        return self.ratio >= self.reach and not self.note

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        medians = {"our_median": self.our_median, "their_median": self.their_median}
        return asdict(self) | medians | {"ratio": self.ratio, "reached": self.reached}


def compare(comparison: Comparison, places: Mapping[str, str], rounds: int | None = None) -> Result:
    """Run both sides in alternation: ours, theirs, ours ...

    Parameters
    ----------
    comparison : Comparison
        What to run.
    places : mapping of str to str
        What the names in braces stand for.
    rounds : int, optional
        How often each side runs; by default what the comparison says.
    """
    pairs = [
        (comparison.ours.run(places), comparison.theirs.run(places))
        for _ in range(rounds or comparison.rounds)
    ]

    def say(look: Callable[[Sample, Sample], str] | None) -> str:
        """Join what one of the comparison's callables says of the pairs."""
        return "; ".join(sorted({look(*pair) for pair in pairs} - {""})) if look else ""

    return Result(
        name=comparison.name,
        ours=comparison.ours.label,
        theirs=comparison.theirs.label,
        unit=UNITS[comparison.measure],
        our_values=[ours.value(comparison.measure) for ours, _ in pairs],
        their_values=[theirs.value(comparison.measure) for _, theirs in pairs],
        reach=comparison.reach,
        note=say(comparison.wrong),
        remark=say(comparison.tell),
        machine=machine(),
        date=date.today().isoformat(),
    )


def rates(ours: Sample, theirs: Sample) -> str:
    """Say how many images a second each way takes."""
    return f"{ours.said['rate']:,.0f} and {theirs.said['rate']:,.0f} images/s"


def machine() -> str:
    """Say on what this is measured: processor, cores, how busy it is, and versions."""
    load = f"{os.getloadavg()[0]:.1f}"
    return (
        f"{processor()}, {os.cpu_count()} cores, load {load}, {platform.system()}, "
        f"Python {platform.python_version()}, torch {metadata.version('torch')}, "
        f"torchvision {metadata.version('torchvision')}"
    )


def processor() -> str:
    """Return what the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
