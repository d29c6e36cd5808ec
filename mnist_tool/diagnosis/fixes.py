"""Mend a data root: plan the steps from what was found, and carry out one at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool.dataset.store import SET_ASIDE, Store
from mnist_tool.diagnosis.checks.data import suggested_root
from mnist_tool.diagnosis.checks.processed import harmful_files, lacks_processed
from mnist_tool.diagnosis.context import InterpreterFacts
from mnist_tool.diagnosis.datafacts import DataFacts
from mnist_tool.diagnosis.ptwriter import PROCESSED_NAMES, write_processed
from mnist_tool.diagnosis.versions import needs_processed
from mnist_tool.errors import FetchError
from mnist_tool.files import make_folder, move, storing

if TYPE_CHECKING:
    from mnist_tool.progress import Progress

__all__ = ["Repair", "plan_repairs"]


@dataclass(frozen=True)
class Repair:
    """One change to the disk.

    Parameters
    ----------
    kind : {'move', 'rename', 'set-aside', 'fetch', 'rewrite'}
        What sort of change.
    text : str
        What will be done, with full names.
    apply : callable
        Does it, telling its argument of progress; returns what was done, in one line.
    """

    kind: str
    text: str
    apply: Callable[[Progress], str]


def plan_repairs(
    data: DataFacts, interpreters: Sequence[InterpreterFacts], *, offline: bool | None = None
) -> list[Repair]:
    """Plan what mends a data root.

    Parameters
    ----------
    data : DataFacts
        What lies there.
    interpreters : sequence of InterpreterFacts
        Who has to read it.
    offline : bool, optional
        As in `fetch`.

    Returns
    -------
    list of Repair
        In the order in which they must be done; empty where nothing needs mending. Nothing is ever
        deleted: what is in the way gets another name.
    """
    if suggested_root(data) is not None and not data.complete:
        return []  # another root is what mends it; what lies there is in its place
    steps = [*_renames(data), *_moves(data), *_broken_downloads(data)]
    if not data.complete and (not data.absent or steps or data.places):
        steps.append(_fetch(data, offline=offline, moved=bool(steps)))
    return [*steps, *_processed(data, interpreters, offline=offline, fetching=bool(steps))]


def _renames(data: DataFacts) -> Iterator[Repair]:
    promised: set[Path] = set()
    for wrong, right in data.odd:
        if not right.exists() and right not in promised:
            promised.add(right)
            yield _move("rename", wrong, right)


def _moves(data: DataFacts) -> Iterator[Repair]:
    right = {entry.path for entry in data.raw if entry.state == "verified"}
    promised = {target for _, target in data.odd}
    for place in data.places:
        for path in place.files:
            target = data.store.raw / path.name
            if target in right or target in promised:
                continue
            promised.add(target)
            if target.exists():
                yield _set_aside(data, target)
            yield _move("move", path, target)


def _move(kind: str, source: Path, target: Path) -> Repair:
    def apply(_: Progress) -> str:
        make_folder(target.parent)
        with storing(target.parent):
            move(source, target)
            # The folders that this emptied go too; one that still holds something stays.
            with contextlib.suppress(OSError):
                for folder in list(source.parents)[:2]:
                    if folder not in target.parents:
                        folder.rmdir()
        return f"{source} is now {target}"

    return Repair(kind, f"{kind} {source} to {target}", apply)


def _set_aside(data: DataFacts, path: Path) -> Repair:
    def apply(_: Progress) -> str:
        return f"{path} is now {_move_aside(data.store, path)}"

    return Repair("set-aside", f"set {path} aside in {data.store.folder / SET_ASIDE}", apply)


def _move_aside(store: Store, path: Path) -> Path:
    make_folder(store.folder)
    with storing(store.folder):
        return store.set_aside(path)


def _broken_downloads(data: DataFacts) -> Iterator[Repair]:
    for path in (*data.bad_packed, *data.leftovers, *data.cached):
        yield _set_aside(data, path)


def _fetch(data: DataFacts, *, offline: bool | None, moved: bool = False) -> Repair:
    def apply(progress: Progress) -> str:
        from mnist_tool.dataset.fetching.fetch import fetch

        found = [place.folder for place in data.places if place.packed and place.folder.is_dir()]
        report = None
        with _out_of_the_way(data.store):
            if found:
                # Copies at hand that do not complete it are no failure: then it is fetched.
                with contextlib.suppress(FetchError):
                    report = fetch(
                        data.root, dataset=data.dataset.name, sources=found, offline=True
                    )
            report = report or fetch(
                data.root, dataset=data.dataset.name, offline=offline, progress=progress
            )
        sources = sorted({file.source for file in report.files if file.state == "fetched"})
        return "verified all raw files" + (f"; brought from {', '.join(sources)}" * bool(sources))

    wrong = [entry.file.name for entry in data.raw if entry.state != "verified"]
    text = f"fetch what is missing or damaged: {', '.join(wrong)}"
    if moved:
        text = "verify the raw files, and fetch what is still missing or damaged"
    return Repair("fetch", text, apply)


@contextlib.contextmanager
def _out_of_the_way(store: Store) -> Iterator[None]:
    """Set aside what is damaged, meanwhile, and for good where another file takes its place."""
    aside = {}
    try:
        for status in store.statuses():
            # An earlier step may have mended it; what holds nothing need not be kept.
            if status.state == "wrong" and status.size and status.path.is_file():
                aside[status.path] = _move_aside(store, status.path)
        yield
    finally:
        for path, kept in aside.items():
            if not path.exists():
                with contextlib.suppress(OSError):  # it is kept where it is, too
                    move(kept, path)
        with contextlib.suppress(OSError):
            (store.folder / SET_ASIDE).rmdir()  # where nothing is left in it


def _processed(
    data: DataFacts,
    interpreters: Sequence[InterpreterFacts],
    *,
    offline: bool | None,
    fetching: bool,
) -> Iterator[Repair]:
    folder = data.store.folder / "processed"
    lacking = [facts for facts in interpreters if lacks_processed(facts)]
    harmed = [facts for facts in interpreters if harmful_files(facts)]
    needing = any(needs_processed(facts.version("torchvision")) for facts in interpreters)
    if needing and (lacking or harmed):
        if not (data.complete or fetching):
            yield _fetch(data, offline=offline)
        if any(file.kind != "missing" for file in data.processed):
            yield _set_aside(data, folder)
        yield _rewrite(data, folder)
    elif harmed:
        yield _set_aside(data, folder)


def _rewrite(data: DataFacts, folder: Path) -> Repair:
    def apply(_: Progress) -> str:
        write_processed(data.store, folder)
        return f"wrote {' and '.join(PROCESSED_NAMES.values())} in the legacy format"

    names = " and ".join(PROCESSED_NAMES.values())
    return Repair("rewrite", f"write {names} in {folder} from the verified raw files", apply)
