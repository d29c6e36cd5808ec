"""The command that reads picture files: predict."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool.advice import reason
from mnist_tool.cli.explaining import Explainer
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import RunOption, RunsOption, output_option
from mnist_tool.cli.reader import Reader, find_reader
from mnist_tool.cli.screen.halfblocks import bars, beside, picture
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import ImageError
from mnist_tool.files import inside, looking

if TYPE_CHECKING:
    from mnist_tool.reading.predict import Digit, Prediction

ENDINGS = {
    *(".png", ".apng", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".avif", ".ico"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".heic", ".heif"),
}
STDIN = "-"


@command(
    "predict",
    ("Read a picture", "mnist-tool predict digit.png"),
    ("See what the model saw", "mnist-tool predict photo.jpg --explain"),
    ("Read a folder of them", "mnist-tool predict pictures/ --json"),
)
def predict(
    out: Output,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Pictures of digits, folders or patterns of them, or - for stdin.",
        ),
    ],
    one: Annotated[bool, typer.Option("--one", help="Each picture is of a single digit.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what the model saw, step by step.")
    ] = False,
    output: Annotated[
        Path | None,
        output_option(
            "FOLDER",
            "Where to draw what the model saw; asks for --explain. [default: the run's folder]",
            formerly_save=True,
        ),
    ] = None,
    run: RunOption = None,
    runs: RunsOption = None,
) -> None:
    """Print what one picture is taken for, or a table of several."""
    reader = find_reader(out, run, runs)
    from mnist_tool.reading.many import read_many

    explainer = Explainer(output or reader.folder) if explain or output else None
    names = list(_pictures(files))
    rows, documents = [], []
    for _, found in read_many(reader.model, names, _load, one=one or not reader.reads_digits):
        if isinstance(found, ImageError):
            if len(names) == 1:
                raise found
            out.error(found)  # the other pictures are still read
            continue
        documents.append(_document(found, reader))
        if len(names) == 1 or explainer:
            _show(out, found, reader)
        else:
            rows.append(_row(found, reader))
        if explainer:
            out.print(f"Picture: {explainer.draw(found, reader.classes)}")
    if rows:
        what = "digits" if reader.reads_digits else "class"
        out.table(("picture", what, "probability", "or else"), rows, right=(2, 3))
    out.data(classes=list(reader.classes))
    out.data(run=reader.path, predictions=documents)
    reader.advise(out)


def _pictures(files: list[str]) -> Iterator[str]:
    """Yield what was named, for a folder the pictures in it, for a pattern what fits it."""
    for name in files:
        if name == STDIN or not Path(name).is_dir():
            yield from _fitting(name) or [name]
            continue
        found = inside(Path(name), lambda path: path.suffix.lower() in ENDINGS and path.is_file())
        if not found:
            raise ImageError(
                f"The folder {name} holds no pictures.",
                hint=f"Pictures are files ending in {', '.join(sorted(ENDINGS))}.",
            )
        yield from map(str, sorted(found))


def _fitting(pattern: str) -> list[str]:
    """Return what fits a pattern that the shell has left as it is."""
    if not has_magic(pattern) or Path(pattern).exists():
        return []
    path = Path(pattern)
    found = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    with looking(path.parent):
        return sorted(str(path) for path in found if path.is_file())  # a pipe may never end


def _load(name: str) -> bytes:
    from mnist_tool.reading.picture import MOST_CONTENT

    enough = MOST_CONTENT + 1  # bytes: one more is refused, and a device has no end
    if name == STDIN:
        return sys.stdin.buffer.read(enough)
    try:
        with Path(name).open("rb") as file:
            return file.read(enough)
    except OSError as error:
        raise ImageError(
            f"The picture {name} cannot be read: {reason(error)}.",
            hint="Check its name, or see the help: mnist-tool predict --help",
        ) from error


def _called(name: str) -> str:
    return "stdin" if name == STDIN else name


def _text(result: Prediction, reader: Reader) -> str:
    """Say what was read, each row on a line of its own."""
    if len(result.digits) == 1:
        return reader.say(result.digits[0])
    from mnist_tool.reading.predict import groups

    lines = [" - ".join(_group(each, reader) for each in groups(row)) for row in result.rows]
    return "\n".join(lines)


def _group(digits: Sequence[Digit], reader: Reader) -> str:
    return " ".join(reader.short(digit) for digit in digits)


def _show(out: Output, result: Prediction, reader: Reader) -> None:
    text = _text(result, reader)
    out.print(f"{_called(result.name)}:{' ' if len(result.rows) == 1 else chr(10)}{text}")
    out.print()
    if len(result.digits) == 1:
        left = picture(result.images[0].tolist(), out.stdout)
        chances = bars(result.digits[0].probabilities, out.stdout, classes=reader.classes)
        out.show(beside(left, chances, out.stdout))
    else:
        rows = [
            (digit.digit, f"{digit.confidence:.3f}", reader.other(digit)) for digit in result.digits
        ]
        out.table(("digit", "probability", "or else"), rows, right=(0, 1, 2))
    out.print()


def _row(result: Prediction, reader: Reader) -> tuple[str, str, str, str]:
    """Return a row of the table: of several digits the one that is least certain decides."""
    least = min(result.digits, key=lambda digit: digit.confidence)
    text = _text(result, reader).replace("\n", " / ")
    return _called(result.name), text, f"{least.confidence:.3f}", reader.other(least)


def _document(result: Prediction, reader: Reader) -> dict[str, object]:
    """Return a picture's part of the JSON document."""
    first, *more = result.digits
    return {
        "picture": _called(result.name),
        "prediction": None if more else first.digit,
        "probabilities": None if more else list(first.probabilities),
        "rows": [
            [
                {
                    "digit": digit.digit,
                    "verdict": reader.verdict(digit),
                    "probabilities": list(digit.probabilities),
                    "box": [round(share, 4) for share in digit.box],
                }
                for digit in row
            ]
            for row in result.rows
        ],
    }
