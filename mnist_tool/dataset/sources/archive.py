"""An archive's URL: one download with everything in it, packed in whatever way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.sources.base import Receiver, Source

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks
    from mnist_tool.dataset.network.way import Way

__all__ = ["Archive"]


@dataclass(frozen=True)
class Archive(Source):
    """An archive; `location` is its URL.

    Parameters
    ----------
    keep : str
        Name under which it stays in ``raw/``, where other data sets come out of it as well; empty
        if it does not.
    """

    keep: str = ""

    kind: ClassVar[str] = "archive"

    def bring(self, receiver: Receiver) -> None:
        """Download it once and take what is wanted."""
        from mnist_tool.dataset.network.download import session

        what = self.shown.rpartition("/")[2] or self.shown
        with receiver.attempt(self.shown, what) as attempt, session() as http:
            receiver.download(attempt, self.location, http, keep=self.keep)

    def sample(
        self, files: Sequence[DataFile], http: requests.Session, clocks: Clocks, way: Way
    ) -> str:
        """Return its own address."""
        del files, http, clocks, way
        return self.location

    def by_hand(self, names: Sequence[str]) -> list[str]:
        """Return its own address, whatever is needed."""
        del names
        return [f"or everything at once: {self.shown}"]
