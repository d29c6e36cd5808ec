"""Read a recipe's values from ``NAME=VALUE`` and check them: words, numbers, pairs of shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal, get_args, get_origin

from mnist_tool.advice import did_you_mean, nearest
from mnist_tool.errors import SettingError
from mnist_tool.training.validate import shown

__all__ = ["check", "option_name", "read"]

SWITCH = {"on": True, "off": False}
Kinds = Mapping[str, Any]


def read(pairs: Iterable[str], kinds: Kinds, options: Iterable[str]) -> dict[str, Any]:
    """Turn the words after ``--set`` into values.

    Parameters
    ----------
    pairs : iterable of str
        ``NAME=VALUE``, the name with dashes or underscores.
    kinds : mapping of str to type
        What each name may be: a ``Literal``, ``float``, ``int``, ``bool``, or a tuple of floats.
    options : iterable of str
        Names that have an option of their own.

    Raises
    ------
    SettingError
        If there is no such name, or it is not followed by a value. Whether the value can be used
        is for `check` to say.

    Examples
    --------
    >>> read(["betas=0.8,0.99"], {"betas": tuple[float, float]}, ())
    {'betas': (0.8, 0.99)}
    """
    return dict(_read(pair, kinds, options) for pair in pairs)


def _read(pair: str, kinds: Kinds, options: Iterable[str]) -> tuple[str, Any]:
    option, equals, text = pair.partition("=")
    name = option.strip().replace("-", "_")
    if name in options:
        raise SettingError(
            f"--set {pair}: {option_name(name)} has an option of its own.",
            hint=f"Say: --{option_name(name)} {text}".rstrip(),
        )
    if name not in kinds:
        raise _unknown(pair, name, text.strip(), kinds)
    if not equals:
        raise _unusable(name, None, kinds[name])
    return name, _value(text.strip(), kinds[name])


def _unknown(pair: str, name: str, text: str, kinds: Kinds) -> SettingError:
    names = ", ".join(map(option_name, kinds))
    near = nearest(name, kinds)
    return SettingError(
        f"--set {pair}: a recipe has no value of that name to change.",
        hint=f"Did you mean --set {option_name(near)}={_example(kinds[near], text)}?"
        if near
        else f"There are {names}; for another model choose another --recipe.",
    )


def _value(text: str, kind: Any) -> Any:
    """Convert a text; where that cannot be, return it as it is, for `check` to refuse."""
    if get_origin(kind) is tuple:
        return tuple(_value(part.strip(), float) for part in text.split(","))
    if kind is bool:
        return SWITCH.get(text, text)
    if kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def check(name: str, value: Any, kind: Any) -> None:
    """Raise `SettingError` if a value of a recipe is not of its kind.

    Examples
    --------
    >>> check("label_smoothing", 0.1, float)
    """
    if not _fits(value, kind):
        raise _unusable(name, value, kind)


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        return (
            isinstance(value, tuple) and len(value) == len(parts) and all(map(_fits, value, parts))
        )
    if kind is float:  # every such number of a recipe is a share
        return isinstance(value, float | int) and 0 <= value < 1
    if kind is int:
        return type(value) is int and value >= 0
    return isinstance(value, bool)


def _unusable(name: str, value: Any, kind: Any) -> SettingError:
    given = option_name(name) if value is None else f"{option_name(name)}={_written(value)}"
    return SettingError(
        f"--set {given} cannot be used: {option_name(name)} must be {_described(kind)}.",
        hint=did_you_mean(
            value if isinstance(value, str) else "",
            get_args(kind) if get_origin(kind) is Literal else (),
            f"--set {option_name(name)}={{}}",
            f"Say for example: --set {option_name(name)}={_example(kind, '')}",
        ),
    )


def _written(value: Any) -> str:
    parts = value if isinstance(value, tuple | list) else [value]
    return ",".join(part if isinstance(part, str) else shown(part) for part in parts)


def _described(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    if get_origin(kind) is tuple:
        return f"{len(get_args(kind))} numbers from 0 to below 1, with a comma between them"
    return {
        float: "a number from 0 to below 1",
        int: "a whole number, 0 or more",
        bool: " or ".join(SWITCH),
    }[kind]


def _example(kind: Any, given: str) -> str:
    if get_origin(kind) is Literal:
        return nearest(given, get_args(kind)) or str(get_args(kind)[-1])
    if get_origin(kind) is tuple:
        return ",".join(["0.9", "0.99"][: len(get_args(kind))])
    return {float: "0.1", int: "1", bool: "on"}[kind]


def option_name(name: str) -> str:
    """Return the word for the command line: ``label_smoothing`` is ``label-smoothing``."""
    return name.replace("_", "-")
