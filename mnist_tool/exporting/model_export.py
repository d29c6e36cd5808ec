"""Write a run's model for others to use: as ONNX, as safetensors, or as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tool import configuration
from mnist_tool.advice import did_you_mean, install_extra
from mnist_tool.errors import DependencyError, SettingError
from mnist_tool.exporting.onnx_graph import onnx_bytes
from mnist_tool.exporting.trained_model import SHIPPED, TrainedModel, of_run, of_shipped
from mnist_tool.files import stands
from mnist_tool.page.encoding import encode
from mnist_tool.replacement import replace_content
from mnist_tool.training.finding import find_run
from mnist_tool.training.runs import Run

if TYPE_CHECKING:
    from torch import nn

__all__ = ["MODEL_FORMATS", "ExportedModel", "export_model", "find_model", "model_format"]


@dataclass(frozen=True)
class ModelFormat:
    """A form that a model can be written in.

    Parameters
    ----------
    name : str
        The word for ``--format``, and how the names of such files end.
    title : str
        What it is, and for whom.
    content : callable
        Makes the bytes of it, of a model in eval mode and of what is known of it.
    """

    name: str
    title: str
    content: Callable[[nn.Module, dict[str, Any]], bytes]


@dataclass(frozen=True)
class ExportedModel:
    """What was written.

    Parameters
    ----------
    path : Path
        The file.
    form : str
        Name of its form.
    size : int
        Its bytes.
    facts : dict
        What stands in it of the model, see `export_model`.
    """

    path: Path
    form: str
    size: int
    facts: dict[str, Any]


def export_model(
    run: Run | str | os.PathLike[str],
    target: str | os.PathLike[str] | None = None,
    *,
    form: str | None = None,
    force: bool = False,
) -> ExportedModel:
    """Write the model of a run for others to use, with what they need to know of it.

    In the file stand what goes in and what comes out, the names of the classes, the run, its
    recipe and data set, its accuracy on the test images, versions, and when it was trained.

    Parameters
    ----------
    run : Run, or path
        The run, its folder, or its name in ``MNIST_TOOL_RUNS``, else in ``runs``; ``"shipped"`` for
        the weights that ship with the package.
    target : path, optional
        The file; by default ``model.onnx``, or as the form is called, in the run's folder.
    form : {'onnx', 'safetensors', 'json'}, optional
        By default what the target's name ends with, or ``"onnx"``.
    force : bool
        Replace what is there.

    Returns
    -------
    ExportedModel
        The file, its form and size, and what stands in it of the model.

    Raises
    ------
    SettingError
        If the form is unknown, or something is there already.
    RunNotFoundError
        If there is no such run.
    CheckpointError
        If the run's files are damaged.
    TrainingError
        If the model has a layer that only torch knows.
    DependencyError
        If a package is missing: onnx, or safetensors.
    StorageError
        If the disk or the folder refuses.

    Examples
    --------
    >>> from mnist_tool import export_model
    >>> export_model("fast-cnn-1", "digits.onnx").size  # doctest: +SKIP
    169874
    """
    chosen = model_format(target, form)
    trained = find_model(run)
    path = configuration.user_path(target or f"{trained.file}.{chosen.name}")
    if stands(path) == "folder":
        path /= f"{trained.facts['name']}.{chosen.name}"
    if os.path.lexists(path) and not force and stands(path) != "other":
        raise SettingError(f"{path} is there already.", hint="Replace it with --force.")
    content = chosen.content(trained.model, trained.facts)
    replace_content(path, content, "model", "--output", ours=b"")  # --force has been asked for
    return ExportedModel(path, chosen.name, len(content), trained.facts)


def find_model(run: Run | str | os.PathLike[str]) -> TrainedModel:
    """Return the model of a run, or the one that ships; see `export_model`."""
    if isinstance(run, Run):
        return of_run(run)
    if os.fspath(run) == SHIPPED:
        return of_shipped()
    return of_run(find_run(configuration.user_path(run), configuration.get("runs"), [SHIPPED]))


def model_format(target: str | os.PathLike[str] | None, form: str | None) -> ModelFormat:
    """Return the form that is named, else that of the target's name, else ONNX.

    Raises
    ------
    SettingError
        If there is no such form, or the name does not say which or says another one.
    """
    known = f"There are: {', '.join(MODEL_FORMATS)}."
    if form is not None and form not in MODEL_FORMATS:
        hint = did_you_mean(form, MODEL_FORMATS, "--format {}", known)
        raise SettingError(f"There is no format {form!r} of models.", hint=hint)
    if target is None or stands(Path(target)) == "folder":
        return MODEL_FORMATS[form or "onnx"]
    ending = Path(target).suffix.lower().removeprefix(".")
    if form is not None and ending in MODEL_FORMATS and ending != form:
        raise SettingError(
            f"{os.fspath(target)} would be {form}, but it ends in .{ending}.",
            hint=f"Leave out --format {form}, or let the name end in .{form}.",
        )
    if form is not None or ending in MODEL_FORMATS:
        return MODEL_FORMATS[form or ending]
    raise SettingError(
        f"What {os.fspath(target)} is to be, its name does not say.",
        hint=f"Say it with --format: {', '.join(MODEL_FORMATS)}.",
    )


def _texts(facts: dict[str, Any]) -> dict[str, str]:
    """Return facts as metadata has them: texts alone, and JSON where there is more to one."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in encode(facts).items()
    }


def _onnx(model: nn.Module, facts: dict[str, Any]) -> bytes:
    from mnist_tool.training.committee import Committee
    from mnist_tool.training.operations import operations

    members = model.members if isinstance(model, Committee) else [model]
    return onnx_bytes([operations(each) for each in members], len(facts["classes"]), _texts(facts))


def _safetensors(model: nn.Module, facts: dict[str, Any]) -> bytes:
    try:
        from safetensors.torch import save
    except ImportError as error:
        raise DependencyError(
            f"safetensors writes its files: {error}.", hint=install_extra("safetensors")
        ) from error
    numbers = {name: each.contiguous() for name, each in model.state_dict().items()}
    content: bytes = save(numbers, _texts(facts))
    return content


def _json(model: nn.Module, facts: dict[str, Any]) -> bytes:
    """Write what the page holds: see `page.document`."""
    from mnist_tool.training.operations import operations

    classes = facts["classes"]
    run = {name: value for name, value in facts.items() if name != "classes"}
    content = {"run": run, "classes": classes, "network": operations(model)}
    return json.dumps(encode(content), ensure_ascii=False, allow_nan=False).encode() + b"\n"


MODEL_FORMATS = {
    each.name: each
    for each in (
        ModelFormat("onnx", "for ONNX Runtime and all others that read ONNX", _onnx),
        ModelFormat(
            "safetensors", "the weights under torch's names, for torch and others", _safetensors
        ),
        ModelFormat("json", "what it computes, step by step, as the page has it", _json),
    )
}
