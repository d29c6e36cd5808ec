"""What a fetch tells afterwards: each file's origin, or why it failed and what to do by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from mnist_tool.advice import command_line
from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.store import Store
from mnist_tool.errors import FetchError, OfflineError

__all__ = ["FetchReport", "FetchedFile", "failure", "manual_recipe", "portal_suspected"]

# The status by which a login portal says that it is one (RFC 6585).
NETWORK_AUTHENTICATION_REQUIRED = 511


@dataclass(frozen=True)
class FetchedFile:
    """What became of one file.

    Parameters
    ----------
    name : str
        Its name under ``raw/``.
    path : Path
        Where it stands.
    state : {'present', 'fetched', 'missing'}
        It was there and is right; it was brought; or no source had it.
    source, location : str
        Where it came from, also when that was an earlier time; empty if unknown.
    member : str
        Which file or member of an archive it was there.
    """

    name: str
    path: Path
    state: Literal["present", "fetched", "missing"]
    source: str = ""
    location: str = ""
    member: str = ""


@dataclass(repr=False)
class FetchReport:
    """What a fetch did; it shows itself in a line.

    Parameters
    ----------
    root : Path
        The root that now holds the data set.
    dataset : str
        Its name.
    files : list of FetchedFile
        One per file of the data set.
    attempts : list of Attempt
        Every try at every source, in the order in which they ended.
    """

    root: Path
    dataset: str
    files: list[FetchedFile] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def __repr__(self) -> str:
        there = len(self.files) - len(self.missing)
        sources = dict.fromkeys(file.source for file in self.files if file.source)
        told = f", from {', '.join(sources)}" if sources else ""
        folders = dict.fromkeys(repr(str(file.path.parent)) for file in self.files)
        return (
            f"FetchReport: {there} of {len(self.files)} files of {self.dataset} "
            f"verified in {', '.join(folders)}{told}"
        )

    @property
    def missing(self) -> list[str]:
        """Names of the files that nobody brought."""
        return [file.name for file in self.files if file.state == "missing"]


def failure(report: FetchReport, store: Store, *, offline: bool, force: bool) -> FetchError:
    """Build the error of a fetch that did not bring everything.

    Parameters
    ----------
    report : FetchReport
        What was brought, and every attempt.
    store : Store
        Where the files belong.
    offline : bool
        Whether the network was forbidden.
    force : bool
        Whether everything was to be brought again.

    Returns
    -------
    FetchError
        With the attempts sorted, what a user can do most about first.
    """
    error: FetchError
    what = _what_is_there(report, store, force=force)
    if offline:
        error = OfflineError(
            f"{what} --offline or MNIST_TOOL_OFFLINE forbids the network, so no address was asked.",
            hint=_made_here(store)
            or f"Allow the network, or import the files: {_import_command(store)}",
        )
    elif portal_suspected(report.attempts):
        error = FetchError(
            f"No source brought everything: {what} "
            "It looks like a login portal answers for every host.",
            hint="Open a web page and sign in first.",
        )
    else:
        error = FetchError(
            f"No source brought everything: {what}", hint=_hint(report.attempts, store)
        )
    error.attempts = sorted(report.attempts, key=_rank)
    error.files = report.files
    error.missing = report.missing
    error.recipe = manual_recipe(store, report.missing)
    return error


def _what_is_there(report: FetchReport, store: Store, *, force: bool) -> str:
    total = len(report.files)
    damaged = [f.name for f in report.files if f.state == "missing" and f.path.exists()]
    absent = [name for name in report.missing if name not in damaged]
    lacking = ", ".join(report.missing)
    there = f"{total - len(report.missing)} of {total} files of {store.dataset.title}"
    if force:
        return f"{there} were brought again, not {lacking}; what stood there before still does."
    late = [a.source for a in report.attempts if a.outcome == "not-tried"]
    untried = f" Time ran out before {', '.join(late)}." if late else ""
    bad = "unproven or damaged" if store.dataset.algorithms else "damaged"
    kinds = (("missing", absent), (bad, damaged))
    told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds if names)
    return f"{there} are in {store.raw}; {told}.{untried}"


def _hint(attempts: Sequence[Attempt], store: Store) -> str:
    best = min(attempts, key=_rank, default=None)
    if best is not None and OUTCOMES[best.outcome].fault == "user" and best.outcome != "storage":
        return best.hint
    return (
        _made_here(store)
        or f"Download the files elsewhere and import them: {_import_command(store)}"
    )


def _made_here(store: Store) -> str:
    """Say how the tool makes the files itself; empty where they must be brought."""
    if all(source.network for source in store.dataset.sources):
        return ""
    own = command_line("fetch", dataset=store.dataset.name, root=store.root)
    return f"Leave --from out, the tool makes these files itself: {own}"


def _import_command(store: Store) -> str:
    return command_line("fetch", "--from", "PATH", dataset=store.dataset.name, root=store.root)


def _rank(attempt: Attempt) -> int:
    return OUTCOMES[attempt.outcome].rank


def portal_suspected(attempts: Sequence[Attempt]) -> bool:
    """Return whether several hosts sent the very same web page, as a login portal does.

    Or one says so itself: that is what HTTP 511 is for.
    """
    if any(attempt.status == NETWORK_AUTHENTICATION_REQUIRED for attempt in attempts):
        return True
    hosts: Counter[str] = Counter()
    for page, _ in {(a.page, urlsplit(a.location).netloc) for a in attempts if a.page}:
        hosts[str(page)] += 1
    return any(count > 1 for count in hosts.values())


def manual_recipe(store: Store, missing: Sequence[str]) -> list[str]:
    """Say how to bring the files by hand: what to download, where to put it, how to import it.

    Parameters
    ----------
    store : Store
        Where the files belong.
    missing : sequence of str
        Names of the files that are needed.

    Returns
    -------
    list of str
        Lines for people; none where the tool makes the files itself.
    """
    if _made_here(store):
        return []
    first = {source.kind: source for source in reversed(store.dataset.sources)}
    packed = [file.packed for file in store.dataset.files if file.name in missing]
    by_hand = [
        line
        for source in store.dataset.sources
        if source is first[source.kind]
        for line in source.by_hand(packed)
    ]
    packing = "but packed as they are" if store.dataset.algorithms else "packed or not"
    offline = command_line("fetch", "--offline", dataset=store.dataset.name, root=store.root)
    what, lines = "the files", []
    if by_hand:
        what = "them"
        lines = ["On a machine with a network, download:", *(f"  {line}" for line in by_hand)]
    return [
        *lines,
        f"Bring {what} here on any medium, under any name, {packing}, and import them:",
        f"  {_import_command(store)}",
        f"(or put them into {store.raw} and run: {offline})",
    ]
