"""A mirror: a base URL under which each file lies packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnist_tool.dataset.attempt import redact
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.sources.base import Source, Worker

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks
    from mnist_tool.dataset.network.way import Way

__all__ = ["Mirror"]


@dataclass(frozen=True)
class Mirror(Source):
    """A mirror; `location` is the base URL, with its slash at the end."""

    kind: ClassVar[str] = "files"

    def bring(self, worker: Worker) -> None:
        """Ask for each wanted file, until the host itself turns out to be of no use."""
        from mnist_tool.dataset.network.download import session

        with session() as http:
            for file in worker.wanted():
                url = f"{self.location}{file.packed}"
                with worker.attempt(redact(url), file.packed, file=file) as attempt:
                    worker.download(attempt, url, http, file=file)
                if OUTCOMES[attempt.outcome].ends_host or worker.over():
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
