"""Which published file some bytes came out of, where nothing else proves what they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol

from mnist_tool.dataset.datafile import Carrier

__all__ = ["Digests", "carrier_of", "may_come_from"]


class Digests:
    """The digests of what has been read so far.

    Parameters
    ----------
    algorithms : iterable of str
        Names of those that are of use.
    """

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=name != "md5") for name in algorithms
        }

    def update(self, chunk: bytes) -> None:
        """Take the next bytes into account."""
        for each in self._hashes.values():
            each.update(chunk)

    def are_of(self, carrier: Carrier) -> bool:
        """Return whether what has been read is this published file."""
        own = self._hashes.get(carrier.algorithm)
        return own is not None and own.hexdigest() == carrier.digest


class Carried(Protocol):
    """A stream that knows in what it was found; see `archives.Capped`.

    Attributes
    ----------
    within : Carried or None
        The container, whose own bytes they are; ``None`` for what lies on the disk as it is.
    member : str
        Last part of its name in an archive; empty where the container is only compressed.
    digests : Digests or None
        Of its bytes, if anybody wants to know.
    """

    within: Carried | None
    member: str
    digests: Digests | None


def may_come_from(stream: object, carriers: Iterable[Carrier]) -> bool:
    """Return whether a stream's names allow that it came out of one of these published files.

    Two members of one archive may begin alike; it costs nothing to tell them by their names.
    """
    members = {step.member for step in _outwards(stream)}
    return any(not carrier.member or carrier.member in members for carrier in carriers)


def carrier_of(stream: object, carriers: Iterable[Carrier]) -> Carrier | None:
    """Return the published file that a stream came out of, once it was read to its end.

    Parameters
    ----------
    stream : object
        From `archives.Contents`; any other came out of nothing.
    carriers : iterable of Carrier
        Those to look for.
    """
    for step in _outwards(stream):
        outer = step.within
        if outer is None or outer.digests is None:
            continue
        for carrier in carriers:
            if carrier.member == step.member and outer.digests.are_of(carrier):
                return carrier
    return None


def _outwards(stream: object) -> Iterable[Carried]:
    """Yield a stream, the container that it was found in, what that was found in, and so on."""
    step: Carried | None = stream if hasattr(stream, "within") else None  # type: ignore[assignment]
    while step is not None:
        yield step
        step = step.within
