"""Names mean one thing: modules, classes, and which tests belong to which module."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modules import MODULES, path_of, tree
from tests.real_data import REPOSITORY

# Folders whose files are called after what the user types, or by the topic of a table's part.
CALLED_BY_TOPIC = ("cli/commands/", "dataset/rows/", "diagnosis/checks/", "diagnosis/explained/")

# Each table of exceptions gives a reason, and may only shrink.
# Why the formatter is kept away, and how often.
UNFORMATTED = {
    "dataset/glyphs.py": (1, "strokes as points, a line for each"),
}
# Modules that have no tests of their own name, and where they are tested.
TESTED_ELSEWHERE = {
    "__main__.py": "tests/cli/test_process.py",
    "process.py": "tests/cli/test_process.py",
    "version.py": "tests/cli/frame/test_app.py",
    "cli/accuracy.py": "tests/cli/commands/test_test.py",
    "cli/drawing.py": "tests/cli/commands/test_visualize.py",
    "diagnosis/context.py": "tests/diagnosis/test_datafacts.py",
    "diagnosis/ptwriter.py": "tests/diagnosis/test_ptfile.py",
    "diagnosis/ptzip.py": "tests/diagnosis/test_ptfile.py",
    "diagnosis/runner.py": "tests/diagnosis/test_probe.py",
    "diagnosis/versions.py": "tests/diagnosis/test_checks.py",
    "training/records.py": "tests/training/test_hostile_runs.py",
    "training/unpack.py": "tests/training/test_hostile_runs.py",
    "training/validate.py": "tests/training/test_runs.py",
} | {
    f"diagnosis/explained/{topic}.py": "tests/diagnosis/test_explain.py"
    for topic in (
        "dataset",
        "devices",
        "entry",
        "fetching",
        "files",
        "installing",
        "macos",
        "packages",
        "python",
        "system",
        "windows",
        "workers",
    )
}
# Tests of what no single module does.
TOPICS = {
    "tests/benchmarks/": "the programs that measure",
    "tests/docs/": "the pages",
    "tests/faults/": "what sources, networks and disks do to a fetch",
    "tests/hostile/": "what a disk does to every command",
    "tests/legacy/": "old Python and torch",
    "tests/page/browser/": "the page in a real browser",
    "tests/test_architecture.py": "who imports whom",
    "tests/test_names.py": "this",
    "tests/test_interpreters.py": "how other Pythons are found",
    "tests/test_kept.py": "folders that many tests read",
    "tests/test_packaging.py": "the wheel and the source distribution",
    "tests/cli/test_contract.py": "streams, JSON and exit codes of all commands",
    "tests/cli/test_control_characters.py": "what comes from outside, in every command",
    "tests/cli/test_examples.py": "the examples in the help of all commands",
    "tests/cli/test_hints.py": "what all texts tell people to type",
    "tests/cli/test_odd_paths.py": "every command with every odd path",
    "tests/cli/test_terminals.py": "every command on every kind of terminal",
    "tests/diagnosis/test_planted.py": "files that must never run",
    "tests/training/test_measured.py": "the accuracies that the recipes promise",
    "tests/training/test_trials.py": "ideas that are tried on images held out",
}

TESTS = sorted(path.relative_to(REPOSITORY) for path in (REPOSITORY / "tests").rglob("test_*.py"))


def _twins(module: str) -> list[Path]:
    """Return where the tests of a module may be: under its name or that of a folder around it."""
    words = module.split(".")[1:]
    names = [words[:count] for count in range(len(words), 0, -1)]
    return [Path("tests", *name[:-1], f"test_{name[-1]}.py") for name in names]


def test_modules_have_names_of_their_own() -> None:
    """Two modules of one name would be two meanings of one word."""
    called = [path for path in map(path_of, MODULES) if not path.startswith(CALLED_BY_TOPIC)]
    names = Counter(Path(path).name for path in called if not path.endswith("__init__.py"))
    assert [name for name, count in names.items() if count > 1] == []


def _named(module: str) -> Iterator[str]:
    """Yield the public classes that a module makes, and the types and constants it gives others."""
    given: set[str] = set()
    assigned: set[str] = set()
    for node in tree(module).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                assigned.add(target.id)
                if target.id == "__all__":
                    given = set(ast.literal_eval(node.value))  # type: ignore[attr-defined]
    yield from given & assigned


def test_public_classes_and_constants_have_names_of_their_own() -> None:
    """A class or a constant of one name in two modules would be two meanings of one word."""
    found = defaultdict(list)
    for module in MODULES:
        if not path_of(module).startswith(CALLED_BY_TOPIC):
            for name in _named(module):
                found[name].append(module)
    twice = {name: them for name, them in found.items() if len(them) > 1}
    assert not twice


def test_the_formatter_decides_the_layout() -> None:
    """It is kept away only where a reason stands in the table."""
    counts = {
        path_of(module): path.read_text("utf-8").count("# fmt: ")
        for module, path in MODULES.items()
    }
    assert {path: count for path, count in counts.items() if count} == {
        path: count for path, (count, _) in UNFORMATTED.items()
    }


@pytest.mark.parametrize("module", [m for m in MODULES if MODULES[m].name != "__init__.py"])
def test_each_module_has_its_tests(module: str) -> None:
    """Who changes a module knows which tests to run."""
    twin = any((REPOSITORY / path).exists() for path in _twins(module))
    elsewhere = TESTED_ELSEWHERE.get(path_of(module))
    assert twin != bool(elsewhere), f"none of {_twins(module)}"
    assert elsewhere is None or (REPOSITORY / elsewhere).exists()


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_each_test_module_has_its_module(path: Path) -> None:
    """Who reads a test knows what it is about: a module, a folder of them, or a named topic."""
    name = path.as_posix()
    twins = {twin.as_posix() for module in MODULES for twin in _twins(module)}
    topic = name.startswith(tuple(TOPICS))
    assert (name in twins | set(TESTED_ELSEWHERE.values())) != topic


def test_no_exception_outlives_its_reason() -> None:
    """What a table names is there."""
    assert set(map(path_of, MODULES)) >= set(UNFORMATTED) | set(TESTED_ELSEWHERE)
    named = set(TOPICS) | set(TESTED_ELSEWHERE.values())
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
