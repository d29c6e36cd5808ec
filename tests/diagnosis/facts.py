"""Facts for the checks, built by hand: what a healthy machine shows, with one thing changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.store import FileStatus
from mnist_tool.diagnosis.context import InterpreterFacts
from mnist_tool.diagnosis.datafacts import DataFacts
from mnist_tool.diagnosis.installer import Installer
from mnist_tool.diagnosis.invocation import Invocation
from mnist_tool.diagnosis.ptfile import PtFile
from mnist_tool.diagnosis.runner import Examination, Outcome

ROOT = Path("my_data")
PROCESSED = ROOT / "MNIST" / "processed"
NAMES = ("training.pt", "test.pt")
INVOCATION = Invocation(root=ROOT, pythons=("/opt/python",))


def package(version: str, *requires: str) -> list[dict[str, Any]]:
    """One installed copy of a package."""
    return [{"version": version, "folder": "/site", "requires": list(requires)}]


ABOUT: dict[str, Any] = {
    "version": "3.11.7",
    "implementation": "CPython",
    "bits": 64,
    "machine": "x86_64",
    "packages": {
        "torch": package("2.14.1"),
        "numpy": package("2.1.0"),
        "pillow": package("11.0.0"),
        "torchvision": package("0.29.1", "torch>=2.14.0"),
    },
}
TORCH: dict[str, Any] = {
    "version": "2.14.1",
    "product": 24.0,
    "threads": 2,
    "openmp": ["libgomp.so.1"],
    "numpy": {"value": {"version": "2.1.0", "sum": 10.0}},
    "cuda": {"value": {"build": None, "hip": None, "available": False, "warnings": []}},
    "mps": {"value": {"built": False, "available": False}},
}
TRAINED = {"steps": 100, "first": 2.3, "last": 0.1, "right": 10}
TORCHVISION: dict[str, Any] = {"version": "0.29.1", "compiled": True}


def ok(value: dict[str, Any]) -> Outcome:
    """A step that returned."""
    return Outcome("ok", value, seconds=1.0)


def failed(message: str, kind: str = "RuntimeError") -> Outcome:
    """A step that raised."""
    return Outcome("error", {}, kind, message)


def tensors(split: str) -> dict[str, Any]:
    """What a step returns that read a split of MNIST rightly."""
    parts = [{"idx_sha256": MNIST.file(split, role).sha256} for role in ("images", "labels")]
    return {"tensors": parts, "length": MNIST.file(split, "labels").shape[0]}


def interpreter(
    *,
    about: Any = None,
    packages: dict[str, Any] | None = None,
    files: tuple[str, str] | tuple[PtFile, ...] = ("missing", "missing"),
    raw_there: bool = True,
    meant: Path | None = None,
    stderr: str = "",
    steps: dict[tuple[Any, ...], Outcome] | None = None,
) -> InterpreterFacts:
    """A healthy interpreter with what is given changed; a package of ``None`` is not installed."""
    merged = {**ABOUT["packages"], **(packages or {})}
    shown = {**ABOUT, "packages": {k: v for k, v in merged.items() if v}, **(about or {})}
    processed = tuple(
        kind
        if isinstance(kind, PtFile)
        else PtFile(PROCESSED / name, kind, f"a {kind}", 9, may_be_tried=kind in ("zip", "legacy"))
        for kind, name in zip(files, NAMES, strict=True)
    )
    outcomes: dict[tuple[Any, ...], Outcome] = {
        ("about",): ok(shown),
        ("torch",): ok(TORCH),
        ("torchvision",): ok(TORCHVISION),
        ("train",): ok(TRAINED),
        ("open", str(ROOT), "MNIST", True): ok(tensors("train")),
        ("open", str(ROOT), "MNIST", False): ok(tensors("test")),
    }
    report = Examination("/opt/python", {**outcomes, **(steps or {})}, stderr)
    installer = Installer("/opt/python")
    return InterpreterFacts(
        "/opt/python", report, ROOT, MNIST, processed, INVOCATION, raw_there, meant, installer
    )


def load_step(name: str) -> tuple[str, str]:
    """The step that loads a processed file."""
    return ("load", str(PROCESSED / name))


def data(**changes: Any) -> DataFacts:
    """A complete data root with what is given changed."""
    folder = ROOT / "MNIST" / "raw"
    values: dict[str, Any] = {
        "root": ROOT,
        "origin": "--root",
        "there": False,
        "obstacle": None,
        "dataset": MNIST,
        "raw": tuple(FileStatus(file, folder / file.name, "verified") for file in MNIST.files),
        "processed": tuple(PtFile(PROCESSED / name, "missing") for name in NAMES),
        "places": (),
        "odd": (),
        "bad_packed": (),
        "leftovers": (),
        "cached": (),
        "writable": True,
        "free": 10**10,
        "invocation": INVOCATION,
    }
    return DataFacts(**{**values, **changes})
