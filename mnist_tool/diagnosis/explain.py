"""Find what an error text of torch, torchvision or their libraries means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote_plus

from mnist_tool.diagnosis.explained.dataset import DATASET
from mnist_tool.diagnosis.explained.devices import DEVICES
from mnist_tool.diagnosis.explained.entry import Explanation
from mnist_tool.diagnosis.explained.fetching import FETCHING
from mnist_tool.diagnosis.explained.files import FILES, FILES_IN_GENERAL
from mnist_tool.diagnosis.explained.installing import INSTALLING
from mnist_tool.diagnosis.explained.macos import MACOS
from mnist_tool.diagnosis.explained.packages import PACKAGES, PACKAGES_IN_GENERAL
from mnist_tool.diagnosis.explained.python import PYTHON
from mnist_tool.diagnosis.explained.system import SYSTEM
from mnist_tool.diagnosis.explained.windows import WINDOWS
from mnist_tool.diagnosis.explained.workers import WORKERS
from mnist_tool.diagnosis.runner import Outcome
from mnist_tool.diagnosis.versions import numpy_too_new

__all__ = [
    "EXPLANATIONS",
    "explain",
    "explain_outcome",
    "explain_pasted",
    "fitting",
    "message_of",
    "search_line",
]

# The first that fits wins, so the narrow ones stand first, and what fits much comes last.
EXPLANATIONS: tuple[Explanation, ...] = (
    *FILES,
    *DATASET,
    *FETCHING,
    *PYTHON,
    *PACKAGES,
    *SYSTEM,
    *MACOS,
    *WINDOWS,
    *DEVICES,
    *WORKERS,
    *INSTALLING,
    *FILES_IN_GENERAL,
    *PACKAGES_IN_GENERAL,
)
COMPILED = tuple((re.compile(entry.pattern, re.MULTILINE), entry) for entry in EXPLANATIONS)
# torch says the same for every NumPy that it cannot use.
NUMPY = ("numpy-unavailable", "numpy-old")
LONGEST = 100_000  # characters of a pasted text that are looked at: its end says what happened
# The first line of an exception at the end of a traceback, also one of a chain of them.
RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt)\b.*", re.MULTILINE)
# What Python writes between the exceptions of a chain; the frames after it belong to the next one.
CHAINED = re.compile(r"\n\n(?:During handling of|The above exception was)")
# What differs from machine to machine, and so is found in no one else's report.
PERSONAL = re.compile(r"(?:[A-Za-z]:)?[/\\](?:[^\s/\\'\"]+[/\\])+|0x[0-9a-fA-F]+|[\"'`<>]")


def explain(text: str) -> Explanation | None:
    """Return what an error text means, or ``None`` if it is not a known one.

    Examples
    --------
    >>> explain("operator torchvision::nms does not exist").name
    'nms'
    """
    return next((entry for pattern, entry in COMPILED if pattern.search(text)), None)


def explain_outcome(outcome: Outcome, stderr: str = "") -> Explanation | None:
    """Explain a failed step by its message or one behind it, by how it died, or by its stderr."""
    # Whoever kills a process from outside does it for no reason that the process has told of.
    first = outcome.kind if outcome.kind == "SIGKILL" else ""
    texts = (first, outcome.message, *_messages(outcome.traceback), outcome.kind, stderr)
    return next((found for found in map(explain, filter(None, texts)) if found), None)


def fitting(known: Explanation | None, torch: str, numpy: str) -> Explanation | None:
    """Return the explanation that fits the versions, where the text alone says too little."""
    unclear = known is not None and known.name in NUMPY
    if unclear and numpy_too_new(torch, numpy):
        return next(entry for entry in EXPLANATIONS if entry.name == "numpy-2")
    return known


def explain_pasted(text: str) -> Explanation | None:
    """Explain a whole terminal or traceback: by the last exception in it, else by all of it.

    Examples
    --------
    >>> explain_pasted("KeyError: 1\\n\\nDuring ...\\nImportError: No module named 'torch'").name
    'no-torch'
    """
    text = text[-LONGEST:]
    return next((known for part in _messages(text) if (known := explain(part))), explain(text))


def message_of(text: str) -> str:
    """Return the last exception of a pasted text with all its lines, or the text if it has none.

    Examples
    --------
    >>> message_of("Traceback ...\\nKeyError: 1\\n\\nImportError: first\\nsecond\\n")
    'ImportError: first\\nsecond'
    """
    return next(_messages(text), text.strip())


def _messages(text: str) -> Iterator[str]:
    """Yield the exceptions of a text, the last one first."""
    starts = [found.start() for found in RAISED.finditer(text)]
    for start, end in zip(reversed(starts), [None, *reversed(starts)], strict=False):
        yield CHAINED.split(text[start:end])[0].strip()


def search_line(text: str) -> str:
    """Return where others' reports of an unknown text can be searched.

    Examples
    --------
    >>> search_line("Traceback ...\\nValueError: /home/ann/x.py is odd")
    'https://github.com/search?type=issues&q=torch+ValueError%3A+x.py+is+odd'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    raised = [line for line in lines if RAISED.match(line)]
    words = PERSONAL.sub(" ", (raised or lines or [""])[-1])[:120].split()
    sought = quote_plus(" ".join(["torch", *words]), errors="replace")
    return f"https://github.com/search?type=issues&q={sought}"
