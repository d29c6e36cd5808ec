"""The commands that show something: visualize, predict-random."""

from __future__ import annotations

import difflib
import random
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool import settings
from mnist_tool.cli.app import app
from mnist_tool.cli.command import command
from mnist_tool.cli.halfblocks import bars, beside, picture
from mnist_tool.cli.options import OfflineOption, RootOption, RunOption, RunsOption
from mnist_tool.cli.render import Output
from mnist_tool.cli.scene import Scene
from mnist_tool.dataset.registry import get_dataset
from mnist_tool.errors import DisplayError, RunNotFoundError, SettingError
from mnist_tool.training.runs import find_run

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

RunDatasetOption = Annotated[
    str | None,
    typer.Option("--dataset", metavar="NAME", show_default=False,
                 help="mnist or synthetic. [default: the run's]"),
]  # fmt: skip
ShowOption = Annotated[
    bool, typer.Option("--show", help="Also open a window, where there is a display.")
]


class What(str, Enum):
    """What `visualize` can draw."""

    SAMPLES = "samples"
    WEIGHTS = "weights"
    CURVE = "curve"
    CONFUSION = "confusion"
    MISTAKES = "mistakes"
    DIGIT = "digit"


WORDS = [each.value for each in What]


def _words(incomplete: str) -> list[str]:
    return [word for word in WORDS if word.startswith(incomplete)]


@command(
    app,
    "visualize",
    ("Samples and weights of the newest run", "mnist-tool visualize"),
    ("The worst mistakes, as SVG", "mnist-tool visualize mistakes -o mistakes.svg"),
    ("Compare two runs", "mnist-tool visualize curve --run softmax-1 --run cnn-1"),
)
def visualize(
    out: Output,
    what: Annotated[
        str | None,
        typer.Argument(metavar="WHAT", autocompletion=_words, show_default=False,
                       help=f"One of: {', '.join(WORDS)}. [default: samples and weights]"),
    ] = None,
    index: Annotated[
        int | None,
        typer.Argument(metavar="INDEX", help="Which test image, for digit.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", show_default=False,
                     help="File ending in .png, .svg or .pdf; - for PNG on stdout. "
                          "[default: in the run's folder]"),
    ] = None,
    show: ShowOption = False,
    run: Annotated[
        list[Path] | None,
        typer.Option("--run", metavar="FOLDER", show_default=False,
                     help="Folder of a run; several for curve. [default: the newest]"),
    ] = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    offline: OfflineOption = None,
) -> None:  # fmt: skip
    """Draw samples, weights, cost curves, the confusion matrix, mistakes or one digit."""
    chosen = run or []
    subject = _subject(what) if what else None
    _check(subject, index, output, chosen, json_mode=out.json_mode)
    scene = Scene(out, chosen[0] if chosen else None, runs, root, dataset, offline)
    draws: dict[What, Callable[[], Figure]] = {
        What.SAMPLES: lambda: _draw_samples(scene),
        What.WEIGHTS: lambda: _draw_weights(scene),
        What.CURVE: lambda: _draw_curve(scene, chosen),
        What.CONFUSION: lambda: _draw_confusion(scene),
        What.MISTAKES: lambda: _draw_mistakes(scene),
        What.DIGIT: lambda: _draw_digit(scene, index or 0),
    }
    from mnist_tool import plots

    if str(output) == "-":
        assert subject is not None
        out.binary(plots.png_bytes(draws[subject]()))
        return
    wanted = [subject] if subject else [What.SAMPLES, What.WEIGHTS]
    places = [output or _folder(scene, each) / _file_name(each, index, chosen) for each in wanted]
    written = [plots.save(draws[each](), place) for each, place in zip(wanted, places, strict=True)]
    for path in written:
        out.print(f"Picture: {path}")
    out.data(pictures=written)
    if show:
        _show(out, written)


def _subject(word: str) -> What:
    if word in WORDS:
        return What(word)
    near = difflib.get_close_matches(word, WORDS, n=1)
    raise SettingError(
        f"There is no picture called {word!r}; there are {', '.join(WORDS)}.",
        hint=f"Did you mean: mnist-tool visualize {near[0]}"
        if near
        else "Say one of them, for example: mnist-tool visualize samples",
    )


