"""Tables: whole words on every terminal, whole lines for programs."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.cli.screen.streams import PatientConsole
from mnist_tool.cli.screen.tables import print_table

ADDRESS = "https://ossci-datasets.s3.amazonaws.com/mnist/"
HEADINGS = ("name", "location", "note", "bytes")
ROWS = [
    ("ossci", ADDRESS, "the bucket that torchvision uses", "9"),
    ("[bold]x", "C:\\data", "", "1,234"),
]


def printed(width: int, rows: list[tuple[str, ...]], *, terminal: bool = True) -> str:
    """What stands on a terminal of that width, or in a file."""
    stream = io.StringIO()
    console = PatientConsole(
        file=stream, force_terminal=terminal, width=width, highlight=False, emoji=False,
        color_system=None, soft_wrap=True,
    )  # fmt: skip
    print_table(console, HEADINGS, rows, right=[3])
    return stream.getvalue()


def test_what_fits_stands_in_columns() -> None:
    """Numbers align right; a cell may break between words."""
    wide = printed(120, ROWS).splitlines()
    assert len(wide) == 3
    assert len({len(line.rstrip()) for line in wide}) == 1
    narrow = printed(75, ROWS).splitlines()
    assert len(narrow) > 3
    assert max(map(len, narrow)) <= 75


@pytest.mark.parametrize("width", [1, 20, 39, 60])
def test_what_does_not_fit_stands_below_one_another(width: int) -> None:
    """The terminal may wrap a line; we break no word, and leave nothing out."""
    assert printed(width, ROWS).splitlines() == [
        "ossci",
        f"  location  {ADDRESS}",
        "  note      the bucket that torchvision uses",
        "  bytes     9",
        "[bold]x",
        "  location  C:\\data",
        "  bytes     1,234",
    ]


@pytest.mark.parametrize("width", [1, 20, 80])
def test_a_program_gets_a_line_for_each_row(width: int) -> None:
    """With tabs, whatever the width, so that `grep` and `cut` find all of it."""
    read = list(csv.reader(io.StringIO(printed(width, ROWS, terminal=False)), delimiter="\t"))
    assert read == [list(HEADINGS), *map(list, ROWS)]


WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), max_size=4))
def test_no_cell_adds_a_line_or_a_column(rows: list[tuple[str, ...]]) -> None:
    """Neither with tabs, newlines and what else Unicode has for them."""
    lines = printed(80, rows, terminal=False).split("\n")
    assert len(lines) == len(rows) + 2
    assert {line.count("\t") for line in lines[:-1]} == {3}


LETTERS = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="[]\\")
TEXTS = st.lists(st.text(LETTERS, min_size=1, max_size=14), min_size=1, max_size=4).map(" ".join)


@given(
    st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), st.integers(20, 120)
)
def test_no_word_breaks_at_any_width(rows: list[tuple[str, ...]], width: int) -> None:
    """Whatever the other columns want; and what stands in columns fits."""
    lines = printed(width, rows).splitlines()
    shown = Counter(word for line in lines for word in line.split())
    assert not Counter(word for row in rows for cell in row for word in cell.split()) - shown
    if len(lines[0].split()) == len(HEADINGS):
        assert max(map(len, lines)) <= width or lines[0] == rows[0][0]
