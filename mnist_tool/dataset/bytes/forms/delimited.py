"""Tables of numbers as text: CSV and ARFF, a row for each image."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from mnist_tool.dataset.bytes.damage import HINT
from mnist_tool.dataset.bytes.forms.values import InMemory, as_files
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read_arff", "read_csv", "write_csv"]

BLOCK = 4 << 20
ROWS = 1000  # written at once
LONGEST_LINE = 1 << 20
MOST_CELLS = 80_000_000  # 70,000 rows of 785 have 55 million
LONGEST_PREFACE = 4 << 20  # of an ARFF file: comments, and a line for each column
LABELS = {"label", "labels", "class", "digit", "target", "y"}
# What each byte is: a digit's value, the end of a cell, the end of a row, or anything else.
CELL, ROW, OTHER = 253, 254, 255
_CLASSES = bytearray([OTHER]) * 256
_CLASSES[ord("0") : ord("9") + 1] = range(10)
_CLASSES[ord(",")], _CLASSES[ord("\n")] = CELL, ROW
CLASSES = bytes(_CLASSES)
QUOTES = b"\"'\r"


def read_csv(stream: Readable, name: str) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files in a CSV file; see `values.as_files`.

    Its first line may name the columns; cells may be quoted, and parted by commas, semicolons,
    tabs or blanks.
    """
    lines = _Lines(stream)
    first = lines.peek()
    separator = max((b",", b";", b"\t", b" "), key=first.count)
    columns = first.strip().translate(None, QUOTES).split(separator)
    if _numbered(columns) or re.search(rb"[A-Za-z_]", first):
        lines.take()
    else:
        columns = []
    table = _table(lines, separator)
    if columns and columns[0] in {b"", b"Unnamed:0", b"index"}:
        table, columns = table[:, 1:], columns[1:]
    yield from as_files(name, table, _named_label(columns))


def read_arff(stream: Readable, name: str) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files in an ARFF file, such as OpenML's ``mnist_784``: a CSV with a preface."""
    lines = _Lines(stream)
    read, columns = 0, []
    while not (line := lines.take()).lower().startswith(b"@data"):
        read += len(line)
        if not line or read > LONGEST_PREFACE:
            raise FormatError("it is an ARFF file without @data", hint=HINT)
        if found := re.match(rb"@attribute\s+['\"]?([^'\"\s]*)", line, re.IGNORECASE):
            columns.append(found[1])
    if lines.peek().startswith(b"{"):
        raise FormatError("it is a sparse ARFF file, which is not read here", hint=HINT)
    yield from as_files(name, _table(lines, b","), _named_label(columns))


def write_csv(
    file: BinaryIO,
    images: NDArray[np.uint8],
    labels: NDArray[Any],
    advance: Callable[[int], None],
) -> None:
    """Write a row for each image, the label first, under names like Kaggle's."""
    cells = [str(value) for value in range(256)]
    flat = images.reshape(len(images), -1)
    names = [f"pixel{number}" for number in range(flat.shape[1])]
    file.write(",".join(["label", *names]).encode() + b"\n")
    for start in range(0, len(flat), ROWS):
        rows = zip(labels[start : start + ROWS].tolist(), flat[start : start + ROWS], strict=True)
        lines = [
            ",".join([str(label), *map(cells.__getitem__, row.tolist())]) for label, row in rows
        ]
        file.write("\n".join([*lines, ""]).encode())
        advance(len(lines))


def _numbered(columns: list[bytes]) -> bool:
    """Whether the columns are called by numbers, as pandas does where nobody names them."""
    named = columns[columns[0] == b"" :]
    return named == [b"%d" % number for number in range(len(named))]


def _named_label(columns: list[bytes]) -> int | None:
    """Return at which end the names of the columns put the label."""
    names = [columns[at].strip().lower().decode("latin1") for at in (0, -1)] if columns else []
    return next((at for at, name in zip((0, -1), names, strict=False) if name in LABELS), None)


