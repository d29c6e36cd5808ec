"""The README is short and true, and has the words that people search for."""

from __future__ import annotations

import re

import pytest

from mnist_tool.dataset.registry import DATASETS
from mnist_tool.diagnosis.explain import EXPLANATIONS
from tests.docs.test_translations import text
from tests.real_data import REPOSITORY

ENGLISH, KOREAN = (text(REPOSITORY / name) for name in ("README.md", "docs/README.ko.md"))
# As the lecture's students met them.
ERRORS = (
    "HTTP Error 403: Forbidden",
    "training.pt is a zip archive (did you mean to use torch.jit.load()?)",
)


def test_it_is_short() -> None:
    """Whoever lands there sees a picture and two commands before anything else."""
    assert len(ENGLISH.splitlines()) < 150
    top = ENGLISH.partition("\n## ")[0]
    assert "](docs/pictures/terminal.svg)" in top
    assert re.findall(r"^\$ (make \w+)", top, re.MULTILINE) == ["make train", "make test"]


@pytest.mark.parametrize("error", ERRORS)
def test_the_errors_of_the_lecture_are_found(error: str) -> None:
    """By their exact texts, in both languages and with what to do."""
    for name in ("README.md", "docs/README.ko.md"):
        assert error in text(REPOSITORY / name)
    for name in ("docs/how-to.md", "docs/how-to.ko.md"):
        assert error.removeprefix("training.pt ") in text(REPOSITORY / name)


def test_its_numbers_are_those_of_the_program() -> None:
    """Data sets, sources and error texts as they are counted now."""
    count = len(DATASETS["mnist"].sources)
    assert "It asks nine sources" in ENGLISH
    assert count == 9
    assert f"| places it asks for MNIST | {count} |" in ENGLISH
    assert f"| data sets | MNIST's family: {len(DATASETS)} |" in ENGLISH
    assert f"{len(EXPLANATIONS)} error texts" in ENGLISH


def test_its_faults_are_those_of_their_page() -> None:
    """How many each tool survives, as `make faults` wrote it."""
    page = text(REPOSITORY / "docs" / "faults.md")
    survived = re.search(r"^\| \*\*survived\*\* \|(.*)$", page, re.MULTILINE)
    assert survived
    counts = re.findall(r"(\d+) of (\d+)", survived[1])
    assert f"| {' | '.join(mine for mine, _ in counts)} |" in ENGLISH
    assert {total for _, total in counts} == {re.findall(r"Of (\d+) faults", ENGLISH)[0]}


def test_the_korean_one_has_the_same_table() -> None:
    """Line by line the same commands."""
    tables = [
        [re.findall(r"`[^`]+`", row) for row in re.findall(r"^\| .*`.*\|$", page, re.MULTILINE)]
        for page in (ENGLISH.partition("## In Python")[0], KOREAN)
    ]
    assert tables[0] == tables[1]
