"""The command that brings the data: fetch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
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
    source_names,
    valued,
)
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import FetchError, SettingError

if TYPE_CHECKING:
    from mnist_tool.dataset.attempt import Attempt
    from mnist_tool.dataset.fetching.report import FetchedFile, FetchReport


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
        valued(
            "--from",
            metavar="NAME|URL|PATH",
            help="Where to look instead: a source's name, an address, a file, a folder, "
            "or - for standard input. May be given several times.",
            autocompletion=source_names,
        ),
    ] = None,
    mirror: Annotated[
        bool,
        typer.Option(
            "--mirror", help="Leave the site out that answers 403; begin with the tar.gz mirror."
        ),
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
) -> None:
    """Fetch, print where each file lies, and tell which source gave it."""
    from mnist_tool.dataset.fetching.fetch import choose_clocks
    from mnist_tool.dataset.fetching.fetch import fetch as bring

    clocks = choose_clocks(
        timeout=timeout,
        connect_timeout=connect_timeout,
        patience=patience,
        min_rate=min_rate,
        grace=grace,
        source_deadline=source_deadline,
        deadline=deadline,
        lock_wait=lock_wait,
    )
    given: list[Any] = [_stdin(out) if each == "-" else each for each in source or []]
    attempts: list[Attempt] = []  # ours: they are told whatever ends the fetch
    try:
        with out.progress() as progress:
            report = bring(
                root,
                dataset=dataset,
                sources=given,
                mirror=mirror,
                force=force,
                offline=offline,
                clocks=clocks,
                progress=progress,
                attempts=attempts,
            )
    except FetchError as error:
        _show_failure(out, error)
        raise
    except BaseException:
        out.data(attempts=[asdict(attempt) for attempt in attempts])
        raise
    _show_report(out, report)


def _stdin(out: Output) -> BinaryIO:
    """Standard input without a buffer: a thread that waits for it must not hold up the exit."""
    if sys.stdin is None or sys.stdin.isatty():
        what = "closed" if sys.stdin is None else "a terminal"
        raise SettingError(
            f"--from -: standard input is {what}; an archive is expected there.",
            hint=f"Pipe it: {out.line()} < MNIST.tar.gz",
        )
    return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)


def _show_report(out: Output, report: FetchReport) -> None:
    out.data(
        root=str(report.root),
        dataset=report.dataset,
        files=[asdict(file) for file in report.files],
        attempts=[asdict(attempt) for attempt in report.attempts],
    )
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
    out.hint(command_line("train", dataset=report.dataset, root=report.root))


def _show_origins(out: Output, files: Sequence[FetchedFile]) -> None:
    """Say for each file which input satisfied it."""
    for file in files:
        origin = {"missing": "missing", "present": "already there"}.get(file.state)
        out.note(f"{file.name}: {origin or f'from {file.member or file.location}'}")


def _show_failure(out: Output, error: FetchError) -> None:
    if any(file.state == "fetched" for file in error.files):
        _show_origins(out, error.files)
    out.data(
        files=[asdict(file) for file in error.files],
        missing=error.missing,
        recipe=error.recipe,
        attempts=[asdict(attempt) for attempt in error.attempts],
    )
    rows = _summary(error.attempts)
    gave_some = any(attempt.delivered for attempt in error.attempts)
    if out.quiet or gave_some or len(rows) > 1:  # one failure alone was told when it happened
        out.talk_table(("source", "asked for", "outcome", "cause"), rows)
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
