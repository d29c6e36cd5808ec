"""The commands about the data: fetch, verify, sources."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from mnist_tool import configuration
from mnist_tool.cli.frame.command import Terminated, command
from mnist_tool.cli.frame.options import (
    ConnectTimeoutOption,
    DatasetOption,
    DeadlineOption,
    GraceOption,
    LockWaitOption,
    MinRateOption,
    OfflineOption,
    PatienceOption,
    RootOption,
    SourceDeadlineOption,
    TimeoutOption,
)
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tool.dataset.errand import Attempt
    from mnist_tool.dataset.report import FetchedFile, FetchReport
    from mnist_tool.errors import FetchError


# Sources whose inputs have names of their own, worth telling file by file.
LOCAL = {"local", "stdin"}


@command(
    "fetch",
    ("Get MNIST into MNIST_data", "mnist-tool fetch"),
    ("The first site answers 403", "mnist-tool fetch --mirror"),
    ("From a stick, whatever the files are called", "mnist-tool fetch --from /media/stick/mnist"),
)
def fetch(
    out: Output,
    source: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="NAME|URL|PATH", show_default=False,
                     help="Where to look instead: a source's name, an address, a file, a folder, "
                     "or - for standard input. May be given several times."),
    ] = None,
    mirror: Annotated[
        bool,
        typer.Option("--mirror", help="Leave the primary site out; begin with the tar.gz mirror."),
    ] = False,
    root: RootOption = None,
    dataset: DatasetOption = "mnist",
    force: Annotated[
        bool,
        typer.Option("--force", help="Bring everything again, even where verified files stand."),
    ] = False,
    offline: OfflineOption = None,
    timeout: TimeoutOption = None,
    connect_timeout: ConnectTimeoutOption = None,
    patience: PatienceOption = None,
    min_rate: MinRateOption = None,
    grace: GraceOption = None,
    source_deadline: SourceDeadlineOption = None,
    deadline: DeadlineOption = None,
    lock_wait: LockWaitOption = None,
) -> None:  # fmt: skip
    """Bring the data to the disk, from wherever it can be had, and verify it."""
    from mnist_tool.dataset import sources
    from mnist_tool.dataset.clocks import Clocks
    from mnist_tool.errors import FetchError, StorageError

    clocks = Clocks.from_settings(
        timeout=timeout, connect_timeout=connect_timeout, patience=patience, min_rate=min_rate,
        grace=grace, source_deadline=source_deadline, deadline=deadline, lock_wait=lock_wait,
    )  # fmt: skip
    given: list[Any] = [_stdin() if each == "-" else each for each in source or []]
    try:
        with out.progress() as progress:
            report = sources.fetch(
                root, dataset=dataset, sources=given, mirror=mirror, force=force, offline=offline,
                clocks=clocks, progress=progress,
            )  # fmt: skip
    except FetchError as error:
        _show_failure(out, error)
        raise
    except (StorageError, KeyboardInterrupt, Terminated) as error:
        attempts = getattr(error, "attempts", ())  # none if nothing had been tried yet
        out.data(attempts=[asdict(attempt) for attempt in attempts])
        raise
    _show_report(out, report)


def _stdin() -> BinaryIO:
    """Standard input without a buffer: a thread that waits for it must not hold up the exit."""
    if sys.stdin is None or sys.stdin.isatty():
        what = "closed" if sys.stdin is None else "a terminal"
        raise SettingError(f"--from -: standard input is {what}; an archive is expected there.",
                           hint="Pipe it: mnist-tool fetch --from - < MNIST.tar.gz")  # fmt: skip
    return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)


def _show_report(out: Output, report: FetchReport) -> None:
    out.data(
        root=str(report.root), dataset=report.dataset,
        files=[asdict(file) for file in report.files],
        attempts=[asdict(attempt) for attempt in report.attempts],
    )  # fmt: skip
    for file in report.files:
        out.print(str(file.path))
    brought = [file for file in report.files if file.state == "fetched"]
    if not brought:
        out.note(f"All {len(report.files)} files are there and verified; nothing was downloaded.")
        return
    if any(file.source in LOCAL for file in brought):
        _show_origins(out, report.files)
    sources = {
        file.source: [f.name for f in brought if f.source == file.source] for file in brought
    }
    told = "; ".join(
        f"{source} gave " + ("all" if len(names) == len(report.files) else ", ".join(names))
        for source, names in sources.items()
    )
    out.note(f"Fetched and verified: {told}.")
    out.hint(_command("train", report.dataset, report.root))


def _command(verb: str, dataset: str, root: Path) -> str:
    """The next command for the same data, to be pasted."""
    words = ["mnist-tool", verb]
    words += ["--dataset", dataset] if dataset != "mnist" else []
    words += ["--root", str(root)] if root != configuration.get("root") else []
    return shlex.join(words)


def _show_origins(out: Output, files: Sequence[FetchedFile]) -> None:
    """Say for each file which input satisfied it."""
    for file in files:
        origin = {"missing": "missing", "present": "already there"}.get(file.state)
        out.advise(f"{file.name}: {origin or f'from {file.member or file.location}'}")


def _show_failure(out: Output, error: FetchError) -> None:
    if any(file.state == "fetched" for file in error.files):
        _show_origins(out, error.files)
    out.data(
        files=[asdict(file) for file in error.files],
        missing=error.missing, recipe=error.recipe,
        attempts=[asdict(attempt) for attempt in error.attempts],
    )  # fmt: skip
    if error.attempts:
        out.talk_table(("source", "asked for", "outcome", "cause"), _summary(error.attempts))
    for line in error.recipe:
        out.advise(line)


def _summary(attempts: Sequence[Attempt]) -> list[tuple[str, str, str, str]]:
    """One row for each source and outcome; what came of each file was told when it happened."""
    alike: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in attempts:
        alike.setdefault((attempt.source, attempt.outcome), []).append(attempt)
    rows = []
    for (source, outcome), group in alike.items():
        names = dict.fromkeys(attempt.what for attempt in group)
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        rows.append((source, f"{group[0].what}{more}", outcome, _cause(group[0])))
    return rows


def _cause(attempt: Attempt) -> str:
    gave = f"it gave {', '.join(attempt.delivered)}" if attempt.delivered else ""
    return "; ".join(part for part in (gave, attempt.message) if part)


@command(
    "verify",
    ("Hash all files again", "mnist-tool verify"),
    ("For a script", "mnist-tool verify --json"),
)
def verify(out: Output, root: RootOption = None, dataset: DatasetOption = "mnist") -> None:
    """Hash every file and compare it with the registered content; exit 1 if any differs."""
    from mnist_tool.dataset import store

    statuses = store.verify(root, dataset)
    out.data(files=[
        {"name": s.file.name, "path": str(s.path), "state": s.state, "problem": s.problem,
         "expected": {"size": s.file.size, "sha256": s.file.sha256},
         "got": {"size": s.size, "sha256": s.sha256}} for s in statuses
    ])  # fmt: skip
    for status in statuses:
        good = status.state == "verified"
        out.mark(
            "ok" if good else "error", f"{status.path}" + ("" if good else f": {status.problem}")
        )
        if status.state == "wrong":
            out.print(f"    expected {status.file.size:>12,} bytes, SHA-256 {status.file.sha256}")
            size = f"{status.size:>12,} bytes" if status.size is not None else "nothing readable"
            out.print(f"    got      {size}, SHA-256 {status.sha256 or 'unknown'}")
    if any(status.state != "verified" for status in statuses):
        where = configuration.get("root", root)
        if where.is_file():  # perhaps the archive that the data should come from
            words = ["--dataset", dataset] if dataset != "mnist" else []
            out.hint(shlex.join(["mnist-tool", "fetch", *words, "--from", str(where)]))
        else:
            out.hint(_command("fetch", dataset, where))
        out.answer(1)


@command(
    "sources",
    ("In the order in which fetch asks them", "mnist-tool sources"),
    ("Which of them answer from here", "mnist-tool sources --check"),
)
def sources(
    out: Output,
    check: Annotated[
        bool, typer.Option("--check", help="Try each one, all within seconds.")
    ] = False,
    dataset: DatasetOption = "mnist",
    offline: OfflineOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """List the sources in order; with --check, try each one."""
    from mnist_tool.dataset.check import check_sources
    from mnist_tool.dataset.registry import get_dataset

    listed = get_dataset(dataset).sources
    if not check:
        out.data(sources=[asdict(source) for source in listed])
        out.table(("name", "kind", "location", "note"),
                  [(s.name, s.kind, s.location, s.note) for s in listed])  # fmt: skip
        return
    answers = check_sources(dataset, offline=offline, timeout=timeout)
    out.data(sources=[asdict(answer) for answer in answers])
    rows = [(a.name, "yes" if a.reachable else "no", a.status or "", a.answer, f"{a.seconds:.2f} s")
            for a in answers]  # fmt: skip
    out.table(("name", "reachable", "status", "answer", "time"), rows, right=(4,))
    if not any(answer.reachable for answer in answers):
        out.answer(1)
