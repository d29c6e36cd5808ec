"""A mirror: a base URL under which each file lies packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnist_tool.dataset.attempt import redact
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.sources.base import Receiver, Source

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks
    from mnist_tool.dataset.network.way import Way

__all__ = ["Mirror"]


@dataclass(frozen=True)
class Mirror(Source):
    """A mirror; `location` is the base URL, with its slash at the end.

    Parameters
    ----------
    plain : bool
        Whether to ask for the plain file where the packed one is not there: it may be somebody's
        ``raw/``, served as it is.
    """

    plain: bool = False

    kind: ClassVar[str] = "files"

    def bring(self, receiver: Receiver) -> None:
        """Ask for each wanted file, until the host itself turns out to be of no use."""
        from mnist_tool.dataset.network.download import session

        ways = [False, True] if self.plain else [False]
        with session() as http:
            for file in receiver.wanted():
                for unpacked in tuple(ways):
                    name = file.name if unpacked else file.packed
                    url = f"{self.location}{name}"
                    with receiver.attempt(redact(url), name, file=file) as attempt:
                        receiver.download(attempt, url, http, file=None if unpacked else file)
                    if attempt.outcome != "status":
                        break
                    ways.append(ways.pop(0))  # what is not there is asked for last from now on
                if OUTCOMES[attempt.outcome].ends_host or receiver.over():
                    return

    def sample(
        self, files: Sequence[DataFile], http: requests.Session, clocks: Clocks, way: Way
    ) -> str:
        """Return the address of the largest file: it tells most of the rate."""
        del http, clocks, way
        return f"{self.location}{max(files, key=lambda file: file.size).packed}"

    def by_hand(self, names: Sequence[str]) -> list[str]:
        """Return the address of each file."""
        return [f"{self.shown}{name}" for name in names]
