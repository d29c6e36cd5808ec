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
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_tool import fetch, load
from mnist_tool.cli.reader import SURE
from mnist_tool.dataset.written import draw_digits
from mnist_tool.errors import ImageError
from mnist_tool.reading.many import read_many
from mnist_tool.reading.network import shipped
from mnist_tool.reading.picture import read_grey
from mnist_tool.reading.predict import Model
from mnist_tool.reading.preprocess import normalise
from mnist_tool.training.evaluate import recognise, wilson
from mnist_tool.training.finding import find_run
from tests.benchmarks.rows import measure
from tests.reading.calibration import calibration_error
from tests.real_data import REPOSITORY, find

__all__ = ["main"]

Bytes = NDArray[np.uint8]
HALVES = ("for choices", "held out")
# Those that look like no digit, unlike O, I, S, Z, l, b, g, q and y.
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYadefhkmnprtuwx"


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
            listed = list(csv.DictReader(file))
    except OSError as error:
        raise SystemExit(f"There are no pictures to measure on: {error}") from error
    return [
        Picture(folder / row["file"], int(row["digit"]), row["writer"], row["kind"])
        for row in listed
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


def calibration(chosen: Sequence[Picture], answers: Sequence[Answer]) -> str:
    """Say how far the probabilities are from the shares that are right, and what is not sure."""
    read = [
        (each, picture) for each, picture in zip(answers, chosen, strict=True) if each.probability
    ]
    chances = np.array([each.probability for each, _ in read])
    right = np.array([each.digit == picture.digit for each, picture in read])
    unsure = chances < SURE
    return (
        f"expected calibration error: {calibration_error(chances, right):.2%}; of {len(read)} that "
        f"are read as one digit {unsure.sum()} are told as not sure (below {SURE}), "
        f"{(unsure & ~right).sum()} of them wrong; of the others {(~unsure & ~right).sum()} are"
    )


def rejections(model: Model) -> list[str]:
    """Say what share of letters and of noise is found out, where so many digits are lost."""
    digits, _ = draw_digits(2000, seed=97)
    chances = model(digits).max(axis=1)
    random = np.random.default_rng(97)
    noise = [
        cv2.GaussianBlur(random.random((28, 28)), (0, 0), 1 + place % 3) for place in range(300)
    ]
    spots = np.stack([255 * (each > np.quantile(each, 0.8)) for each in noise]).astype(np.uint8)
    letters = []
    for font in (
        cv2.FONT_HERSHEY_TRIPLEX,
        cv2.FONT_HERSHEY_SIMPLEX,
        cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    ):
        for letter in LETTERS:
            page = np.zeros((140, 140), np.uint8)
            cv2.putText(page, letter, (30, 95), font, 2.5, 255, 5, cv2.LINE_AA)
            letters.append(normalise(page))
    lines = ["share of what is no digit that is found out"]
    for lost in (0.003, 0.01, 0.03):
        least = np.quantile(chances, lost)
        found = {
            name: np.mean(model(each).max(axis=1) < least)
            for name, each in {"letters": np.stack(letters), "noise": spots}.items()
        }
        told = ", ".join(f"{name} {part:.1%}" for name, part in found.items())
        lines.append(f"{lost:.1%} of digits lost (below {least:.2f}): {told}")
    return lines


def _each(work: float, chosen: Sequence[Picture]) -> str:
    return f"{1000 * work / len(chosen):.1f} ms of processor time each"


def find_root() -> Path:
    """Return a folder with MNIST, fetched from where the tests have it."""
    root = Path(tempfile.gettempdir(), "mnist-tool-benchmarks")
    place = find()
    fetch(root, sources=[place] if place else None)
    return root


def main(words: Sequence[str]) -> int:
    """Measure and print; the exit status is always 0, since nothing here is a test."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks handwriting")
    parser.add_argument("--run", type=Path, help="its model reads, in place of what ships")
    parser.add_argument("--half", choices=HALVES, help="only these writers")
    parser.add_argument("--wrong", action="store_true", help="list what is read wrongly")
    parser.add_argument("--rows", type=int, metavar="N", help="N pages of each kind with rows")
    options = parser.parse_args(words)
    chosen = [each for each in pictures() if options.half in (None, each.half)]
    model, least = _model(options.run)
    ways = {"ours": partial(read, model, least)}
    ways |= {way: partial(read_plainly, way, model) for way in WAYS}
    answers, speeds = {}, []
    for way, reading in ways.items():
        began, used = time.perf_counter(), time.process_time()
        answers[way] = reading(chosen)
        seconds, work = time.perf_counter() - began, time.process_time() - used
        speeds.append(f"{way}: {len(chosen) / seconds:.0f} pictures/s, {_each(work, chosen)}")
    print("\n".join([*table(chosen, answers), "", "  ".join(speeds)]))
    print("\n" + calibration(chosen, answers["ours"]))
    print("\n".join(["", *rejections(model)]))
    if options.rows:
        images, labels = load("test", root=find_root())
        read_rows = measure(model, images.numpy(), labels.numpy(), options.rows)
        print("\nrows of 4 to 10 digits that are wholly right; by the digits as MNIST has them")
        for kind, (right, possible, count) in read_rows.items():
            print(f"{kind.ljust(28)}{right:4} of {count}; {possible}")
    if options.wrong:
        print("\n" + "\n".join(mistakes(chosen, answers["ours"])))
    return 0
