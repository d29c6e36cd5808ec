"""Check what the files of a run hold: what each value may be, and JSON read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = [
    "SHARE",
    "Fields",
    "Kind",
    "Maybe",
    "Number",
    "Several",
    "Table",
    "Unfit",
    "Whole",
    "Word",
    "read_json",
    "shown",
    "unfit",
]

LARGEST_WHOLE = 2**63 - 1
LARGEST_FLOAT = 3.5e38  # just above the largest float32, in which costs are computed
MOST_DIGITS = 20  # of a whole number in JSON
IT = "it"  # what a message calls the whole file
LONG = 30  # characters of a value that a message shows


class Unfit(ValueError):  # noqa: N818 - what the file is, not what we did wrong
    """What a file holds is not what a training wrote; the message is a clause that says why."""


class Kind(Protocol):
    """What a value may be."""

    def take(self, value: Any, name: str) -> Any:
        """Return the value, plain and without what nobody knows; or raise `Unfit` by its name."""


@dataclass(frozen=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int = 0
    most: int = LARGEST_WHOLE

    def take(self, value: Any, name: str) -> int:
        """Return it; see `Kind`."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise unfit(name, value, f"a whole number from {self.least} to {self.most}")
        return value


@dataclass(frozen=True)
class Number:
    """A number from `least` to `most`; neither NaN nor, as a rule, infinity is one."""

    least: float = 0.0
    most: float = LARGEST_FLOAT

    def take(self, value: Any, name: str) -> float:
        """Return it; see `Kind`."""
        if type(value) not in (int, float) or not self.least <= value <= self.most:
            raise unfit(name, value, f"a number from {self.least:g} to {self.most:g}")
        return value  # type: ignore[no-any-return]


SHARE = Number(0.0, 1.0)


@dataclass(frozen=True)
class Word:
    """A text of at most `longest` characters."""

    longest: int = 100

    def take(self, value: Any, name: str) -> str:
        """Return it; see `Kind`."""
        if type(value) is not str or len(value) > self.longest:
            raise unfit(name, value, f"a text of at most {self.longest} characters")
        return value


@dataclass(frozen=True)
class Maybe:
    """A value of a kind, or ``None``."""

    kind: Kind

    def take(self, value: Any, name: str) -> Any:
        """Return it; see `Kind`."""
        return None if value is None else self.kind.take(value, name)


@dataclass(frozen=True)
class Several:
    """A list of `least` to `most` values of one kind."""

    kind: Kind
    most: int
    least: int = 0

    def take(self, value: Any, name: str) -> list[Any]:
        """Return it; see `Kind`."""
        if not isinstance(value, list | tuple) or not self.least <= len(value) <= self.most:
            count = f"{self.least} to {self.most}" if self.least != self.most else self.most
            raise unfit(name, value, f"a list of {count} values")
        return [self.kind.take(each, f"{name}[{place}]") for place, each in enumerate(value)]


@dataclass(frozen=True)
class Table:
    """A mapping of at most `most` texts to values of one kind."""

    kind: Kind
    most: int = 1000

    def take(self, value: Any, name: str) -> dict[str, Any]:
        """Return it; see `Kind`."""
        if not isinstance(value, dict) or len(value) > self.most:
            raise unfit(name, value, f"a mapping of at most {self.most} names to values")
        inside = f"an entry of {name or IT}"
        return {Word().take(key, inside): self.kind.take(value[key], inside) for key in value}


@dataclass(frozen=True)
class Fields:
    """A mapping with known names; others, which another version may have written, are left out.

    Parameters
    ----------
    needed, optional : mapping of str to Kind
        The names that must be there, and those that may.
    """

    needed: Mapping[str, Kind]
    optional: Mapping[str, Kind] = field(default_factory=dict)

    def take(self, value: Any, name: str) -> dict[str, Any]:
        """Return it; see `Kind`."""
        if not isinstance(value, dict):
            raise unfit(name, value, "a mapping of names to values")
        for each in self.needed:
            if each not in value:
                raise Unfit(f"{name or IT} has no {each}")
        known = {**self.needed, **self.optional}
        inside = f"{name}." if name else ""
        return {
            each: kind.take(value[each], f"{inside}{each}")
            for each, kind in known.items()
            if each in value
        }


def read_json(text: str) -> Any:
    """Parse a JSON document.

    Raises
    ------
    Unfit
        If it is none, is nested so deep that it cannot be read, says a name twice, or has a number
        that is none.

    Examples
    --------
    >>> read_json('{"cost": 0.5}')
    {'cost': 0.5}
    """
    try:
        return json.loads(
            text, object_pairs_hook=_named_once, parse_constant=_refuse, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        raise Unfit(f"it is no JSON: {error}") from error
    except RecursionError:
        raise Unfit("it is nested too deep") from None


def shown(value: Any) -> str:
    """Write a value in a few characters; Python refuses to write a number of 5,000 digits."""
    if isinstance(value, int) and abs(value) >= 10**LONG:
        return f"a number of more than {LONG} digits"
    if not isinstance(value, str | int | float | None):
        return f"a {type(value).__name__}"  # a list may be endless, and a tensor long
    text = repr(value[: LONG + 1] if isinstance(value, str) else value)
    return text if len(text) <= LONG + 2 else f"{text[:LONG]}..."


def unfit(name: str, value: Any, right: str) -> Unfit:
    """Say what a value is and what it should be."""
    return Unfit(f"{name or IT} is {shown(value)}, not {right}")


def _named_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise Unfit("it says a name twice")
    return values


def _refuse(word: str) -> Any:
    raise Unfit(f"{word} is no number")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise Unfit(f"it has a number of {len(digits)} digits")
    return int(digits)
