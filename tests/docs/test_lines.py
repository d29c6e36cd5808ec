"""What stands between the blocks is checked too: lines for other programs, inline code, anchors."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import mnist_tool
from tests.docs.test_docs import PAGES, _blocks
from tests.docs.test_translations import text
from tests.real_data import REPOSITORY

# From the file, which may be newer than what is installed.
_TABLE = (REPOSITORY / "pyproject.toml").read_text("utf-8").split("[project.optional-dependencies]")
EXTRAS = re.findall(r"^(\w+) = \[", _TABLE[1].partition("\n[")[0], re.MULTILINE)
FORMS = [f"```{language}" for language in ("console", "text", "python", "mermaid", "dockerfile")]
# Programs of others, with lines that need no knowledge of ours; `serve` is tried with curl in
# tests/dataset/serving/test_website.py, and the script of `init` is run in tests/starter.
OTHERS = (
    "curl -O",
    "tensorboard --logdir runs",
    "python my-mnist/lecture.py",
    "pip install .",
    ". .venv/bin/activate",
)


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)


def _inline() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for code in re.findall(r"`(mnist-tool [^`\n]+)`", _prose(page)):
            # NAME and FOLDER stand for what the reader puts there, and so do dots.
            if not re.search(r"COMMAND|\.\.\.|\||\$", code):
                yield page.name, code


@pytest.mark.parametrize(("page", "code"), sorted({*_inline()}), ids=str)
def test_each_command_in_a_sentence_is_accepted(
    page: str, code: str, run_tool: Callable[..., Any]
) -> None:
    """Such as those of the README's table."""
    words = shlex.split(code)[1:]
    done = run_tool(*words, *([] if words[0] == "help" or words[0][0] == "-" else ["--help"]))
    assert done.exit_code == 0, done.stderr


def _other_lines() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in _blocks(page, "console"):
            for line in re.findall(r"^\$ (?:[A-Z_]+=\S+ )*(.+)", block, re.MULTILINE):
                if not line.startswith(("mnist-tool ", "make ")):
                    yield page.name, line


@pytest.mark.parametrize(("page", "line"), sorted({*_other_lines()}), ids=str)
def test_each_line_for_another_program_is_right(
    page: str, line: str, run_tool: Callable[..., Any]
) -> None:
    """Where it ends in a command of ours, that is accepted; extras and modules are there."""
    if found := re.search(r"(?:-m mnist_tool|\| mnist-tool) (.+)", line):
        assert run_tool(*shlex.split(found[1]), "--help").exit_code == 0
    elif found := re.search(r"-m (tests\.[\w.]+)", line):
        assert importlib.util.find_spec(found[1])
    elif found := re.search(r"pip install '?(mnist-tool[^']*)", line):
        assert Requirement(found[1]).extras <= {*EXTRAS}
    else:
        assert line.startswith(OTHERS), line


@pytest.mark.parametrize("page", [*PAGES, REPOSITORY / "docs" / "lecture.ipynb"], ids=str)
def test_nobody_is_told_to_install_what_a_stranger_may_have_made(page: Path) -> None:
    """No package index has it yet: its bare name there would not be ours."""
    assert not re.findall(r"install [^`\n]*mnist-tool(?![\w\[-])", page.read_text("utf-8"))


def _calls() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        pieces = [line for block in _blocks(page, "text") for line in block.splitlines()]
        pieces += re.findall(r"`([^`\n]+)`", _prose(page))
        for piece in pieces:
            if re.search(r"\bmnist_tool\.\w+\([^.]", piece):
                yield page.name, piece


@pytest.mark.parametrize(("page", "code"), sorted({*_calls()}), ids=str)
def test_each_call_that_is_only_shown_fits_the_function(page: str, code: str) -> None:
    """Those of snippets that need a download, and those in sentences."""
    for node in ast.walk(ast.parse(code.strip())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("mnist_tool."):
            called: Any = mnist_tool
            for name in ast.unparse(node.func).split(".")[1:]:
                called = getattr(called, name)
            named = {each.arg: None for each in node.keywords if each.arg}
            inspect.signature(called).bind(*node.args, **named)


def _anchors(page: Path) -> set[str]:
    """Return the anchors that the site and GitHub give to the headings of a page."""
    slugs = pytest.importorskip("pymdownx.slugs").slugify(case="lower")
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {slugs(re.sub(r"[`*]|\]\([^)]*\)", "", heading), "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_anchor_is_there(page: Path) -> None:
    """Also those that lead from the README, of which the site knows nothing."""
    for target, anchor in re.findall(r"\]\(([^):]*)#([^)]+)\)", text(page)):
        assert anchor in _anchors(page.parent / target if target else page), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_block_has_a_language_that_a_test_knows(page: Path) -> None:
    """So that no command or snippet hides in a block that nobody looks into."""
    opened = re.findall(r"^```.*$", text(page), re.MULTILINE)[::2]
    assert {*opened} <= {*FORMS}
    for block in _blocks(page, "text"):
        assert not re.search(r"^\$ ", block, re.MULTILINE), block
