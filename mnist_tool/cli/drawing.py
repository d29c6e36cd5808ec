"""Draw what a scene shows, for visualize and predict-random, and open windows for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool import configuration
from mnist_tool.advice import command_line
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.row import DIGITS
from mnist_tool.errors import DependencyError, DisplayError, RunNotFoundError, SettingError
from mnist_tool.training.courses import costs_to_draw
from mnist_tool.training.finding import find_run

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from mnist_tool.plots.background import Drawing, Painter

__all__ = [
    "draw_confusion",
    "draw_curve",
    "draw_disputed",
    "draw_mistakes",
    "draw_samples",
    "draw_weights",
    "finish_picture",
    "folder_of",
    "one_digit",
    "open_painter",
    "show",
    "some_wrong",
]


def folder_of(scene: Scene, *, samples: bool) -> Path:
    """Return the run's folder; samples need no run and then go to the current folder."""
    try:
        return scene.run.path
    except RunNotFoundError:
        if not samples or scene.run_path is not None:
            raise
        return Path()


def draw_samples(scene: Scene) -> Figure:
    """Draw the first images of every class; needs no run."""
    from mnist_tool import plots

    if folder_of(scene, samples=True) == Path():
        scene.dataset = scene.dataset or "mnist"
    title = DATASETS[scene.dataset_name].title
    return plots.draw_samples(
        scene.images,
        scene.labels,
        classes=scene.classes,
        subtitle=f"The first of each in the {scene.split} split of {title}",
    )


def draw_weights(scene: Scene) -> Figure:
    """Draw the templates of a linear model, or the first filters of another one."""
    from mnist_tool import plots
    from mnist_tool.training.layers import first_layer

    linear, weights = first_layer(scene.model)
    if not linear:
        return plots.draw_filters(weights, subtitle=scene.run.name)
    classes = DATASETS[scene.run.settings.dataset].classes
    return plots.draw_templates(weights, classes=classes, subtitle=scene.run.name)


def draw_curve(scene: Scene, paths: list[Path]) -> Figure:
    """Draw the costs of the runs in `paths`, or of the scene's own."""
    from mnist_tool import plots

    folder = Path(configuration.get("runs", scene.runs))
    runs = [find_run(path, folder) for path in paths] or [scene.run]
    names = [run.name for run in runs]
    metrics = {
        run.name if names.count(run.name) == 1 else str(run.path): epochs
        for run in runs
        if (epochs := run.metrics())
    }
    if not metrics:
        raise RunNotFoundError(
            f"{runs[0].path} has no finished epoch, so there is no cost to draw.",
            hint="Go on with: "
            + command_line("train", "--resume", run=runs[0].path, root=scene.root),
        )
    costs, per_epoch = costs_to_draw(metrics)
    return plots.draw_costs(costs, per_epoch=per_epoch)


def draw_confusion(scene: Scene) -> Figure:
    """Draw what the run takes for what."""
    import numpy as np

    from mnist_tool import plots

    predictions = scene.chances().argmax(axis=1)
    matrix = np.zeros((len(scene.classes),) * 2, int)
    np.add.at(matrix, (scene.labels, predictions), 1)
    share = np.mean(predictions == scene.labels)
    subtitle = f"{scene.where}: {share:.2%} right"
    return plots.draw_confusion(matrix, classes=scene.classes, subtitle=subtitle)


def draw_mistakes(scene: Scene) -> Figure:
    """Draw the mistakes that the run was surest of."""
    from mnist_tool import plots

    chances = scene.chances()
    predictions = chances.argmax(axis=1)
    some_wrong(scene, predictions)
    return plots.draw_mistakes(
        scene.images,
        scene.labels,
        predictions,
        chances.max(axis=1),
        classes=scene.classes,
        subtitle=scene.run.name,
    )


def draw_disputed(scene: Scene) -> Figure:
    """Draw the test images whose labels people dispute, with what the run takes them for."""
    from mnist_tool import plots

    places = list(DATASETS[scene.dataset_name].disputed)
    if not places or scene.split != "test":
        line, of_digits = scene.out.line("--dataset", "mnist", "--split", "test"), ""
        if DATASETS[scene.run.settings.dataset].classes != DIGITS:
            run = scene.run.path.parent / "RUN"
            line = command_line("visualize", "disputed", "--dataset", "mnist", run=run)
            of_digits = ", with a run of digits"
        raise SettingError(
            f"No labels of {scene.where} are known to be disputed.",
            hint=f"Draw those of MNIST{of_digits}: {line}",
        )
    captions = []
    for place, chances in zip(places, scene.chances(places), strict=True):
        label, said = (scene.classes[int(each)] for each in (scene.labels[place], chances.argmax()))
        captions.append((f"{label}?", f"read as {said}  #{place}"))
    return plots.draw_gallery(
        scene.images[places],
        captions,
        title=f"{len(places)} labels that people dispute",
        subtitle=scene.where,
    )


def some_wrong(scene: Scene, predictions: NDArray[np.int64]) -> list[int]:
    """Return the places of the mistakes; `SettingError` if there is none."""
    wrong: list[int] = (predictions != scene.labels).nonzero()[0].tolist()
    if not wrong:
        raise SettingError(
            f"{scene.where} makes no mistake.",
            hint=f"Draw something else: {scene.line('visualize', 'confusion')}",
        )
    return wrong


def one_digit(scene: Scene, index: int) -> Drawing:
    """Say how to draw one test image with its probabilities."""
    from mnist_tool.plots.background import Drawing

    count = len(scene.images)
    if not 0 <= index < count:
        raise SettingError(
            f"There is no {scene.split} image {index}; they are numbered 0 to {count - 1}.",
            hint=f"Choose another one: {scene.out.line(instead={str(index): str(count - 1)})}",
        )
    (chances,) = scene.chances([index])
    label, prediction = int(scene.labels[index]), int(chances.argmax())
    right, said = scene.classes[label], scene.classes[prediction]
    verdict = f"{right}, read as {said}" if label != prediction else f"{right}, recognised"
    title = f"{scene.image_name(index)}: {verdict}"
    options = {"title": title, "subtitle": scene.where, "label": label, "classes": scene.classes}
    return Drawing("draw_digit", (scene.images[index], chances), options)


@contextmanager
def open_painter(out: Output) -> Iterator[Painter | None]:
    """Get a second process ready to draw; where there can be none, warn and yield ``None``."""
    from mnist_tool.plots.background import Painter

    try:
        painter = Painter()
    except DependencyError as error:  # it costs the picture alone
        out.warn(f"{error.message} {error.hint}")
        yield None
        return
    with painter:
        yield painter


def finish_picture(out: Output, painter: Painter | None) -> bytes | None:
    """Return the picture that a painter has begun; where it could not be drawn, only warn."""
    if painter is None:
        return None
    try:
        return painter.finish()
    except DependencyError as error:
        out.warn(f"{error.message} {error.hint}")
        return None


def show(out: Output, pictures: list[Path]) -> None:
    """Open a window per PNG file and wait; say so where that cannot be."""
    from mnist_tool.plots.window import show as open_windows

    shown = [path for path in pictures if path.suffix.lower() == ".png"]
    if len(shown) < len(pictures):
        out.warn("--show opens windows for PNG files alone; open the others with another program.")
    try:
        if shown:
            open_windows(shown)
    except DisplayError as error:
        out.warn(error.message)
        out.hint(error.hint)
