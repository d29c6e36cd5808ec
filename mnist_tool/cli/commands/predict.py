"""The command that reads picture files: predict."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool.advice import reason
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import RunOption, RunsOption, valued
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.halfblocks import bars, beside, picture
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.row import DIGITS
from mnist_tool.errors import ImageError

if TYPE_CHECKING:
    from mnist_tool.reading.predict import Prediction

ENDINGS = {
    *(".png", ".apng", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".avif", ".ico"),
    *(".ppm", ".pgm", ".pbm", ".pnm"),
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
            help="Pictures of one digit each, folders of them, or - for stdin.",
        ),
    ],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what the model saw, step by step.")
    ] = False,
    save: Annotated[
        Path | None,
        valued(
            "--save", metavar="FOLDER", help="Folder for --explain's pictures. [default: the run's]"
        ),
    ] = None,
    run: RunOption = None,
    runs: RunsOption = None,
) -> None:
    """Print what one picture is taken for, or a table of several."""
    scene = Scene(out, run, runs)
    folder = save or scene.run.path
    paths = list(_pictures(files))
    if len(paths) == 1:
        results = [_read(scene, paths[0])]
    else:
        tried = (_read_or_report(out, scene, path) for path in paths)
        results = [result for result in tried if result]
    if len(paths) == 1 or explain:
        for result in results:
            _show(out, result, scene.classes)
    else:
        _table(out, results, scene.classes)
    if explain:
        for result, name in zip(results, _file_names(results), strict=True):
            out.print(f"Picture: {_explain(result, folder / name, scene.classes)}")
    out.data(classes=list(scene.classes))
    out.data(run=scene.run.path, predictions=[_document(result) for result in results])


def _pictures(files: list[str]) -> Iterator[str]:
    """Yield what was named, and for a folder the pictures in it."""
    for name in files:
        if name == STDIN or not Path(name).is_dir():
            yield name
            continue
        inside = [
            path
            for path in sorted(Path(name).iterdir())
            if path.suffix.lower() in ENDINGS and not path.is_dir()
        ]
        if not inside:
            raise ImageError(
                f"The folder {name} holds no pictures.",
                hint=f"Pictures are files ending in {', '.join(sorted(ENDINGS))}.",
            )
        yield from map(str, inside)


def _read_or_report(out: Output, scene: Scene, name: str) -> Prediction | None:
    try:
        return _read(scene, name)
    except ImageError as error:  # the other pictures are still read
        out.error(error)
        return None


def _read(scene: Scene, name: str) -> Prediction:
    from mnist_tool.reading.picture import MOST_CONTENT
    from mnist_tool.reading.predict import predict as read

    enough = MOST_CONTENT + 1  # bytes: one more is refused, and a device has no end
    if name == STDIN:
        return read(scene.recognise, sys.stdin.buffer.read(enough), "stdin")
    try:
        with Path(name).open("rb") as file:
            content = file.read(enough)
    except OSError as error:
        raise ImageError(
            f"The picture {name} cannot be read: {reason(error)}.",
            hint="Check its name, or see the help: mnist-tool predict --help",
        ) from error
    return read(scene.recognise, content, name)


def _show(out: Output, result: Prediction, classes: tuple[str, ...]) -> None:
    out.print(f"{result.name}: {classes[result.digit]}")
    out.print()
    left = picture(result.prepared.image.tolist(), out.stdout)
    out.show(beside(left, bars(result.probabilities, out.stdout, classes=classes), out.stdout))
    out.print()


def _table(out: Output, results: list[Prediction], classes: tuple[str, ...]) -> None:
    rows = []
    for result in results:
        second = result.ranking[1]
        other = f"{classes[second]} {result.probabilities[second]:.3f}"
        rows.append((result.name, classes[result.digit], f"{result.confidence:.3f}", other))
    heading = "digit" if classes == DIGITS else "class"
    out.table(("picture", heading, "probability", "or else"), rows, right=(1, 2, 3))


def _file_names(results: list[Prediction]) -> Iterator[str]:
    """Name a file after each picture, numbered where several pictures have the same name."""
    seen: Counter[str] = Counter()
    for result in results:
        plain = re.sub(r"[^\w.-]+", "-", Path(result.name).stem)
        seen[plain] += 1
        number = f"-{seen[plain]}" if seen[plain] > 1 else ""
        yield f"explain-{plain}{number}.png"


def _explain(result: Prediction, path: Path, classes: tuple[str, ...]) -> Path:
    from mnist_tool import plots

    drawn = plots.draw_steps(
        result.prepared.steps,
        title=f"Read as {classes[result.digit]}",
        subtitle=f"{Path(result.name).name}, with probability {result.confidence:.3f}",
    )
    return plots.save(drawn, path, "--save")


def _document(result: Prediction) -> dict[str, object]:
    return {
        "picture": result.name,
        "prediction": result.digit,
        "probabilities": list(result.probabilities),
    }
