"""The command that makes a page to draw on: page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    OfflineOption,
    RootOption,
    RunDatasetOption,
    RunOption,
    RunsOption,
    output_option,
    to_stdout,
)
from mnist_tool.cli.scene import Scene
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.errors import TrainingError
from mnist_tool.files import stands
from mnist_tool.replacement import replace_content, spare

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["make", "page"]

BITS = (8, 16)  # of a weight in the page, the first that change few enough
CHANGED = 0.001  # of the predictions, that rounding the weights may change
FIRSTS = 20  # classes of which a test image is offered to click on
MISTAKES = 9
KNOWN_MISTAKE = 3757  # the test digit that the lecture draws: an 8 that is read as a 3


@command(
    "page",
    ("A page with the newest run's model", "mnist-tool page"),
    ("Of another run, at once in the browser", "mnist-tool page --run fast-cnn-1 --open"),
    ("Where it is wanted", "mnist-tool page -o digit.html"),
)
def page(
    out: Output,
    output: Annotated[
        Path | None,
        output_option(
            "FILE",
            "The HTML file; - for stdout. [default: digit.html in the run's folder]",
            stdout=True,
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    run: RunOption = None,
    runs: RunsOption = None,
    root: RootOption = None,
    dataset: RunDatasetOption = None,
    offline: OfflineOption = None,
) -> None:
    """Write the page, and print where it lies."""
    from mnist_tool.page.document import MARK

    write = to_stdout(out, output, "digit.html", text=True, open=open_it)
    scene = Scene(out, run, runs, root, dataset, offline)
    if write:
        write(make(scene).encode())
        return
    path = output or scene.run.path / "digit.html"
    if stands(path) == "folder":
        path /= f"{scene.run.name}.html"
    spare(path, "page", "--output", MARK)  # before any work is done
    content = make(scene).encode()
    replace_content(path, content, "page", "--output", ours=MARK)
    out.print(f"Page: {path} ({len(content) / 1000:.0f} kB)")
    out.data(run=scene.run.path, page=path, bytes=len(content))
    if open_it:
        _open(out, path)


def make(scene: Scene) -> str:
    """Return the page of a run as HTML.

    Parameters
    ----------
    scene : Scene
        The run, and the test images that are offered to click on.

    Raises
    ------
    TrainingError
        If the run's model has a layer that the page does not know.
    """
    from mnist_tool.page.document import document

    network = _network(scene)
    chances = scene.chances()
    places = _examples(scene, chances)
    return document(
        {
            "network": network,
            "classes": list(scene.classes),
            "run": _facts(scene, chances.argmax(axis=1)),
            "examples": {
                "images": scene.images[places],
                "digits": [[p, int(scene.labels[p]), int(chances[p].argmax())] for p in places],
            },
        }
    )


def _network(scene: Scene) -> dict[str, Any]:
    """Return what the model does; from here on the scene's model is the one of the page."""
    from mnist_tool.training.operations import operations, rounded

    whole = scene.model
    try:
        operations(whole)
    except TrainingError as error:
        again = command_line("page", run=scene.run.path.parent / "RUN")
        raise TrainingError(
            f"The page cannot run {scene.run.name}, of recipe {scene.run.settings.recipe.name}: "
            f"{error.message}",
            hint=f"Choose another run: {again}",
        ) from error
    before = scene.chances().argmax(axis=1)
    for bits in BITS:
        scene.model = rounded(whole, bits)
        changed = int((scene.chances().argmax(axis=1) != before).sum())
        if changed <= CHANGED * len(before):
            break
    else:
        scene.model = whole
    return operations(scene.model)


def _examples(scene: Scene, chances: NDArray[np.float32]) -> list[int]:
    """Choose test images: the first of each class, the surest mistakes, and the lecture's."""
    import numpy as np

    labels, read = scene.labels, chances.argmax(axis=1)
    firsts = [(labels == label).argmax() for label in np.unique(labels)[:FIRSTS]]
    wrong = (read != labels).nonzero()[0]
    worst = wrong[chances[wrong].max(axis=1).argsort()[::-1]][:MISTAKES].tolist()
    lecture = [KNOWN_MISTAKE] if scene.dataset_name == "mnist" else []
    return list(dict.fromkeys([*map(int, firsts), *lecture, *worst]))


def _facts(scene: Scene, read: NDArray[np.int64]) -> dict[str, Any]:
    from mnist_tool.training.evaluate import wilson

    recipe = scene.run.settings.recipe
    correct, total = int((read == scene.labels).sum()), len(read)
    return {
        "name": scene.run.name,
        "recipe": recipe.name,
        "title": recipe.title,
        "parameters": sum(each.numel() for each in scene.model.parameters()),
        "accuracy": correct / total,
        "interval": list(wilson(correct, total)),
        "total": total,
        "date": scene.run.date,
        "data": DATASETS[scene.dataset_name].title,
    }


def _open(out: Output, path: Path) -> None:
    import webbrowser

    from mnist_tool.plots.window import has_display

    if not has_display() or not webbrowser.open(path.resolve().as_uri()):
        out.warn("--open: there is no display, or no browser on it.")
        out.hint(f"Open the file in a browser: {path}")