def _check(
    what: What | None, index: int | None, output: Path | None, runs: list[Path], *, json_mode: bool
) -> None:
    """Refuse what cannot be meant, before anything is loaded."""
    from mnist_tool.plots import check_format

    if (what is What.DIGIT) != (index is not None):
        raise SettingError(
            "digit needs the number of a test image, and only digit takes one.",
            hint="Say for example: mnist-tool visualize digit 3757",
        )
    if len(runs) > 1 and what is not What.CURVE:
        raise SettingError(
            "Only the curve can show several runs.", hint="Give one --run, or draw: curve"
        )
    if output is None:
        return
    if what is None:
        raise SettingError(
            "--output names one picture, but samples and weights would be drawn.",
            hint=f"Say which one: mnist-tool visualize samples --output {output}",
        )
    if str(output) != "-":
        check_format(output)
    elif json_mode or sys.stdout.isatty():
        raise SettingError(
            "--output - writes the bytes of a PNG to stdout, which is "
            + ("needed for --json." if json_mode else "a terminal."),
            hint=f"Redirect it: mnist-tool visualize {what.value} -o - > {what.value}.png",
        )


def _folder(scene: Scene, what: What) -> Path:
    """Return the run's folder; samples need no run and then go to the current folder."""
    try:
        return scene.run.path
    except RunNotFoundError:
        if what is not What.SAMPLES or scene.run_path is not None:
            raise
        return Path()


def _file_name(what: What, index: int | None, runs: list[Path]) -> str:
    if what is What.DIGIT:
        return f"digit-{index}.png"
    if what is What.CURVE:  # one run's curve is the picture that its training drew
        return "cost.png" if len(runs) < 2 else "costs-compared.png"
    return f"{what.value}.png"


def _draw_samples(scene: Scene) -> Figure:
    from mnist_tool import plots

    if _folder(scene, What.SAMPLES) == Path():
        scene.dataset = scene.dataset or "mnist"
    title = get_dataset(scene.dataset_name).title
    return plots.draw_samples(
        scene.images, scene.labels, subtitle=f"The first of each in the test split of {title}"
    )


def _draw_weights(scene: Scene) -> Figure:
    from mnist_tool import plots
    from mnist_tool.training.layers import first_layer

    linear, weights = first_layer(scene.model)
    draw = plots.draw_templates if linear else plots.draw_filters
    return draw(weights, subtitle=scene.run.name)


def _draw_curve(scene: Scene, paths: list[Path]) -> Figure:
    from mnist_tool import plots

    folder = Path(settings.get("runs", scene.runs))
    runs = [find_run(path, folder) for path in paths] or [scene.run]
    series = {run.name: [epoch["cost"] for epoch in run.metrics()] for run in runs}
    return plots.draw_costs({name: costs for name, costs in series.items() if costs})


def _draw_confusion(scene: Scene) -> Figure:
    import numpy as np

    from mnist_tool import plots

    predictions = scene.chances().argmax(axis=1)
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (scene.labels, predictions), 1)
    share = np.mean(predictions == scene.labels)
    return plots.draw_confusion(matrix, subtitle=f"{scene.where}: {share:.2%} right")


def _draw_mistakes(scene: Scene) -> Figure:
    from mnist_tool import plots

    chances = scene.chances()
    predictions = chances.argmax(axis=1)
    _some_wrong(scene, predictions)
    return plots.draw_mistakes(
        scene.images, scene.labels, predictions, chances.max(axis=1), subtitle=scene.run.name
    )


def _some_wrong(scene: Scene, predictions: NDArray[np.int64]) -> list[int]:
    wrong: list[int] = (predictions != scene.labels).nonzero()[0].tolist()
    if not wrong:
        raise SettingError(
            f"{scene.where} makes no mistake.", hint="Draw something else: visualize confusion"
        )
    return wrong


