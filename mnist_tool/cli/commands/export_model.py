"""The command that writes a run's model for others: export-model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mnist_tool import configuration
from mnist_tool.cli.accuracy import calm_threads
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import (
    STDOUT,
    RunsOption,
    output_option,
    run_names,
    to_stdout,
    valued,
)
from mnist_tool.cli.screen.output import Output
from mnist_tool.training.finding import find_run


def _format_names(incomplete: str) -> list[str]:
    from mnist_tool.exporting.model_export import MODEL_FORMATS

    return [name for name in MODEL_FORMATS if name.startswith(incomplete)]


@command(
    "export-model",
    ("The newest run, for ONNX Runtime", "mnist-tool export-model"),
    ("Another run's weights", "mnist-tool export-model fast-cnn-1 -o digits.safetensors"),
    ("The weights that ship, which read pictures", "mnist-tool export-model shipped -o d.onnx"),
    ("As JSON, for a program of one's own", "mnist-tool export-model --format json -o -"),
)
def export_model(
    out: Output,
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN",
            help="Name or folder of a run; or shipped. [default: the newest]",
            autocompletion=run_names,
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        output_option(
            "FILE",
            "The file; - for stdout. [default: model.onnx ... in the run's folder]",
            stdout=True,
        ),
    ] = None,
    form: Annotated[
        str | None,
        valued(
            "--format",
            metavar="NAME",
            help="onnx, safetensors or json. [default: as FILE ends, or onnx]",
            autocompletion=_format_names,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    runs: RunsOption = None,
) -> None:
    """Write the file, and print where it lies."""
    from mnist_tool.exporting.model_export import export_model as write_file
    from mnist_tool.exporting.model_export import find_model, model_format
    from mnist_tool.exporting.trained_model import SHIPPED

    kind = model_format(None if output == STDOUT else output, form)
    write = to_stdout(out, output, f"model.{kind.name}", text=kind.name == "json")
    calm_threads()
    found = None
    if run != Path(SHIPPED):
        found = find_run(run, configuration.get("runs", runs), [SHIPPED])
    if write:
        trained = find_model(found or SHIPPED)
        write(kind.content(trained.model, trained.facts))
        return
    written = write_file(found or SHIPPED, output, form=form, force=force)
    if found and (unfinished := found.unfinished()):
        out.warn(unfinished)
    out.print(f"Model: {written.path} ({written.size / 1000:.0f} kB)")
    out.data(
        run=found.path if found else SHIPPED,
        model=written.path,
        format=written.form,
        bytes=written.size,
        metadata=written.facts,
    )
