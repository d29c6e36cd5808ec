"""Convert only what the user gave, and refuse what is empty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import typer

__all__ = ["convert_what_is_given"]


def convert_what_is_given(parameters: Iterable[Any]) -> None:
    """Keep parameters from being converted where they have the default their function wants.

    To convert nothing, too, Typer would load pydantic, which takes a third of the time that
    ``mnist-tool verify`` takes without it. An empty text is no value of any parameter, and must not
    become the current folder, as it does when a shell's variable is not set.

    Parameters
    ----------
    parameters : iterable of Typer parameter
        Those of one command. Click's documented ``process_value`` of each is replaced.
    """
    for parameter in parameters:
        parameter.process_value = _sparing(parameter)


def _sparing(parameter: Any) -> Any:
    convert = parameter.process_value

    def process_value(context: Any, value: Any) -> Any:
        if "" in (value if isinstance(value, (list, tuple)) else (value,)):
            raise typer.BadParameter(
                "it is empty; is a variable of the shell not set?", ctx=context, param=parameter
            )
        if parameter.required or value != parameter.default:
            try:
                return convert(context, value)
            except typer.BadParameter as error:
                raise _worded(error, value) from None
        if value is None and (parameter.multiple or parameter.nargs == -1):
            value = ()
        callback = parameter.callback
        return callback(context, parameter, value) if callback else value

    return process_value


# The words of the libraries that Typer converts with, pydantic and before it Click, and ours.
FOREIGN = (
    (re.compile(r"Input should be a valid integer|.* is not a valid integer"), "a whole number"),
    (re.compile(r"Input should be a valid number|.* is not a valid float"), "a number"),
    (re.compile(r"Input should be a valid boolean|.* is not a valid boolean"), "yes or no"),
    (re.compile(r"(?:Input should be|.* is not(?= in the range)) (.*?)\.?$"), r"\1"),
)


def _worded(error: typer.BadParameter, value: Any) -> typer.BadParameter:
    """Say in our words what is wrong with a value."""
    for theirs, ours in FOREIGN:
        if found := theirs.match(error.message):
            error.message = f"{value!r} must be {found.expand(ours)}."
            break
    return error
