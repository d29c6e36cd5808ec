"""How well pictures by people are read, by kind and by writer, beside two ways of tutorials.

``python -m tests.benchmarks handwriting [--run RUN] [--wrong]`` reads the pictures in
``../shared/handwriting``, or in the folder that ``MNIST_TOOL_HANDWRITING`` names. Half of the
writers are for choices, the other half shows whether a choice holds for people it never saw:
those whose number is even and those whose number is odd, always whole writers.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool.errors import ImageError
from mnist_tool.reading.many import read_many
from mnist_tool.reading.network import shipped
from mnist_tool.reading.picture import read_grey
from mnist_tool.reading.predict import Model
from mnist_tool.training.evaluate import recognise, wilson
from mnist_tool.training.runs import find_run
from tests.real_data import REPOSITORY

__all__ = ["main"]

Bytes = NDArray[np.uint8]
HALVES = ("for choices", "held out")


@dataclass(frozen=True)
class Picture:
    """A picture by a person, and the digit that it shows."""

    path: Path
    digit: int
    writer: str
    kind: str

    @property
    def half(self) -> str:
        """Which half its writer belongs to."""
        return HALVES[int(self.writer) % 2]


@dataclass(frozen=True)
class Answer:
    """What one way makes of a picture: a digit with its probability, or why there is none."""

    digit: int | None
    probability: float = 0.0
    refusal: str = ""

    @classmethod
    def of(cls, row: NDArray[np.float32], least: float = 0.0) -> Answer:
        """Take the likeliest digit, if it is likely enough to be one."""
        place, most = int(row.argmax()), float(row.max())
        return cls(place, most) if most >= least else cls(None, most, f"no digit, {most:.2f}")


def pictures() -> list[Picture]:
    """Return what is measured on; ends the program where there is nothing."""
    place = REPOSITORY.parent / "shared" / "handwriting"
    folder = Path(os.environ.get("MNIST_TOOL_HANDWRITING", place))
    try:
        with (folder / "labels.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise SystemExit(f"There are no pictures to measure on: {error}") from error
    return [
        Picture(folder / row["file"], int(row["digit"]), row["writer"], row["kind"]) for row in rows
    ]


def otsu(content: bytes, name: str) -> Bytes:
    """Prepare as tutorials do: Otsu's threshold, the box of the ink to 20 x 20, its mass centred.

    The ink is what the border is not.
    """
    grey = read_grey(content, name)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    flag = cv2.THRESH_BINARY_INV if np.median(border) > 127 else cv2.THRESH_BINARY
    _, ink = cv2.threshold(grey, 0, 255, flag | cv2.THRESH_OTSU)
    points = cv2.findNonZero(ink)
    if points is None:
        raise ImageError(f"{name} is empty.")
    left, top, width, height = cv2.boundingRect(points)
    scale = 20 / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(
        ink[top : top + height, left : left + width], size, interpolation=cv2.INTER_AREA
    )
    mass = cv2.moments(small)
    x, y = mass["m10"] / mass["m00"], mass["m01"] / mass["m00"]
    shift = np.array([[1, 0, 13.5 - x], [0, 1, 13.5 - y]]).round()
    return np.asarray(cv2.warpAffine(small, shift, (28, 28)), np.uint8)


def squeezed(content: bytes, name: str) -> Bytes:
    """Prepare as the shortest tutorials do: the whole picture to 28 x 28, light ink on dark."""
    grey = read_grey(content, name)
    small = cv2.resize(grey, (28, 28), interpolation=cv2.INTER_AREA)
    return np.asarray(255 - small if np.median(small) > 127 else small, np.uint8)


WAYS = {"Otsu": otsu, "squeezed": squeezed}


def read(model: Model, least: float, chosen: Sequence[Picture]) -> list[Answer]:
    """Read pictures as `predict` does; several digits are a refusal, for each has one."""
    answers = []
    paths = {str(each.path): each.path for each in chosen}
    for _, found in read_many(model, list(paths), lambda name: paths[name].read_bytes()):
        if isinstance(found, ImageError):
            answers.append(Answer(None, refusal=found.message))
        elif len(found.digits) > 1:
            said = " ".join(str(digit.digit) for digit in found.digits)
            answers.append(Answer(None, refusal=f"several digits: {said}"))
        else:
            answers.append(Answer.of(np.array(found.digits[0].probabilities), least))
    return answers


def read_plainly(way: str, model: Model, chosen: Sequence[Picture]) -> list[Answer]:
    """Read pictures in one of the tutorials' ways."""
    prepared = [_prepared(way, picture) for picture in chosen]
    images = [each for each in prepared if not isinstance(each, str)]
    rows = iter(model(np.stack(images)))
    return [
        Answer(None, refusal=each) if isinstance(each, str) else Answer.of(next(rows))
        for each in prepared
    ]


