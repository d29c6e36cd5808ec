"""The command that draws: visualize."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool.cli import drawing
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    STDOUT,
    OfflineOption,
    RootOption,
    RunDatasetOption,
    RunsOption,
    ShowOption,
    SplitOption,
    one_of,
    output_option,
    to_stdout,
    valued,
)
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class What(str, Enum):
    """What `visualize` can draw."""

    SAMPLES = "samples"
    WEIGHTS = "weights"
    CURVE = "curve"
    CONFUSION = "confusion"
    MISTAKES = "mistakes"
    DISPUTED = "disputed"
    DIGIT = "digit"


WORDS = [each.value for each in What]


def _words(incomplete: str) -> list[str]:
    return [word for word in WORDS if word.startswith(incomplete)]


@command(
    "visualize",
    ("Samples and weights of the newest run", "mnist-tool visualize"),
    ("The worst mistakes, as SVG", "mnist-tool visualize mistakes -o mistakes.svg"),
    ("Compare two runs", "mnist-tool visualize curve --run softmax-1 --run cnn-1"),
)
def visualize(
    out: Output,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            autocompletion=_words,
            show_default=False,
            help=f"One of: {', '.join(WORDS)}. [default: samples and weights]",
        ),
    ] = None,
    index: Annotated[
        int | None,
        typer.Argument(metavar="INDEX", help="Which test image, for digit.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        output_option(
            "FILE",
            "File ending in .png, .svg or .pdf; - for PNG on stdout. "
            "[default: in the run's folder]",
            stdout=True,
        ),
    ] = None,
    show: ShowOption = False,
    run: Annotated[
        list[Path] | None,
        valued(
            "--run",
            metavar="FOLDER",
            help="Folder of a run; several for curve. [default: the newest]",
        ),
    ] = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    split: SplitOption = "test",
    offline: OfflineOption = None,
) -> None:
    """Draw, and print where each picture lies."""
    chosen = run or []
    subject = _subject(out, what) if what else None
    _check(out, subject, index, output, chosen)
    name = _file_name(subject or What.SAMPLES, index, chosen)
    write = to_stdout(out, output, name, show=show)
    scene = Scene(out, chosen[0] if chosen else None, runs, root, dataset, offline, split)
    draws: dict[What, Callable[[], Figure]] = {
        What.SAMPLES: lambda: drawing.draw_samples(scene),
        What.WEIGHTS: lambda: drawing.draw_weights(scene),
        What.CURVE: lambda: drawing.draw_curve(scene, chosen),
        What.CONFUSION: lambda: drawing.draw_confusion(scene),
        What.MISTAKES: lambda: drawing.draw_mistakes(scene),
        What.DISPUTED: lambda: drawing.draw_disputed(scene),
        What.DIGIT: lambda: drawing.one_digit(scene, index or 0).figure(),
    }
    from mnist_tool import plots

    if write:
        assert subject is not None
        write(plots.png_bytes(draws[subject]()))
        return
    wanted = [subject] if subject else [What.SAMPLES, What.WEIGHTS]
    places = [
        output
        or drawing.folder_of(scene, samples=each is What.SAMPLES) / _file_name(each, index, chosen)
        for each in wanted
    ]
    written = [plots.save(draws[each](), place) for each, place in zip(wanted, places, strict=True)]
    for path in written:
        out.print(f"Picture: {path}")
    out.data(pictures=written)
    if show:
        drawing.show(out, written)


def _subject(out: Output, word: str) -> What:
    example = out.line(instead={word: What.SAMPLES.value})
    unknown = f"There is no picture called {word!r}"
    return one_of(out, What, word, unknown, f"Say for example: {example}")


def _check(
    out: Output, what: What | None, index: int | None, output: Path | None, runs: list[Path]
) -> None:
    """Refuse what cannot be meant, before anything is loaded."""
    from mnist_tool.plots import check_format

    if what is What.DIGIT and index is None:
        raise SettingError(
            "digit needs the number of a test image.", hint=f"Say for example: {out.line('3757')}"
        )
    if what is not What.DIGIT and index is not None:
        assert what is not None  # it stands before the index
        raise SettingError(
            "Only digit takes the number of a test image.",
            hint=f"Say: {out.line(instead={what.value: What.DIGIT.value})}",
        )
    if len(runs) > 1 and what is not What.CURVE:
        curve = What.CURVE.value
        line = out.line(instead={what.value: curve}) if what else out.line(curve)
        raise SettingError(
            "Only the curve can show several runs.", hint=f"Give one --run, or draw it: {line}"
        )
    if output is None:
        return
    if what is None:
        raise SettingError(
            "--output names one picture, but samples and weights would be drawn.",
            hint=f"Say which one: {out.line(What.SAMPLES.value)}",
        )
    if output != STDOUT:
        check_format(output)


def _file_name(what: What, index: int | None, runs: list[Path]) -> str:
    if what is What.DIGIT:
        return f"digit-{index}.png"
    if what is What.CURVE:  # one run's curve is the picture that its training drew
        return "cost.png" if len(runs) < 2 else "costs-compared.png"
    return f"{what.value}.png"
