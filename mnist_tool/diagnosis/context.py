"""Where the checks get their facts: gathered once each, on first use, from any thread."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.roots import meant_root
from mnist_tool.dataset.store import Store
from mnist_tool.diagnosis import datafacts
from mnist_tool.diagnosis.datafacts import DataFacts
from mnist_tool.diagnosis.installer import Installer, installer_of
from mnist_tool.diagnosis.invocation import Invocation
from mnist_tool.diagnosis.ptfile import PtFile
from mnist_tool.diagnosis.runner import STEP_LIMIT, Examination, Outcome, Step, examine
from mnist_tool.files import stands

__all__ = ["Context", "InterpreterFacts", "Request", "newest_checkpoint"]

T = TypeVar("T")

TORCHVISION_CLASSES = ("MNIST", "FashionMNIST", "KMNIST")


@dataclass(frozen=True)
class Request:
    """What the user asked the doctor to look at.

    Parameters
    ----------
    root, root_origin : Path, str
        The data root and who set it (``"--root"``, a variable, ``"default"``).
    dataset : Dataset
        The data set.
    pythons : tuple of str
        Interpreters to examine; this one if it is empty.
    runs : Path
        Folder of the training runs.
    network : bool
        Whether connections may be opened.
    timeout : float, optional
        Seconds of silence in the network; a few by default.
    environment : mapping
        Environment variables.
    cwd : Path
        Where the user stands.
    step_limit : float
        Seconds for each step in an examined interpreter.
    """

    root: Path
    root_origin: str
    dataset: Dataset
    pythons: tuple[str, ...] = ()
    runs: Path = Path("runs")
    network: bool = False
    timeout: float | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=Path.cwd)
    step_limit: float = STEP_LIMIT

    @property
    def subjects(self) -> tuple[str, ...]:
        """The interpreters to examine."""
        return self.pythons or (sys.executable,)

    @property
    def invocation(self) -> Invocation:
        """How this user calls the tool."""
        return Invocation(self.root, self.dataset.name, self.pythons, self.runs)


@dataclass(frozen=True)
class InterpreterFacts:
    """What the checks on an interpreter judge.

    Parameters
    ----------
    python : str
        The interpreter, as it was named.
    examination : Examination
        What happened in it.
    root : Path
        The data root that was tried.
    dataset : Dataset
        The data set that was tried.
    processed : tuple of PtFile
        Its two ``.pt`` files.
    invocation : Invocation
        How this user calls the tool.
    raw_there : bool
        Whether anything at all lies under ``raw/``.
    installer : Installer
        What installs packages into it.
    meant : Path or None
        The root that was meant, where the one that was tried is too deep.
    """

    python: str
    examination: Examination
    root: Path
    dataset: Dataset
    processed: tuple[PtFile, ...]
    invocation: Invocation
    raw_there: bool = False
    meant: Path | None = None
    installer: Installer = field(default_factory=lambda: Installer("python"))

    @property
    def about(self) -> Mapping[str, Any]:
        """What the interpreter says of itself; empty where it did not start."""
        return self.examination.of("about").value

    def outcome(self, *step: Any) -> Outcome:
        """Return how a step of the probe ended in it."""
        return self.examination.of(*step)

    def version(self, package: str) -> str:
        """Return the installed version of a package by its metadata, or an empty text."""
        copies = self.about.get("packages", {}).get(package, [])
        return str(copies[0]["version"]) if copies else ""


def newest_checkpoint(runs: Path) -> Path | None:
    """Return the checkpoint that was written last, or ``None`` where there is none."""
    found = list(runs.glob("[!.]*/checkpoint.pt"))
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)


class Context:
    """Facts for the checks, each gathered once.

    Parameters
    ----------
    request : Request
        What to look at.
    needs : frozenset of str
        Which kinds of probe steps the chosen checks need (``"torch"``, ``"load"``, ``"open"`` ...).
    """

    def __init__(self, request: Request, needs: frozenset[str]) -> None:
        self.request = request
        self._needs = needs
        self._facts: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin with the slowest work at once: the interpreters to examine."""
        if self._needs:
            for python in self.request.subjects:
                threading.Thread(target=self.examination, args=(python,), daemon=True).start()

    def once(self, topic: str, look: Callable[[], T]) -> T:
        """Return the facts of a topic; the first who asks gathers them, the others wait."""
        with self._lock:
            first = topic not in self._facts
            future: Future[T] = self._facts.setdefault(topic, Future())
        if first:
            try:
                future.set_result(look())
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def data(self) -> DataFacts:
        """Return what lies in and around the data root."""
        r = self.request
        return self.once(
            "data", lambda: datafacts.gather(r.root, r.root_origin, r.dataset, r.cwd, r.invocation)
        )

    def processed(self) -> tuple[PtFile, ...]:
        """Return what the files of old torchvision are."""
        r = self.request
        return self.once("processed", lambda: datafacts.processed_files(r.root, r.dataset))

    def examination(self, python: str) -> Examination:
        """Return what happened in an interpreter."""
        limit = self.request.step_limit
        return self.once(
            f"examination {python}", lambda: examine(python, self.steps(), limit=limit)
        )

    def interpreter(self, python: str) -> InterpreterFacts:
        """Return the facts for the checks on one interpreter."""
        r = self.request
        store = Store(r.root, r.dataset, read_only=True)
        examination = self.examination(python)
        return InterpreterFacts(
            python,
            examination,
            r.root,
            r.dataset,
            self.processed(),
            r.invocation,
            raw_there=any(stands(store.path(file)) != "nothing" for file in r.dataset.files),
            meant=meant_root(r.root, r.dataset),
            installer=installer_of(python, examination.of("about").value),
        )

    def steps(self) -> list[Step]:
        """Return the probe's steps, in an order in which the early ones serve the later."""
        steps: list[Step] = [("about",)]
        steps += [(name,) for name in ("torch", "torchvision", "train") if name in self._needs]
        files = self.processed()
        if "load" in self._needs:
            steps += [("load", str(file.path)) for file in files if file.may_be_tried]
        run = newest_checkpoint(self.request.runs)
        if "checkpoint" in self._needs and run is not None:
            steps.append(("checkpoint", str(run)))
        # To open the data set is to load these files, so it is as dangerous as they are.
        r = self.request
        known = r.dataset.folder in TORCHVISION_CLASSES
        if known and "open" in self._needs and datafacts.may_be_opened(r.root, files):
            steps += [("open", str(r.root), r.dataset.folder, train) for train in (True, False)]
        return steps