def _prepared(way: str, picture: Picture) -> Bytes | str:
    """Return a picture in MNIST's form, or why it is refused."""
    try:
        return WAYS[way](picture.path.read_bytes(), picture.path.name)
    except ImageError as error:
        return error.message


def _model(run: Path | None) -> tuple[Model, float]:
    """Return what reads, and the probability below which it is no digit."""
    if run is None:
        return shipped(), shipped().facts["least"]
    trained = find_run(run, Path("runs")).model()
    return lambda images: recognise(trained, images), 0.0


def share(right: Iterable[bool]) -> str:
    """Write a share in percent with its interval."""
    each = list(right)
    if not each:
        return "-"
    low, high = wilson(sum(each), len(each))
    return f"{sum(each) / len(each):6.1%} ({low:.1%}..{high:.1%})"


def table(chosen: Sequence[Picture], answers: dict[str, list[Answer]]) -> list[str]:
    """Return the lines of a table: all, each half, each kind; then the writers with mistakes."""
    groups = {"all": lambda _: True}
    groups |= {half: lambda each, half=half: each.half == half for half in HALVES}
    kinds = sorted({each.kind for each in chosen})
    groups |= {kind: lambda each, kind=kind: each.kind == kind for kind in kinds}
    head = ["kind".ljust(14), "pictures"] + [way.rjust(24) for way in answers]
    lines = ["  ".join([*head, "refused (ours)"])]
    right = {
        way: [each.digit == picture.digit for each, picture in zip(said, chosen, strict=True)]
        for way, said in answers.items()
    }
    for name, belongs in groups.items():
        places = [place for place, each in enumerate(chosen) if belongs(each)]
        cells = [share(right[way][place] for place in places).rjust(24) for way in answers]
        refused = sum(answers["ours"][place].digit is None for place in places)
        lines.append("  ".join([name.ljust(14), f"{len(places):8}", *cells, f"{refused:6}"]))
    writers = []
    for writer in sorted({each.writer for each in chosen}):
        own = [right["ours"][place] for place, each in enumerate(chosen) if each.writer == writer]
        if not all(own):
            writers.append(f"{writer}: {sum(own)}/{len(own)}")
    return [*lines, "", f"writers with mistakes: {', '.join(writers)}"]


def mistakes(chosen: Sequence[Picture], answers: Sequence[Answer]) -> list[str]:
    """Return a line for each picture that is read wrongly."""
    lines = []
    for picture, answer in sorted(zip(chosen, answers, strict=True), key=lambda pair: pair[0].kind):
        if answer.digit != picture.digit:
            said = answer.refusal or f"read as {answer.digit} with {answer.probability:.3f}"
            lines.append(f"{picture.kind}  {picture.path.name}  {picture.digit}  {said}")
    return lines


def main(words: Sequence[str]) -> int:
    """Measure and print; the exit status is always 0, since nothing here is a test."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks handwriting")
    parser.add_argument("--run", type=Path, help="its model reads, in place of what ships")
    parser.add_argument("--half", choices=HALVES, help="only these writers")
    parser.add_argument("--wrong", action="store_true", help="list what is read wrongly")
    options = parser.parse_args(words)
    chosen = [each for each in pictures() if options.half in (None, each.half)]
    model, least = _model(options.run)
    ways = {"ours": partial(read, model, least)}
    ways |= {way: partial(read_plainly, way, model) for way in WAYS}
    answers, speeds = {}, []
    for way, reading in ways.items():
        began = time.perf_counter()
        answers[way] = reading(chosen)
        speeds.append(f"{way}: {len(chosen) / (time.perf_counter() - began):.0f} pictures/s")
    print("\n".join([*table(chosen, answers), "", "  ".join(speeds)]))
    if options.wrong:
        print("\n" + "\n".join(mistakes(chosen, answers["ours"])))
    return 0
