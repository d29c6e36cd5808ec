"""Tables as text, by the word of pandas."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pandas
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.forms import delimited
from mnist_tool.dataset.bytes.forms.delimited import read_arff, read_csv
from mnist_tool.errors import FormatError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 784), np.uint8)
IMAGES[:, 0] = IMAGES[:, -1] = 0
LABELS = np.arange(40, dtype=np.uint8) % 10
FIRST = np.column_stack([LABELS, IMAGES])
LAST = np.column_stack([IMAGES, LABELS])
COLUMNS = [f"pixel{n}" for n in range(784)]


def check(body: bytes, reader: Callable = read_csv) -> None:
    """Compare what is in a table."""
    found = {name: file.values for name, file in reader(io.BytesIO(body), "x")}
    assert np.array_equal(found["x/images"].reshape(-1, 784), IMAGES)
    assert np.array_equal(found["x/labels"], LABELS)


@pytest.mark.parametrize("block", [1000, 4 << 20])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("table", [FIRST, LAST], ids=["first", "last"])
def test_what_pandas_writes_is_read(
    table: np.ndarray,
    header: bool,
    quoting: int,
    separator: str,
    ends: str,
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Label first or last, with or without names, in whatever way the cells are parted."""
    monkeypatch.setattr(delimited, "BLOCK", block)
    columns = ["label", *COLUMNS] if table is FIRST else [*COLUMNS, "class"]
    text = pandas.DataFrame(table, columns=columns).to_csv(
        index=False, header=header, quoting=quoting, sep=separator, lineterminator=ends
    )
    check(text.encode())
    check(text.removesuffix(ends).encode())
    check(text.replace(ends, ends * 3).encode())


def test_columns_that_pandas_has_made_up_are_left_out() -> None:
    """Numbers in the place of names, and of the rows."""
    check(pandas.DataFrame(FIRST).to_csv(index=False).encode())
    check(pandas.DataFrame(FIRST).to_csv().encode())
    check(pandas.DataFrame(LAST, columns=[*COLUMNS, "label"]).to_csv().encode())


@pytest.mark.parametrize(
    "table", [FIRST.astype("f8"), np.column_stack([LABELS, IMAGES / 255])], ids=["whole", "divided"]
)
def test_fractions_are_read_too(table: np.ndarray) -> None:
    """As some programs write whole numbers, or divided ones."""
    check(pandas.DataFrame(table).to_csv(index=False).encode())


@example([["300"]])
@given(
    st.lists(
        st.lists(st.integers(0, 300).map(str) | st.text("0123456789.,-e ", max_size=5)),
        min_size=1,
        max_size=6,
    )
)
def test_the_quick_way_reads_what_python_does_or_nothing(rows: list[list[str]]) -> None:
    """It takes no cell for another number than it is."""
    text = "".join(",".join(row) + "\n" for row in rows)
    width = len(text.partition("\n")[0].split(","))
    found = delimited._whole_numbers(text.encode(), width)
    cells = [line.split(",") for line in text.splitlines()]
    right = all(len(line) == width for line in cells) and all(
        cell.isdigit() and len(cell) < 4 and int(cell) < 256 for line in cells for cell in line
    )
    if right:
        assert found is not None
        assert found.tolist() == [[int(cell) for cell in line] for line in cells]
    else:
        assert found is None


def arff(rows: np.ndarray, *, quote: str = "", label: str = "class") -> bytes:
    """Return an ARFF file as OpenML's are."""
    lines = ["% A comment", "", "@RELATION mnist_784", ""]
    lines += [f"@ATTRIBUTE {name} real" for name in COLUMNS]
    lines += [f"@ATTRIBUTE {label} {{0,1,2,3,4,5,6,7,8,9}}", "", "@DATA"]
    lines += [",".join([*map(str, row[:-1]), f"{quote}{row[-1]}{quote}"]) for row in rows]
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_arff_is_read(quote: str) -> None:
    """Comments, names and classes go before it; scipy reads the same file."""
    from scipy.io.arff import loadarff

    body = arff(LAST, quote=quote)
    check(body, read_arff)
    if quote != '"':
        values, _ = loadarff(io.StringIO(body.decode()))
        assert values["pixel300"].tolist() == IMAGES[:, 300].tolist()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no rows"),
        (b"\n\n", "no rows"),
        (b"label,a,b\n", "no rows"),
        (b"1,2\n3,x\n", "no number.*'x'"),
        (b"1,2\n3,4\n5\n", "row 3 has 1 values where 2 are expected"),
        (b"1,2\n3,4,5\n", "row 2 has 3 values where 2 are expected"),
        (b"1,,2\n", "no number"),
        (b"0," * (1 << 20), "a line of more than"),
        (b"0" * (6 << 20), "a line of more than"),
        (b"\n".join([b",".join([b"7"] * 300)] * 3), r"shape \(3, 300\)"),
    ],
)
def test_what_is_no_table_of_pixels_is_told(body: bytes, words: str) -> None:
    """Which row, which cell."""
    with pytest.raises(FormatError, match=words):
        list(read_csv(io.BytesIO(body), "x"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"@relation x\n@data\n{1 2, 3 4}\n", "sparse"),
        (b"@relation x\n", "without @data"),
        (b"@relation x\n" + b"% comment\n" * 500_000, "without @data"),
        (b"@relation x\n@data\n?,1\n", "no number"),
    ],
)
def test_what_is_no_arff_of_pixels_is_told(body: bytes, words: str) -> None:
    """A preface without end too."""
    with pytest.raises(FormatError, match=words):
        list(read_arff(io.BytesIO(body), "x"))


@given(st.binary(max_size=300), st.sampled_from([read_csv, read_arff]))
def test_any_bytes_are_files_or_our_error(body: bytes, reader: Callable) -> None:
    """Nothing else comes out."""
    with suppress(FormatError):
        list(reader(io.BytesIO(body), "x"))


def test_a_table_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells of any kind take time and memory."""
    monkeypatch.setattr(delimited, "MOST_CELLS", 100)
    monkeypatch.setattr(delimited, "BLOCK", 64)
    for cell in (b"1", b"0.5"):
        body = (b",".join([cell] * 8) + b"\n") * 99
        with pytest.raises(FormatError, match="more than 100 cells"):
            list(read_csv(io.BytesIO(body), "x"))


def test_many_rows_take_little_time() -> None:
    """6,000 rows of 785 cells: a tenth of MNIST in less than a tenth of what pandas may take."""
    body = (b"7" + b",0,128,255,31" * 196 + b"\n") * 6000
    began = time.process_time()
    list(read_csv(io.BytesIO(body), "x"))
    assert time.process_time() - began < 5
