"""The tutorial is true: its commands and snippets run, in order, and print what it shows."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mnist_tool.training.recipes import RECIPES
from tests.docs.pictures import FOLDER, PICTURES
from tests.real_data import REPOSITORY

ENGLISH, KOREAN = (REPOSITORY / "docs" / name for name in ("tutorial.md", "tutorial.ko.md"))
# What takes minutes; tests/training/test_measured.py has the accuracy.
LONG = "--recipe best"
# Those of the course that train on MNIST; the files of the others are of other data.
LABS = [
    *("07-2", "08-4", "09-1", "09-2", "09-3", "09-4", "09-5", "09-6", "09-7"),
    *("10-1", "10-2", "10-3", "10-4"),
]
NUMBER = re.compile(r"-?\d+\.\d+")


def _blocks(page: Path) -> list[tuple[str, str]]:
    """Return each block of a page, with its language."""
    return re.findall(r"^```(\w+)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def assert_shown(shown: str, printed: str) -> None:
    """Each line is printed, in order; numbers may differ as two processors and trainings do."""
    lines = iter(printed.splitlines())
    for line in shown.splitlines():
        wanted = NUMBER.sub("N", line)
        found = next((text for text in lines if NUMBER.sub("N", text) == wanted), None)
        assert found is not None, f"{line!r} is not printed:\n{printed}"
        numbers = [float(number) for number in NUMBER.findall(found)]
        assert numbers == pytest.approx([float(n) for n in NUMBER.findall(line)], abs=0.01)


@pytest.mark.parametrize("page", [ENGLISH, KOREAN], ids=lambda page: page.name)
def test_each_lab_has_its_command(page: Path) -> None:
    """Whatever recipe is of a lab, the table of the labs has it in that lab's row; none lacks."""
    rows = dict(re.findall(r"^\| (\d\d-\d) \|(.*)", page.read_text("utf-8"), re.MULTILINE))
    assert list(rows) == LABS
    assert all("`mnist-tool train" in row for row in rows.values())
    for recipe in RECIPES.values():
        if recipe.lab:
            command = "train" if recipe.name == "softmax" else f"train --recipe {recipe.name}"
            assert f"`mnist-tool {command}`" in rows[recipe.lab]


def test_each_picture_is_there_and_shown() -> None:
    """What `make pictures` makes, no more and no less; each small."""
    made = {f"{name}.png" for name in PICTURES} | {"terminal.svg"}
    assert {path.name for path in FOLDER.iterdir()} == made
    for page in (ENGLISH, KOREAN):
        assert set(re.findall(r"\(pictures/([\w.]+)\)", page.read_text("utf-8"))) == made
    assert all(path.stat().st_size < 150_000 for path in FOLDER.iterdir())


@pytest.mark.mnist
@pytest.mark.slow  # `make docs` runs it: half a minute, minutes on a busy machine
def test_it_runs_from_top_to_bottom(
    mnist_root: Path, monkeypatch: pytest.MonkeyPatch, run_tool: Callable[..., Any]
) -> None:
    """In an empty folder, as a student does; only the download is spared."""
    monkeypatch.setenv("MNIST_TOOL_OFFLINE", "1")
    torch.set_num_threads(1)  # two wait for each other on a busy machine
    shutil.copytree(mnist_root, "MNIST_data")
    namespace: dict[str, object] = {}
    for kind, text in _blocks(ENGLISH):
        if kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, _, shown = part.partition("\n")
                if LONG not in line:
                    done = run_tool(*shlex.split(line)[1:])
                    assert done.exit_code == 0, f"{line}\n{done.stderr}"
                    assert_shown(shown.replace("...\n", ""), done.stdout)
        elif kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, ENGLISH.name, "exec"), namespace)
            promised = "\n".join(
                re.sub(r":.*", "", told) if NUMBER.match(told) else told
                for told in re.findall(r"# ([\d.t].*)", text)
            )
            assert_shown(promised, re.sub(r"(0\.\d{4})\d+", r"\1", printed.getvalue()))
