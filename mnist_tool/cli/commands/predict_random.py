"""The command that shows random test digits: predict-random."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_tool.cli import drawing
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    OfflineOption,
    RootOption,
    RunDatasetOption,
    RunOption,
    RunsOption,
    ShowOption,
    SplitOption,
    output_option,
    valued,
)
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.halfblocks import bars, beside
from mnist_tool.cli.screen.halfblocks import picture as blocks
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.row import DIGITS
from mnist_tool.errors import SettingError, StorageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_tool.plots.background import Drawing


@command(
    "predict-random",
    ("The lecture's digit", "mnist-tool predict-random --seed 777"),
    ("Three mistakes", "mnist-tool predict-random --wrong --count 3"),
)
def predict_random(
    out: Output,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="How many digits.")] = 1,
    seed: Annotated[
        int | None,
        valued("--seed", metavar="N", help="Draw the same again; 777 is the lecture's draw."),
    ] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Only digits it reads wrong.")] = False,
    output: Annotated[
        Path | None,
        output_option(
            "FILE",
            "Where the picture goes, a .png, .svg or .pdf. [default: in the run's folder]",
            formerly_save=True,
        ),
    ] = None,
    show: ShowOption = False,
    run: RunOption = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    split: SplitOption = "test",
    offline: OfflineOption = None,
) -> None:
    """Print each digit with its probabilities, while their picture is drawn."""
    from mnist_tool import plots

    if output is not None:
        plots.check_format(output)
    scene = Scene(out, run, runs, root, dataset, offline, split)
    folder = scene.run.path  # before any data is fetched, say so if there is no run
    with drawing.open_painter(out) as painter:
        choice = _choice(scene, wrong=wrong)
        places = _draw_places(choice, count, seed)
        rows = scene.chances(places)
        path = output or scene.run.path / _file_name(places)
        if painter:
            painter.begin(_drawing(scene, places, rows), plots.kind_of(path))
        for place, chances in zip(places, rows, strict=True):
            _print_digit(out, scene, place, chances.tolist())
        content = drawing.finish_picture(out, painter)
    pictures = _write(out, content, path, asked_for=output is not None) if content else []
    for picture in pictures:
        out.print(f"Picture: {picture}")
    out.data(
        run=folder,
        dataset=scene.dataset_name,
        classes=list(scene.classes),
        picture=pictures[0] if pictures else None,
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
        drawing.show(out, pictures)


def _write(out: Output, content: bytes, path: Path, *, asked_for: bool) -> list[Path]:
    """Write the picture; a folder that refuses what nobody asked for costs the picture alone."""
    from mnist_tool import plots

    try:
        return [plots.write(content, path)]
    except (SettingError, StorageError) as error:
        if asked_for:
            raise
        out.warn(f"{error.message} {error.hint}")
        return []


def _choice(scene: Scene, *, wrong: bool) -> list[int]:
    if wrong:
        return drawing.some_wrong(scene, scene.chances().argmax(axis=1))
    return list(range(len(scene.images)))


def _file_name(places: list[int]) -> str:
    return f"predict-random-{places[0]}.png" if len(places) == 1 else "predict-random.png"


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
    out.print(f"{scene.image_name(place)} of {DATASETS[scene.dataset_name].title}")
    out.print(f"Label:  {scene.classes[label]}")
    out.print(f"Prediction:  {scene.classes[prediction]}")
    out.print()
    left = blocks(scene.images[place].tolist(), out.stdout)
    right = bars(chances, out.stdout, label=label, classes=scene.classes)
    out.show(beside(left, right, out.stdout))
    out.print()


def _drawing(scene: Scene, places: list[int], rows: NDArray[np.float32]) -> Drawing:
    from mnist_tool.plots import misread
    from mnist_tool.plots.background import Drawing

    if len(places) == 1:
        return drawing.one_digit(scene, places[0])
    captions = []
    for place, chances in zip(places, rows, strict=True):
        label, prediction = (scene.classes[i] for i in (scene.labels[place], chances.argmax()))
        verdict = label if label == prediction else misread(label, prediction)
        captions.append((verdict, f"{chances.max():.1%}  #{place}"))
    images = "test digits" if scene.classes == DIGITS else "test images"
    options = {"title": f"{len(places)} {images}", "subtitle": scene.where}
    return Drawing("draw_gallery", (scene.images[places], captions), options)
