"""What is told in Korean is what is told in English: the same commands, code and settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.real_data import REPOSITORY

DOCS = REPOSITORY / "docs"
KOREAN = sorted({*DOCS.glob("*.ko.md")} - {DOCS / "README.ko.md"})


def text(page: Path) -> str:
    """Return what stands on a page."""
    return page.read_text("utf-8")


def english(page: Path) -> Path:
    """Return the page of which this is a translation."""
    return page.with_name(page.name.replace(".ko.md", ".md"))


def blocks(page: str) -> list[tuple[str, str]]:
    """Return each block of code with its language, without comments."""
    found = re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [(language, re.sub(r"#.*", "", code)) for language, code in found]


@pytest.mark.parametrize("page", KOREAN, ids=lambda page: page.name)
def test_the_code_is_the_same(page: Path) -> None:
    """In the same order, but for what comments say."""
    assert blocks(text(page)) == blocks(text(english(page)))


@pytest.mark.parametrize("page", KOREAN, ids=lambda page: page.name)
def test_the_names_are_the_same(page: Path) -> None:
    """No option, variable or file stands in Korean alone, where it would outlive the program's."""
    names = [{*re.findall(r"`([^`\n]+)`", text(each))} for each in (page, english(page))]
    assert names[0] <= names[1]


@pytest.mark.parametrize("page", KOREAN, ids=lambda page: page.name)
def test_the_headings_are_the_same(page: Path) -> None:
    """As many, with the same levels and numbers."""
    levels = [re.findall(r"^(#+ \d*)", text(each), re.MULTILINE) for each in (page, english(page))]
    assert levels[0] == levels[1]