class _Lines:
    """The lines of a stream, some of them one by one and the rest in large blocks."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._block = b""
        self._at = 0

    def peek(self) -> bytes:
        """Return the next line that is not empty, with its end; nothing behind the last one."""
        while True:
            end = self._block.find(b"\n", self._at) + 1
            if not end:
                self._check(len(self._block) - self._at)
                if more := self._stream.read(BLOCK):
                    self._block, self._at = self._block[self._at :] + more, 0
                    continue
                end = len(self._block)
            line = self._block[self._at : end]
            if line.strip() or not line:
                self._check(len(line))
                return line
            self._at = end

    def take(self) -> bytes:
        """Return the same and go on behind it."""
        line = self.peek()
        self._at += len(line)
        return line

    def blocks(self) -> Iterator[bytes]:
        """Yield the rest, whole lines at a time."""
        rest = self._block[self._at :]
        while rest or (rest := self._stream.read(BLOCK)):
            more = self._stream.read(BLOCK)
            block, end, begun = rest.rpartition(b"\n")
            if end:
                yield block + end
            self._check(len(begun))
            rest = begun + more
            if not more:
                break
        if rest:
            yield rest + b"\n"

    @staticmethod
    def _check(length: int) -> None:
        if length > LONGEST_LINE:
            raise FormatError(f"it has a line of more than {LONGEST_LINE:,} bytes", hint=HINT)


def _table(lines: _Lines, separator: bytes) -> NDArray[Any]:
    """Return the rows of a table of numbers."""
    import numpy as np

    commas = bytes.maketrans(separator, b",")
    blanks = QUOTES if separator == b" " else QUOTES + b" "
    width, parts, row = 0, [], 0
    for block in lines.blocks():
        plain = re.sub(rb"\n\n+", b"\n", block.translate(commas, blanks)).lstrip(b"\n")
        if not plain:
            continue
        width = width or plain.partition(b"\n")[0].count(b",") + 1
        found = _whole_numbers(plain, width)
        parts.append(found if found is not None else _fractions(plain, width, row))
        row += len(parts[-1])
        if row * width > MOST_CELLS:
            raise FormatError(f"it has more than {MOST_CELLS:,} cells", hint=HINT)
    if not parts:
        raise FormatError("it has no rows", hint=HINT)
    table: NDArray[Any] = np.concatenate(parts)
    return table


def _whole_numbers(text: bytes, width: int) -> NDArray[np.uint8] | None:
    """Return rows of numbers from 0 to 255; nothing where one is not such a number.

    All cells are read at once: the last digit stands before the end of a cell, the others before
    it, where the cell is as long.
    """
    import numpy as np

    kinds = np.frombuffer(text.translate(CLASSES), np.uint8)
    ends = np.flatnonzero(kinds >= CELL)
    if len(ends) % width or (kinds[ends] == OTHER).any():
        return None
    rows = kinds[ends].reshape(-1, width)
    if (rows[:, -1] != ROW).any() or (rows[:, :-1] != CELL).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    values = kinds[ends - 1].astype(np.uint16)
    for digit, worth in ((2, 10), (3, 100)):
        longer = np.flatnonzero(lengths >= digit)
        # NumPy before 2 would multiply in eight bits, in which 300 is 44.
        values[longer] += kinds[ends[longer] - digit].astype(np.uint16) * np.uint16(worth)
    if values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(-1, width)


def _fractions(text: bytes, width: int, row: int) -> NDArray[np.float32]:
    """Return rows of any numbers, more slowly."""
    import numpy as np

    lines = text.split(b"\n")[:-1]
    for number, line in enumerate(lines, row + 1):
        if line.count(b",") != width - 1:
            raise FormatError(
                f"row {number:,} has {line.count(b',') + 1:,} values where {width:,} are expected",
                hint=HINT,
            )
    cells = text[:-1].replace(b"\n", b",").split(b",")
    try:
        return np.array(cells, "S32").astype(np.float32).reshape(-1, width)
    except ValueError as error:
        raise FormatError(f"a cell is no number: {printable(str(error))}", hint=HINT) from error