def _draw_digit(scene: Scene, index: int) -> Figure:
    from mnist_tool import plots

    count = len(scene.images)
    if not 0 <= index < count:
        raise SettingError(
            f"There is no test image {index}; they are numbered 0 to {count - 1}.",
            hint="Choose another one: mnist-tool visualize digit 3757",
        )
    (chances,) = scene.chances([index])
    label, prediction = int(scene.labels[index]), int(chances.argmax())
    verdict = f"{label}, read as {prediction}" if label != prediction else f"{label}, recognised"
    return plots.draw_digit(
        scene.images[index],
        chances,
        title=f"Test image {index}: {verdict}",
        subtitle=scene.where,
        label=label,
    )


def _show(out: Output, pictures: list[Path]) -> None:
    from mnist_tool.plots.window import show

    try:
        show([path for path in pictures if path.suffix.lower() == ".png"])
    except DisplayError as error:
        out.warn(error.message)
        out.hint(error.hint)


@command(
    app,
    "predict-random",
    ("The lecture's digit", "mnist-tool predict-random --seed 777"),
    ("Three mistakes", "mnist-tool predict-random --wrong --count 3"),
)
def predict_random(
    out: Output,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="How many digits.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", show_default=False,
                     help="Draw the same again; 777 is the lecture's draw."),
    ] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Only digits it reads wrong.")] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", show_default=False,
                     help="Where the picture goes. [default: in the run's folder]"),
    ] = None,
    show: ShowOption = False,
    run: RunOption = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    offline: OfflineOption = None,
) -> None:  # fmt: skip
    """Show random test digits: label, prediction, probabilities and picture."""
    from mnist_tool import plots

    if save is not None:
        plots.check_format(save)
    scene = Scene(out, run, runs, root, dataset, offline)
    model_name = scene.run.name  # before any data is fetched, say so if there is no run
    if wrong:
        choice = _some_wrong(scene, scene.chances().argmax(axis=1))
    else:
        choice = list(range(len(scene.images)))
    places = _draw_places(choice, count, seed)
    rows = scene.chances(places)
    for place, chances in zip(places, rows, strict=True):
        _print_digit(out, scene, place, chances.tolist())
    if len(places) == 1:
        drawn, name = _draw_digit(scene, places[0]), f"predict-random-{places[0]}.png"
    else:
        drawn, name = _draw_places_gallery(scene, places, rows), "predict-random.png"
    path = plots.save(drawn, save or scene.run.path / name, "--save")
    out.print(f"Picture: {path}")
    out.data(
        run=model_name,
        dataset=scene.dataset_name,
        picture=path,
        digits=[
            {
                "index": place,
                "label": int(scene.labels[place]),
                "prediction": int(chances.argmax()),
                "probabilities": chances.tolist(),
            }
            for place, chances in zip(places, rows, strict=True)
        ],
    )
    if show:
        _show(out, [path])


def _draw_places(choice: list[int], count: int, seed: int | None) -> list[int]:
    """Draw different images as the lecture does: ``random.randint`` until there are enough."""
    if count > len(choice):
        raise SettingError(
            f"--count is {count}, but there are only {len(choice)} such images.",
            hint=f"Ask for at most {len(choice)}.",
        )
    generator = random.Random(seed)
    drawn: dict[int, None] = {}
    while len(drawn) < count:
        drawn[choice[generator.randint(0, len(choice) - 1)]] = None
    return list(drawn)


def _print_digit(out: Output, scene: Scene, place: int, chances: list[float]) -> None:
    label = int(scene.labels[place])
    prediction = max(range(len(chances)), key=chances.__getitem__)
    out.print(f"Test image {place} of {get_dataset(scene.dataset_name).title}")
    out.print(f"Label:  {label}")
    out.print(f"Prediction:  {prediction}")
    out.print()
    left = picture(scene.images[place].tolist(), out.stdout)
    out.show(beside(left, bars(chances, out.stdout, label=label), out.stdout))
    out.print()


def _draw_places_gallery(scene: Scene, places: list[int], rows: NDArray[np.float32]) -> Figure:
    from mnist_tool import plots

    captions = []
    for place, chances in zip(places, rows, strict=True):
        label, prediction = scene.labels[place], chances.argmax()
        verdict = f"{label}" if label == prediction else f"{label} read as {prediction}"
        captions.append((verdict, f"{chances.max():.1%}  #{place}"))
    return plots.draw_gallery(
        scene.images[places], captions, title=f"{len(places)} test digits", subtitle=scene.where
    )
