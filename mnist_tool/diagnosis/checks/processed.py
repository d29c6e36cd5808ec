"""Checks on what an interpreter's own torchvision makes of the data and of processed/*.pt."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from mnist_tool.dataset.store import Store
from mnist_tool.diagnosis.checks.interpreter import interpreter_check, trouble, unusable
from mnist_tool.diagnosis.context import TORCHVISION_CLASSES, InterpreterFacts
from mnist_tool.diagnosis.explain import explain
from mnist_tool.diagnosis.findings import Check, Status, Verdict
from mnist_tool.diagnosis.ptfile import PtFile
from mnist_tool.diagnosis.ptwriter import PROCESSED_NAMES
from mnist_tool.diagnosis.runner import Outcome
from mnist_tool.diagnosis.versions import (
    needs_processed,
    nested_folder,
    newest_torch_for,
    parse,
    reads_zip,
    short,
)

__all__ = ["CHECKS", "harmful_files", "judge_opens", "judge_processed", "lacks_processed"]

TENSOR_FORMATS = ("zip", "legacy")  # what some torch reads as tensors
CUT_OFF = "The file ends too early: its download or copy was cut off."


def judge_processed(facts: InterpreterFacts) -> Verdict:
    """Judge whether ``processed/*.pt`` is what this interpreter's torchvision needs."""
    torchvision = facts.version("torchvision")
    present = [file for file in facts.processed if file.kind != "missing"]
    data: dict[str, Any] = {
        "torch": facts.version("torch"),
        "torchvision": torchvision,
        "files": {file.path.name: file.kind for file in facts.processed},
    }
    if lacks_processed(facts):
        return _lacking(facts, present, data)
    if not present:
        needed = "not needed" if torchvision else "none (torchvision 0.10 and newer need none)"
        return Verdict("ok" if torchvision else "skipped", needed, data=data)
    problems = {file: problem for file in present if (problem := _problem(facts, file))}
    if not problems:
        kinds = ", ".join(f"{file.path.name} {file.kind}" for file in present)
        read = "read by this torch" if _tried(facts, present) else "not tried"
        return Verdict("ok", f"{kinds}; {read}", data=data)
    data["problems"] = {file.path.name: name for file, (_, name) in problems.items()}
    # torchvision 0.10 and newer take processed/ only where both files are there.
    blocks = len(present) == len(facts.processed) or needs_processed(torchvision) is True
    names = " and ".join(file.path.name for file in problems)
    status: Status = "error" if blocks else "warning"
    detail = _detail(facts, problems, blocks=blocks)
    return Verdict(status, f"{names} cannot be read{_by(facts)}", detail, _remedies(facts), data)


def lacks_processed(facts: InterpreterFacts) -> bool:
    """Whether this torchvision reads nothing but ``processed/`` and it is not complete."""
    incomplete = any(file.kind == "missing" for file in facts.processed)
    return incomplete and bool(needs_processed(facts.version("torchvision")))


def harmful_files(facts: InterpreterFacts) -> list[PtFile]:
    """Return the files that this interpreter cannot read, or that hold something else."""
    return [file for file in facts.processed if file.kind != "missing" and _problem(facts, file)]


def _lacking(facts: InterpreterFacts, present: list[PtFile], data: dict[str, Any]) -> Verdict:
    what = "one of them is missing" if present else "there is none"
    summary = f"torchvision {facts.version('torchvision')} reads only processed/*.pt, and {what}"
    detail = (
        'torchvision 0.9 and older answer "Dataset not found" however good the raw files are. '
        "mnist-tool writes them from verified raw files, in the format every torch since 0.4 reads."
    )
    return Verdict("error", summary, detail, _remedies(facts), data)


def _tried(facts: InterpreterFacts, files: list[PtFile]) -> bool:
    return all(facts.outcome("load", str(file.path)).ok for file in files)


def _by(facts: InterpreterFacts) -> str:
    torch = facts.version("torch")
    return f" by torch {short(torch)}" if torch else ""


def _problem(facts: InterpreterFacts, file: PtFile) -> tuple[str, str] | None:
    """Return what is wrong with a file, in a sentence and by a short name; ``None`` for nothing."""
    if not file.may_be_tried:
        return _untried(file)
    outcome = facts.outcome("load", str(file.path))
    if outcome.ok:
        return _wrong_content(facts, file, outcome)
    if outcome.state != "not-run" and facts.outcome("torch").ok:
        cause, _, name = trouble(facts, outcome)
        if outcome.state == "died":
            cause = f"It makes this interpreter abort ({outcome.kind}). {cause}"
        return cause, name
    return _by_its_bytes(facts, file)


def _untried(file: PtFile) -> tuple[str, str]:
    if not file.complete:
        return f"{CUT_OFF} It was not tried.", "truncated"
    why = f": {file.refusal}" if file.refusal else ""
    if file.kind not in TENSOR_FORMATS:
        return f"It was not tried: it is {file.description}, no file of tensors{why}.", file.kind
    return f"It was not tried, because it is not proven harmless{why}.", "not-tried"


def _wrong_content(
    facts: InterpreterFacts, file: PtFile, outcome: Outcome
) -> tuple[str, str] | None:
    split = next(split for split, name in PROCESSED_NAMES.items() if name == file.path.name)
    if _is(facts, split, outcome):
        return None
    title = facts.dataset.title
    return f"It loads, but what it holds is not {title}'s {split} split.", "other-content"


def _is(facts: InterpreterFacts, split: str, outcome: Outcome) -> bool:
    """Return whether tensors are what a split holds, as far as anybody knows."""
    if facts.dataset.folder not in TORCHVISION_CLASSES:
        return True
    record = Store(facts.root, facts.dataset, read_only=True).record
    files = [facts.dataset.file(split, role) for role in ("images", "labels")]
    found = [tensor.get("idx_sha256") for tensor in outcome.value["tensors"]]
    known = [record.expected(file) or None for file in files]
    return len(found) == len(known) and all(
        one in (None, other) for one, other in zip(known, found, strict=True)
    )


def _by_its_bytes(facts: InterpreterFacts, file: PtFile) -> tuple[str, str] | None:
    """Judge where no torch could try it: what the table of formats and versions says."""
    if not file.complete:
        return CUT_OFF, "truncated"
    torch = facts.version("torch")
    if file.kind == "zip" and reads_zip(torch) is False:
        return f"It is in {file.description}, which torch {short(torch)} cannot read.", "zip"
    return None


def _detail(
    facts: InterpreterFacts, problems: dict[PtFile, tuple[str, str]], *, blocks: bool
) -> str:
    if len({name for _, name in problems.values()}) == 1 and len(problems) > 1:
        lines = ["Both files: " + next(iter(problems.values()))[0]]
    else:
        lines = [f"{file.path.name}: {cause}" for file, (cause, _) in problems.items()]
    if needs_processed(facts.version("torchvision")) is not False:
        return "\n".join(lines)
    if blocks:
        lines.append("torchvision prefers processed/ to raw/, so good raw files do not help.")
    else:
        lines.append("torchvision ignores it as long as the other file is missing.")
    return "\n".join(lines)


def _remedies(facts: InterpreterFacts) -> tuple[str, ...]:
    """Mend the data first; a newer torch only where there is one for that Python."""
    last = parse(newest_torch_for(facts.about.get("version", "")) or "99")
    old = reads_zip(facts.version("torch")) is False
    helps = old and last is not None and reads_zip(str(last)) is True
    return (
        (facts.invocation.fix(), *facts.installer.upgrade()) if helps else (facts.invocation.fix(),)
    )


def judge_opens(facts: InterpreterFacts) -> Verdict:
    """Judge whether the data set really opens with this interpreter's torchvision."""
    if not facts.outcome("torchvision").ok:
        return Verdict("skipped", unusable(facts) or "torchvision does not work here")
    if facts.meant is not None:
        return Verdict("skipped", "the root is too deep, as the check `root` says")
    steps = {
        split: ("open", str(facts.root), facts.dataset.folder, split == "train")
        for split in PROCESSED_NAMES
    }
    outcomes = {split: facts.outcome(*step) for split, step in steps.items()}
    if any(outcome.state == "not-run" for outcome in outcomes.values()):
        reason = "not tried, because of what processed/ holds"
        if facts.dataset.folder not in TORCHVISION_CLASSES:
            reason = f"not tried for {facts.dataset.title}"
        return Verdict("skipped", reason)
    for split, outcome in outcomes.items():
        if not outcome.ok:
            return _unopened(facts, split, outcome)
    for split, outcome in outcomes.items():
        if not _is(facts, split, outcome):
            summary = f"opens, but the {split} split is not {facts.dataset.title}"
            detail = "torchvision never checks what it reads. The checks of the data say more."
            return Verdict("error", summary, detail, (facts.invocation.fix(),))
    counts = " and ".join(f"{outcome.value['length']:,}" for outcome in outcomes.values())
    return Verdict("ok", f"torchvision opens it: {counts} images")


def _unopened(facts: InterpreterFacts, split: str, outcome: Outcome) -> Verdict:
    cause, fix, name = trouble(facts, outcome)
    if name == "not-found" and not _anything(facts):
        summary = f"there is no {facts.dataset.title} here yet"
        fix, data = (facts.invocation.fetch(),), {"explanation": name}
        return Verdict("warning", summary, _own_download(facts), fix, data)
    if _processed_is_to_blame(facts, name):
        fix = (facts.invocation.fix(),)
    if _processed_is_to_blame(facts, name):
        cause = f"The check `processed` says why.\n{cause.partition(chr(10))[2]}"
    if name == "not-found" and not nested_folder(facts.version("torchvision")):
        cause += (
            "\ntorchvision before 0.2.2 looks for processed/ in the root itself: give it "
            f"{facts.root / facts.dataset.folder} as its root."
        )
    verb = {"died": "aborts", "timeout": "hangs"}.get(outcome.state, "fails")
    known = {"explanation": name, "known": explain(outcome.message) is not None}
    return Verdict("error", f"opening the {split} split {verb}", cause, fix, known)


def _own_download(facts: InterpreterFacts) -> str:
    """Say where ``download=True`` of this torchvision would give up too early."""
    version = parse(facts.version("torchvision"))
    if version is None or version >= Version("0.21"):
        return ""
    if version < Version("0.9.1"):
        return (
            "Its own download=True asks only the original site, which answers 403 or 404: use this."
        )
    return (
        "Its own download=True does not always go on to the second mirror when the first one "
        "fails, as torchvision 0.21 does: use this."
    )


def _processed_is_to_blame(facts: InterpreterFacts, name: str) -> bool:
    """Whether it failed for what `judge_processed` tells already."""
    if name == "not-found":
        return lacks_processed(facts)
    problems = (_problem(facts, file) for file in facts.processed if file.kind != "missing")
    return bool(name) and name in {problem[1] for problem in problems if problem}


def _anything(facts: InterpreterFacts) -> bool:
    return facts.raw_there or any(file.kind != "missing" for file in facts.processed)


CHECKS: tuple[Check[Any], ...] = (
    interpreter_check(
        "processed",
        "data",
        "Can this interpreter read processed/*.pt, and does its torchvision need them?",
        judge_processed,
        "torch",
        "torchvision",
        "load",
        terse=True,
    ),
    interpreter_check(
        "opens",
        "data",
        "Does the data set really open with this interpreter's torchvision?",
        judge_opens,
        "torch",
        "torchvision",
        "open",
    ),
)
