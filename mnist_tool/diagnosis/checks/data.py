"""Checks on the data root: right folder, right bytes, right names, nothing in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnist_tool.advice import command_line
from mnist_tool.dataset.store import RAW
from mnist_tool.diagnosis.context import Context
from mnist_tool.diagnosis.datafacts import DataFacts
from mnist_tool.diagnosis.findings import Check, Status, Verdict
from mnist_tool.diagnosis.shell import rename, unset

__all__ = ["CHECKS", "suggested_root"]

# Bytes for MNIST's raw files, the .gz or the archive they come in, and a run.
ROOM = 150_000_000
TOO_DEEP = "the root is too deep, as the check `root` says"


def suggested_root(facts: DataFacts) -> str | None:
    """Return the root the user most likely meant, where the given one is a level off."""
    root = facts.root.absolute()
    inside = {root: root.parent, root / RAW: root.parent, root.parent / RAW: root.parent.parent}
    for place in facts.places:
        if place.folder == root and root.name == RAW:
            return str(root.parent.parent)
        if place.folder in inside and root.name in (facts.dataset.folder, RAW):
            return str(inside[place.folder])
    return None


def judge_root(facts: DataFacts) -> Verdict:
    """Judge whether the root is the folder above ``MNIST/``."""
    where = f"{facts.root} ({facts.origin})"
    data = {"root": str(facts.root), "origin": facts.origin}
    if facts.obstacle is not None:
        return _judge_obstacle(facts, facts.obstacle, data)
    meant = suggested_root(facts)
    if meant is not None and not facts.complete:
        detail = (
            f"The root is the folder that holds {facts.dataset.folder}/, not {facts.root.name}/ "
            f"itself; torchvision wants the same. Use root = {meant}"
        )
        look = (command_line("doctor", dataset=facts.dataset.name, root=Path(meant)),)
        told = {**data, "meant": meant}
        return Verdict("error", f"{where} is too deep", detail, data=told, look=look)
    if not facts.there:
        return Verdict("ok", f"{where} is not there yet", data=data)
    return Verdict("ok", where, data=data)


def _judge_obstacle(facts: DataFacts, obstacle: Path, data: dict[str, str]) -> Verdict:
    summary = f"{obstacle} is a file, not a folder ({facts.origin})"
    if facts.origin == "default":
        return Verdict("error", summary, "", (rename(str(obstacle)),), data)
    if not facts.origin.startswith("--"):
        return Verdict("error", summary, "", (unset(facts.origin),), data)
    detail = "Name a folder with --root. To take the data from a file, give it to fetch --from."
    return Verdict("error", summary, detail, data=data)


def judge_files(facts: DataFacts) -> Verdict:
    """Judge the four raw files by their content."""
    data = {entry.file.name: entry.problem or "right" for entry in facts.raw}
    title = facts.dataset.title
    if suggested_root(facts) is not None and facts.absent:
        return Verdict("skipped", TOO_DEEP, data=data)
    if facts.complete:
        return Verdict("ok", f"all {len(facts.raw)} files are {title}'s, byte for byte", data=data)
    wrong = [entry for entry in facts.raw if entry.state == "wrong"]
    missing = [entry for entry in facts.raw if entry.state == "missing"]
    if facts.obstacle is not None:
        return Verdict("skipped", f"{facts.obstacle} is a file, not a folder", data=data)
    if facts.absent:
        detail = "`mnist-tool train` fetches it by itself; this does it now."
        fix = (facts.invocation.fetch(),)
        return Verdict("warning", f"no {title} in {facts.store.raw}", detail, fix, data)
    lines = [f"{entry.file.name}: {entry.problem}" for entry in wrong + missing]
    parts = [f"{len(wrong)} damaged"] * bool(wrong) + [f"{len(missing)} missing"] * bool(missing)
    if wrong:
        lines.append("torchvision never checks them: download=True does not repair this.")
    summary = f"{' and '.join(parts)} of {len(facts.raw)}"
    fixes = (facts.invocation.fetch(), facts.invocation.fix())
    return Verdict("error", summary, "\n".join(lines), fixes, data)


def judge_places(facts: DataFacts) -> Verdict:
    """Judge whether the files lie somewhere else, most often one level too deep or beside."""
    if suggested_root(facts) is not None and not facts.complete:
        return Verdict("skipped", TOO_DEEP)
    data = {str(place.folder): [path.name for path in place.files] for place in facts.places}
    if not facts.places:
        return Verdict("ok", "no second tree beside or inside it")
    names = ", ".join(str(place.folder) for place in facts.places)
    if facts.complete:
        return Verdict("ok", f"also in {names}", data=data)
    detail = (
        f"Found in {names}.\nThey belong in {facts.store.raw}. An archive was most likely "
        "unpacked in another folder than it was made for."
    )
    fix = (facts.invocation.fix(), facts.invocation.fetch("--from", str(facts.places[0].folder)))
    summary = f"files of {facts.dataset.title} lie in the wrong folder"
    return Verdict("error", summary, detail, fix, data)


def judge_names(facts: DataFacts) -> Verdict:
    """Judge whether files have the names that 7-Zip, Kaggle or a typing error gave them."""
    if not facts.odd:
        return Verdict("ok", "no files with dots or other wrong names")
    lines = [f"{wrong.name} should be {right.name}" for wrong, right in facts.odd]
    lines.append(
        "The header of the original .gz carries a name with a dot; programs that restore it make "
        "these."
    )
    status: Status = "ok" if facts.complete else "error"
    summary = f"{len(facts.odd)} file{'s' * (len(facts.odd) > 1)} under a wrong name"
    data = {str(wrong): right.name for wrong, right in facts.odd}
    return Verdict(status, summary, "\n".join(lines), (facts.invocation.fix(),), data)


def judge_leftovers(facts: DataFacts) -> Verdict:
    """Judge whether broken downloads are in the way of other programs, or just take room."""
    bad = facts.bad_packed + facts.leftovers + facts.cached
    if not bad:
        return Verdict("ok", "no broken downloads")
    lines = [f"{path.name} does not unpack to the right file" for path in facts.bad_packed]
    lines += [f"{path.name} is the beginning of a download" for path in facts.leftovers]
    lines += [f"{path} does not unpack to the right file" for path in facts.cached]
    if facts.bad_packed:
        lines.append("torchvision 0.4 and older take any .gz of that name for a good download.")
    if facts.cached:
        lines.append("The package mnist takes any .gz there for a good download.")
    where = facts.store.raw if bad != facts.cached else facts.cached[0].parent
    summary = f"{len(bad)} broken download{'s' * (len(bad) > 1)} in {where}"
    data = {"files": [str(path) for path in bad]}
    return Verdict("warning", summary, "\n".join(lines), (facts.invocation.fix(),), data)


def judge_space(facts: DataFacts) -> Verdict:
    """Judge whether there is room and permission for what is missing."""
    free = f"{facts.free / 1e9:.1f} GB free"
    data = {"free": facts.free, "writable": facts.writable}
    if facts.complete:
        return Verdict("ok", free + ("" if facts.writable else ", read-only"), data=data)
    if not facts.writable:
        detail = (
            "The folder, or the one it would be made in, does not let you create files. Make it "
            "writable for you, or name another one with --root."
        )
        return Verdict("error", f"{facts.root} cannot be written to", detail, data=data)
    needed = max(ROOM, facts.dataset.largest_archive + sum(f.size for f in facts.dataset.files))
    if facts.free < needed:
        detail = (
            f"About {needed / 1e6:.0f} MB are needed. Make room, or name a folder on another disk "
            "with --root."
        )
        return Verdict("error", f"only {facts.free / 1e6:.0f} MB free", detail, data=data)
    return Verdict("ok", free, data=data)


def _gather(context: Context) -> DataFacts:
    return context.data()


CHECKS: tuple[Check[Any], ...] = (
    Check(
        "root",
        "data",
        "Is the data root the folder above MNIST/, and who set it?",
        _gather,
        judge_root,
    ),
    Check("files", "data", "Are the four raw files there, byte for byte?", _gather, judge_files),
    Check(
        "places",
        "data",
        "Do files lie in a nested or neighbouring folder by mistake?",
        _gather,
        judge_places,
        terse=True,
    ),
    Check(
        "names",
        "data",
        "Do files have dots or other wrong names?",
        _gather,
        judge_names,
        terse=True,
    ),
    Check(
        "leftovers",
        "data",
        "Are broken downloads in the way?",
        _gather,
        judge_leftovers,
        terse=True,
    ),
    Check(
        "space",
        "data",
        "Is there room, and may files be written?",
        _gather,
        judge_space,
        terse=True,
    ),
)
