"""The documentation runs: every command line is valid, every snippet and doctest works."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mnist_tool
from mnist_tool.cli.frame.catalogue import COMMANDS
from mnist_tool.configuration import SETTINGS, Setting
from mnist_tool.dataset.registry import DATASETS, Dataset
from tests.real_data import REPOSITORY

TOP = [REPOSITORY / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")]
PAGES = [*TOP, *sorted((REPOSITORY / "docs").glob("*.md"))]


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


def _command_lines() -> list[tuple[str, list[str]]]:
    """Every ``$ mnist-tool ...`` of the pages, as page and words."""
    found = []
    for page in PAGES:
        for block in _blocks(page, "console"):
            for line in block.splitlines():
                words = shlex.split(line.removeprefix("$ "), comments=True)
                while words and "=" in words[0]:
                    words.pop(0)
                if line.startswith("$ ") and words[0] == "mnist-tool":
                    found.append((page.name, words[1:]))
    return found


@pytest.mark.parametrize(("page", "words"), _command_lines(), ids=str)
def test_each_documented_command_line_is_accepted(
    page: str, words: list[str], run_tool: Callable[..., Any]
) -> None:
    """With --help behind it, a line with a wrong command or option would be exit code 2."""
    assert run_tool(*words, "--help").exit_code == 0
    for word in words[1:]:
        if word.startswith("--"):
            assert word in run_tool(words[0], "--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_documented(name: str) -> None:
    """The reference names every command."""
    assert f"`mnist-tool {name}`" in (REPOSITORY / "docs" / "reference.md").read_text("utf-8")


def test_no_command_is_documented_that_does_not_exist() -> None:
    """The reference names no other ones."""
    text = (REPOSITORY / "docs" / "reference.md").read_text("utf-8")
    assert set(re.findall(r"^\| `mnist-tool ([a-z-]+)`", text, re.MULTILINE)) == set(COMMANDS)


# The snippets of the tutorial go on from one another: tests/docs/test_tutorial.py runs them.
ALONE = [page for page in PAGES if not page.name.startswith("tutorial.")]


@pytest.mark.parametrize("page", ALONE, ids=lambda page: page.name)
def test_each_snippet_runs(page: Path) -> None:
    """Python examples are executed as they stand."""
    for block in _blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    """Links between the pages point to files that exist."""
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize(
    "page", [*PAGES, REPOSITORY / ".github" / "workflows" / "check.yml"], ids=lambda page: page.name
)
def test_each_target_of_make_exists(page: Path) -> None:
    """What a page, or the workflow, has make do; ``make install`` is of Python itself."""
    targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|\$ |run: )make ([a-z-]+)", page.read_text("utf-8"))
    assert {*named} <= {*targets, "install"}


def test_what_contributors_are_told_of_is_there() -> None:
    """Files and folders, and what is to be found in them."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    for path in re.findall(r"`((?:mnist_tool|docs)/[\w/.]+)`", text):
        assert (REPOSITORY / path).exists(), path
    for name, path in re.findall(r"`([A-Z]{3,})` of `([\w/]+\.py)`", text):
        assert re.search(rf"^{name}\b", (REPOSITORY / path).read_text("utf-8"), re.MULTILINE), name


@pytest.mark.parametrize("path", [".github/workflows/check.yml", ".pre-commit-config.yaml"])
def test_what_others_read_is_yaml(path: str) -> None:
    """Of the form that is expected there, as far as that can be seen here."""
    read = pytest.importorskip("yaml").safe_load((REPOSITORY / path).read_text("utf-8"))
    assert read.keys() >= ({"jobs"} if "workflows" in path else {"repos"})


def _modules() -> list[str]:
    found = pkgutil.walk_packages(mnist_tool.__path__, "mnist_tool.")
    return [module.name for module in found if not module.name.endswith("__main__")]


@pytest.mark.parametrize("name", _modules())
def test_doctests(name: str) -> None:
    """Examples in docstrings show what really comes out."""
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("name", _modules())
def test_every_public_name_is_explained(name: str) -> None:
    """Whatever a module offers has a docstring that begins with a sentence."""
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", []):
        thing = getattr(module, public)
        if callable(thing) and getattr(thing, "__module__", "").startswith("mnist_tool"):
            first = (thing.__doc__ or "").strip().splitlines()
            assert first, f"{name}.{public}"
            assert first[0].rstrip().endswith((".", ":")) or len(first) > 1, f"{name}.{public}"


@pytest.mark.parametrize("name", sorted({*mnist_tool._HOMES} - {"RECIPES"}))  # a table of rows
def test_the_public_functions_explain_everything(name: str) -> None:
    """Each parameter, what comes back and what is raised, in numpydoc's form."""
    validate = pytest.importorskip("numpydoc.validate").validate
    thing = getattr(mnist_tool, name)
    found = dict(validate(f"{thing.__module__}.{thing.__qualname__}")["errors"])
    assert found.keys() <= {"ES01", "SA01", "EX01"}, found


def test_the_reference_lists_each_extra() -> None:
    """All that users may want: the others are for who works on this."""
    listed = re.search(
        r"## Extras(.*?)\n## ", (REPOSITORY / "docs" / "reference.md").read_text("utf-8"), re.DOTALL
    )
    assert listed
    project = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    _, _, extras = project.partition("[project.optional-dependencies]")
    names = set(re.findall(r"^(\w+) = \[", extras.partition("\n[")[0], re.MULTILINE))
    named = set(re.findall(r"^\| `(\w+)` \|", listed[1], re.MULTILINE))
    assert named == names - {"dev", "docs", "faults", "page"}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.variable)
def test_the_reference_lists_each_setting(setting: Setting[Any]) -> None:
    """With its variable, its default and its help."""
    default = "" if setting.default is None else str(setting.default).replace("False", "0")
    row = f"| `{setting.variable}` | {default.replace('True', '1')} | {setting.help} |"
    assert row in (REPOSITORY / "docs" / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("row", DATASETS.values(), ids=lambda row: row.name)
def test_the_page_of_the_data_sets_lists_each(row: Dataset) -> None:
    """With its classes, its splits and their images, and what its files are known by."""
    images = ", ".join(f"{row.count(split.name):,} {split.name}" for split in row.splits)
    packed = dict.fromkeys(file.packed for file in row.files)
    known = f"{next(iter(packed))}{' ...' if len(packed) > 1 else ''}"
    known = known if row.algorithms else "its own SHA-256"
    line = f"| `{row.name}` | {len(row.classes)} | {images} | {known} |"
    assert line in (REPOSITORY / "docs" / "datasets.md").read_text("utf-8")
