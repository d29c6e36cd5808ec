"""Commands that write, what they may leave behind, and which refusals they must survive."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults import tiny

__all__ = ["CACHE", "DATA", "SCENES", "WITHOUT_TORCH", "Scene"]

# All that a command may write to lies below one folder, which stands anew for every case.
DATA, CACHE, SCRATCH, RUNS = "data", "cache", "tmp", "runs"
RAW = f"{DATA}/{tiny.TINY.folder}/raw"
OLD_PICTURE = b"\x89PNG of yesterday, drawn by Matplotlib"
RECORD = ".mnist-tool.json"
# Commands that load no torch, and so can be tried where there is none.
WITHOUT_TORCH = ("fetch", "doctor", "export")


@dataclass(frozen=True)
class Scene:
    """One command line, and how to judge what it leaves.

    Parameters
    ----------
    words : tuple of str
        The command line; ``{}`` is the folder of the case, ``{beside}`` one that refuses nothing.
    prepare : callable
        Lays down what stands there before.
    wrong : callable
        Returns what is wrong under a right name, whatever has happened; gets the folder.
    lacking : callable
        Returns what is not there after a command that went well; gets the folder.
    before : tuple of str
        A command that must have been run before; its folder is the template.
    optional : callable
        Whether the command may go on without what was refused; gets the kind and the path below
        the folder of the case.
    detour : callable
        Whether there may be another place for what was refused, so that either end is right.
    failure : int
        The exit code after a refusal that matters.
    cases : int
        How many of all cases belong to every run of the tests.
    sweeps : bool
        Whether the next run removes what an earlier one could not.
    """

    words: tuple[str, ...]
    prepare: Callable[[Path], None]
    wrong: Callable[[Path], list[str]]
    lacking: Callable[[Path], list[str]]
    before: tuple[str, ...] = ()
    optional: Callable[[str, str], bool] = lambda kind, path: kind == "unlink"
    detour: Callable[[str, str], bool] = lambda kind, path: False
    failure: int = 3
    cases: int = 30
    sweeps: bool = True


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _only_a_record(kind: str, path: str) -> bool:
    """The cache and the record save time; what cannot be removed is left to the next run."""
    record = RECORD in path or (kind == "fsync" and path == f"{DATA}/{tiny.TINY.folder}")
    return kind == "unlink" or record or path.startswith((CACHE, SCRATCH))


def _lies_somewhere(kind: str, path: str) -> bool:
    """A zip before it is unpacked, and what comes over the network."""
    return path.startswith((f"{CACHE}/partial", SCRATCH))


# ---- a fetch -------------------------------------------------------------------------------------


def _packed_folder(place: Path) -> None:
    tiny.laid_down(place / "source", tiny.PACKED)


def _zip(place: Path) -> None:
    with zipfile.ZipFile(place / "source.zip", "w") as archive:
        for name, content in tiny.PACKED.items():
            archive.writestr(name, content)


def _nothing(place: Path) -> None:
    """All comes from elsewhere."""


def _wrong_data(place: Path) -> list[str]:
    return tiny.bad_things(place / DATA, set(place.rglob("*.part")))  # leftovers: for all scenes


def _lacking_data(place: Path) -> list[str]:
    raw = place / RAW
    return [f"{name} lacks" for name in tiny.CONTENT if not (raw / name).is_file()]


def _fetch(source: str, prepare: Callable[[Path], None], **more: object) -> Scene:
    options = " ".join(tiny.OPTIONS)
    words = _words(f"fetch --dataset tiny --root {{}}/{DATA} {options} {source}")
    return Scene(words, prepare, _wrong_data, _lacking_data, optional=_only_a_record, **more)  # type: ignore[arg-type]


# ---- the doctor ----------------------------------------------------------------------------------

DAMAGED, ODD, NESTED, WHOLE = tiny.CONTENT
# An interpreter with an old torchvision, which reads nothing but processed/*.pt.
INTERPRETER = """#!/bin/sh
echo '{"begin": 0}'
echo '{"end": 0, "seconds": 0.1, "value": {"version": "3.7.1", "implementation": "CPython",
"bits": 64, "machine": "x86_64", "packages": {
"torch": [{"version": "1.2.0", "folder": "/site", "requires": []}],
"torchvision": [{"version": "0.4.0", "folder": "/site", "requires": []}]}}}' | tr '\\n' ' '
echo
echo '{"begin": 1}'
"""
USERS_OWN = {
    f"raw/{DAMAGED}": tiny.CONTENT[DAMAGED][:-9] + b"nine off.",
    f"raw/{DAMAGED}.gz": tiny.PACKED[f"{DAMAGED}.gz"],
    f"raw/{ODD.replace('-idx', '.idx')}": tiny.CONTENT[ODD],
    f"{tiny.TINY.folder}/raw/{NESTED}": tiny.CONTENT[NESTED],
    f"raw/{WHOLE}": tiny.CONTENT[WHOLE],
    f"raw/{WHOLE}.gz": b"\x1f\x8b cut off",
    "processed/training.pt": b"<html>403 Forbidden</html>",
}


def _ill(place: Path) -> None:
    tiny.laid_down(place / DATA / tiny.TINY.folder, USERS_OWN)
    python = place / "python"
    python.write_text(INTERPRETER)
    python.chmod(0o755)


def _lost_or_wrong(place: Path) -> list[str]:
    """Nothing of a user's is ever deleted, and nothing half written has a right name."""
    folder = place / DATA / tiny.TINY.folder
    kept = {path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    wrong = [f"{name} is lost" for name, content in USERS_OWN.items() if content not in kept]
    raw = folder / "raw"
    right_now = {DAMAGED: USERS_OWN[f"raw/{DAMAGED}"]}
    wrong += [
        f"{name} is wrong"
        for name, content in tiny.CONTENT.items()
        if (raw / name).exists() and (raw / name).read_bytes() not in {content, right_now.get(name)}
    ]
    for name in ("training.pt", "test.pt"):
        path = folder / "processed" / name
        if path.exists() and path.read_bytes() != USERS_OWN["processed/training.pt"]:
            from mnist_tool.diagnosis.ptfile import recognise

            found = recognise(path)
            if found.kind != "legacy" or not found.complete:
                wrong.append(f"{name} is {found.kind}")
    copies = [p.read_bytes() for p in folder.rglob("*.set-aside-*") if p.is_file()]
    wrong += ["half a copy"] * any(copy not in USERS_OWN.values() for copy in copies)
    return wrong


def _not_mended(place: Path) -> list[str]:
    folder = place / DATA / tiny.TINY.folder
    lacking = _lacking_data(place)
    lacking += [
        f"{name} is damaged"
        for name, content in tiny.CONTENT.items()
        if not lacking and (folder / "raw" / name).read_bytes() != content
    ]
    names = ("training.pt", "test.pt")
    return lacking + [f"{n} lacks" for n in names if not (folder / "processed" / n).is_file()]


# ---- a training and what is drawn of it ----------------------------------------------------------

TRAIN = (
    f"train --dataset tiny --root {{beside}}/data --runs {{}}/{RUNS} --offline --epochs 2"
    " --threads 1 --batch-size 20"
)
FIRST = f"{RUNS}/softmax-1"


def _data(place: Path) -> None:
    tiny.laid_down(place.parent / "data" / tiny.TINY.folder / "raw", tiny.CONTENT)


def _with_pictures(place: Path) -> None:
    _data(place)
    tiny.laid_down(
        place / "pictures",
        dict.fromkeys(
            ("samples.png", "confusion.png", "mistakes.png", "explain-seven.png"), OLD_PICTURE
        ),
    )


def _with_a_seven(place: Path) -> None:
    from PIL import Image, ImageDraw

    _with_pictures(place)
    seven = Image.new("L", (56, 56), 255)
    ImageDraw.Draw(seven).line([(12, 10), (42, 10), (22, 48)], fill=0, width=6)
    seven.save(place / "seven.png")


def _half_a_run(place: Path) -> list[str]:
    wrong = []
    for path in (place / RUNS).rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if path.name == "checkpoint.pt":
            try:
                with zipfile.ZipFile(path) as archive:
                    wrong += ["a damaged checkpoint"] * bool(archive.testzip())
            except zipfile.BadZipFile:
                wrong.append("half a checkpoint")
        elif path.suffix in {".json", ".jsonl"}:
            try:
                for line in content.splitlines() if path.suffix == ".jsonl" else [content]:
                    json.loads(line)
            except ValueError:
                wrong.append(f"half of {path.name}")
        elif path.suffix == ".png":
            wrong += [f"half of {path.name}"] * (not _whole(content))
    return wrong


def _half_exported(place: Path) -> list[str]:
    """What `export` writes has its name only when all of it is there."""
    wrong, archive, folder = [], place / "out.tar.gz", place / "pictures"
    if archive.exists():
        with tarfile.open(archive) as packed:
            wrong += ["half an archive"] * (len(packed.getnames()) != len(tiny.CONTENT))
    if folder.exists():
        found = [path.read_bytes() for path in folder.rglob("*.png")]
        wrong += ["half a folder"] * (len(found) != 80 or not all(map(_whole, found)))
    return wrong


def _not_exported(name: str) -> Callable[[Path], list[str]]:
    return lambda place: [] if (place / name).exists() else [f"{name} lacks"]


def _export(name: str, options: str = "", **more: object) -> Scene:
    words = f"export {{}}/{name} {options} --dataset tiny --root {{beside}}/data --offline"
    return Scene(_words(words), _data, _half_exported, _not_exported(name), **more)  # type: ignore[arg-type]


def _no_run(place: Path) -> list[str]:
    return [] if any((place / RUNS).glob("*/result.json")) else ["there is no result"]


def _whole(picture: bytes) -> bool:
    return picture.startswith(b"\x89PNG") and picture.endswith(b"IEND\xaeB`\x82")


def _half_pictures(place: Path) -> list[str]:
    return [
        f"half of {path.name}"
        for path in place.rglob("*.png")
        if path.read_bytes() != OLD_PICTURE and not _whole(path.read_bytes())
    ]


def _old_pictures(*names: str) -> Callable[[Path], list[str]]:
    return lambda place: [
        f"{name} is the old one"
        for name in names
        if not _whole((place / "pictures" / name).read_bytes())
    ]


def _drawing(words: str, *names: str, **more: object) -> Scene:
    return Scene(
        _words(words),
        _with_a_seven,
        _half_pictures,
        _old_pictures(*names),
        cases=10,
        **more,  # type: ignore[arg-type]
    )


SCENES: dict[str, Scene] = {
    "fetch from a folder": _fetch("--from {}/source", _packed_folder, cases=40),
    "fetch from a zip": _fetch("--from {}/source.zip", _zip, cases=12, detour=_lies_somewhere),
    "fetch from a mirror": _fetch("", _nothing, cases=12, detour=_lies_somewhere),
    "doctor": Scene(
        _words(
            f"doctor root files places names leftovers processed --fix --yes --dataset tiny "
            f"--root {{}}/{DATA} --offline --python {{}}/python"
        ),
        _ill,
        _lost_or_wrong,
        _not_mended,
        optional=_only_a_record,
        failure=1,
        # All is mended; only whether it outlives a power cut is not known.
        detour=lambda kind, path: kind == "fsync" and path.endswith("/processed"),
        sweeps=False,  # where nothing is ill any more, the doctor only looks
    ),
    "export an archive": _export("out.tar.gz", cases=12),
    "export pictures": _export("pictures", "--format png", cases=12),
    "train": Scene(
        _words(f"{TRAIN} --no-pictures"),
        _data,
        _half_a_run,
        _no_run,
        cases=16,
    ),
    "visualize": _drawing(
        "visualize samples -o {}/pictures/samples.png --dataset tiny --root {beside}/data"
        " --offline",
        "samples.png",
    ),
    "test": _drawing(
        f"test --output {{}}/pictures --runs {{}}/{RUNS} --root {{beside}}/data --offline",
        "confusion.png", "mistakes.png", before=_words(f"{TRAIN} --no-pictures"),
    ),
    "predict": _drawing(
        f"predict {{}}/seven.png --explain --output {{}}/pictures --runs {{}}/{RUNS}",
        "explain-seven.png", before=_words(f"{TRAIN} --no-pictures"),
    ),
}  # fmt: skip
